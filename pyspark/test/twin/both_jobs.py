"""Runs one job in both profiles, each on a store of its own, and compares all that came of it."""

import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from batch.base_snapshot import read_base_snapshot
from batch.context import JobContext, JobSpec
from batch.derived import without_stale
from batch.jobs import JOBS
from batch.lake import write_bytes
from batch.lake_folder import FolderLake
from batch.result import result_json
from batch.table import arrow_schema, schema_of

SCRIPT = Path(__file__).parent / "run-jobs.mjs"
Row = tuple[Any, ...]


class Embedded:
    """The compiled embedded profile, as a process that answers commands."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, **command: object) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(command)}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "failure" not in answer, answer
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


class BothProfiles:
    """Two stores that hold the same, one job after the other."""

    def __init__(self, embedded: Embedded, session: SparkSession, folder: Path) -> None:
        self.embedded = embedded
        self.session = session
        self.stores = {"embedded": folder / "embedded", "spark": folder / "spark"}
        self.snapshot = 0
        self.jobs = 0

    def upload(self, name: str, content: bytes) -> str:
        """The id of a file both stores have."""
        digest = hashlib.sha256(content).hexdigest()
        suffix = "".join(Path(name).suffixes[-2:]).lower()
        for store in self.stores.values():
            write_bytes(FolderLake(str(store)), f"raw/{digest}/data{suffix}", content)
        return f"raw:{digest}/{name}"

    def run(self, kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Runs the job in both, asserts that they agree, publishes both, and answers the result of the embedded one."""
        self.jobs += 1
        id = f"job-{self.jobs}"
        spec = {
            "id": id,
            "kind": kind,
            "parameters": dict(parameters),
            "baseSnapshot": self.snapshot,
            "submittedBy": "test",
        }
        wanted = self.embedded.ask(store=str(self.stores["embedded"]), spec=spec)
        found = self.run_spark(spec)
        assert found["files"] == wanted["files"]
        names = sorted({file["table"] for file in wanted["add"]})
        assert sorted({file["table"] for file in found["add"]}) == names
        for name in names:
            assert self.facts(found, name) == self.facts(wanted, name), name
        assert set(found["remove"]) == set(wanted["remove"])
        for index in range(len(wanted["files"])):
            assert self.quarantine("spark", id, index) == self.quarantine("embedded", id, index)
        if wanted["add"]:
            answers = {name: self.embedded.ask(store=str(store), publish=id) for name, store in self.stores.items()}
            assert answers["spark"] == answers["embedded"]
            self.snapshot = answers["spark"]["snapshot"]
            for name in {*names, *wanted["remove"]}:
                self.compare(name)
        return wanted

    def run_spark(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """As `run_job.py` does, in this session."""
        lake = FolderLake(str(self.stores["spark"]))

        def ignore(*_: object) -> None:
            pass

        base = read_base_snapshot(lake, spec["baseSnapshot"])
        of_job = JobSpec(spec["id"], spec["kind"], spec["parameters"], spec["baseSnapshot"])
        context = JobContext(of_job, self.session, lake, base, ignore, ignore, Event())
        result = without_stale(JOBS[spec["kind"]](context), base)
        value = result_json(result, spec["id"], spec["kind"], spec["baseSnapshot"])
        write_bytes(lake, f"runs/{spec['id']}/result.json", json.dumps(value).encode())
        self.session.catalog.clearCache()
        return value

    def facts(self, result: Mapping[str, Any], table: str) -> list[tuple[str, int]]:
        """Rows by what the catalog is told of the files of a table."""
        rows: dict[str, int] = {}
        for file in result["add"]:
            if file["table"] == table:
                meta = json.dumps(file["meta"], sort_keys=True)
                rows[meta] = rows.get(meta, 0) + file["rows"]
        return sorted(rows.items())

    def quarantine(self, store: str, id: str, index: int) -> bytes:
        path = self.stores[store] / "quarantine" / id / f"{index}.ndjson"
        return path.read_bytes() if path.exists() else b""

    def compare(self, table: str) -> int:
        """Asserts that the newest snapshots hold the same rows, and that files are sorted; answers their number."""
        found, wanted = (self.rows(store, table) for store in ("spark", "embedded"))
        assert found == wanted, table
        return len(found)

    def rows(self, store: str, table: str) -> list[Row]:
        files = read_base_snapshot(FolderLake(str(self.stores[store])), self.snapshot).files(table)
        schema = schema_of(table)
        names = [column["name"] for column in schema["columns"]]
        rows: list[Row] = []
        for file in files:
            held = pq.ParquetFile(self.stores[store] / file.path).read()
            assert held.schema.names == names
            assert [str(field.type) for field in held.schema] == [str(field.type) for field in arrow_schema(table)]
            cells = list(zip(*(held.column(name).to_pylist() for name in names), strict=True))
            assert len(cells) == file.rows
            keys = [ordered([row[names.index(name)] for name in schema["sortedBy"]]) for row in cells]
            assert keys == sorted(keys)
            rows += cells
        return sorted(rows, key=ordered)


def ordered(row: Sequence[Any]) -> list[tuple[bool, Any]]:
    """A key that puts nulls last."""
    return [(cell is None, cell) for cell in row]
