SHELL := /bin/bash
DATA ?= .vitalome
PORT ?= 4000
ARGS ?=

.PHONY: build up stack python test parity chaos test-all bench clean

node_modules/.package-lock.json: package-lock.json
	npm ci --no-progress >&2
	@touch node_modules/.package-lock.json

## Installs and compiles, and checks that schema.graphql is what the code says.
build: node_modules/.package-lock.json
	npm run --silent build
	@touch dist/.built

## Runs the product on this machine.
up: build
	bin/vitalome up --data $(DATA) --port $(PORT) $(ARGS)

## HDFS, Kafka and Spark's Thrift server on this machine.
stack: build
	bin/vitalome stack up $(ARGS)

## The Python of the jobs with its tools of development; prints the interpreter.
python: build
	@bin/vitalome stack python --dev

## Lint, types, drift of generated files, and every test of both languages; the last line counts them.
test: build
	npm run --silent lint
	npm run --silent typecheck
	npm run --silent codegen:check
	python=$$(bin/vitalome stack python --dev) && cd pyspark && \
	  $$python -m ruff check . && $$python -m ruff format --check . && $$python -m mypy && \
	  node ../test/run-all.mjs $$python

## Kills, stops and cuts off HDFS, Kafka, Spark and jobs, each on servers of its own.
chaos: build
	VITALOME_LONG_TESTS=1 NODE_OPTIONS=--experimental-vm-modules npx jest -i outage faults death event-log-kafka stack/life chaos/live chaos/subscribers chaos/ingest

## The same jobs and questions in both profiles, real data and exports too: rows, ledgers, quarantine and JSON compared.
parity: build
	VITALOME_LONG_TESTS=1 NODE_OPTIONS=--experimental-vm-modules npx jest test/parity

## Everything that `make test` leaves out too: formatting and what takes long.
test-all: test parity chaos
	npm run --silent format:check

bench: build
	node bench/run.mjs $(ARGS)

clean:
	rm -rf dist node_modules coverage
