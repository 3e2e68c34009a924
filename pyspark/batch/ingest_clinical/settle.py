"""Decides repeats, revisions and contradictions, fills quarantine, and closes the ledger of each file."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.ingest_clinical.staged_tables import CLINICAL_TABLES, KEYS
from batch.ingest_lines.file_outcome import outcome_of_file
from batch.ingest_lines.staged_rows import StagedRows, counts_of
from batch.ingest_variants.input_file import InputFile
from batch.quarantine import quarantine_samples, write_quarantine
from batch.sources.clinical.types import CLINICAL_RULES
from batch.sources.vcf.types import Rejection
from batch.sql_steps import run_step
from batch.transforms.quarantine import CONFLICT, quarantine_line, quarantined

_ORDER: Final = ("phase", "record_index")
_STAGED: Final = ("row_index", "row_key", "record_index", "file_index", "last_updated", "content_hash")
_EXISTING: Final = "table_name string, row_key string, last_updated string, content_hash bigint"
_TEXTS: Final = "file_index int, record_index string, text binary"


def row_key_of(table: str) -> Column:
    """The expression that gives a written row the key it was staged under."""
    parts: list[Column] = []
    for column in KEYS[table]:
        parts += [f.lit("\t"), f.col(column)] if parts else [f.col(column)]
    return f.concat(*parts)


def bind_keys(context: JobContext, staged: StagedRows) -> None:
    """Makes `staged_keys` and `existing_keys`: the rows of this job, and those the base has in the same tables."""
    session = context.session
    keys: DataFrame | None = None
    existing = session.createDataFrame([], _EXISTING)
    for table in CLINICAL_TABLES:
        if not staged.has(table) and table != CLINICAL_TABLES[0]:
            continue
        rows = session.table(f"staged_{table}").select(f.lit(table).alias("table_name"), *_STAGED)
        keys = rows if keys is None else keys.unionByName(rows)
        if staged.has(table) and context.base.files(table):
            known = context.rows(table).frame
            row_key = row_key_of(table).alias("row_key")
            existing = existing.unionByName(
                known.select(f.lit(table).alias("table_name"), row_key, "last_updated", "content_hash")
            )
    assert keys is not None
    keys.createOrReplaceTempView("staged_keys")
    existing.createOrReplaceTempView("existing_keys")


def settle_files(context: JobContext, files: Sequence[InputFile], staged: StagedRows) -> dict[int, Mapping[str, Any]]:
    """Runs the steps of `sql/` over the staged rows, and writes what is rejected. `files` are those that stand."""
    session = context.session
    bind_keys(context, staged)
    for step in ("clinical-outcomes", "clinical-record-outcomes"):
        run_step(session, step)
    records = counts_of(context, "clinical_record_outcomes")
    contradicting = sum(found.get("conflict", 0) for found in records.values())
    rejected = staged.of("rejected").select("file_index", f.lit(0).alias("phase"), "record_index", "text")
    if contradicting > 0:
        outcomes = session.table("clinical_record_outcomes").where("outcome = 'conflict'").select("record_index")
        texts = staged.of("records").join(outcomes, "record_index").select("file_index", "record_index", "line", "raw")
        names = {file.index: file.raw.name for file in files}
        told = texts.mapInArrow(partial(_conflicts, names), _TEXTS)
        rejected = rejected.unionByName(
            told.select("file_index", f.lit(1).alias("phase"), "record_index", "text").persist()
        )
    total = contradicting + sum(sum(staged.read.files[file.index].rejected.values()) for file in files)
    samples: dict[int, list[bytes]] = {}
    if total > 0:
        write_quarantine(context, rejected, _ORDER, total)
        samples = quarantine_samples(rejected, _ORDER)
    return {
        file.index: outcome_of_file(
            context,
            file,
            staged.read.files[file.index],
            records.get(file.index, {}),
            samples.get(file.index, []),
            has_alleles=False,
        )
        for file in files
    }


def _conflicts(names: Mapping[int, str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Lines of quarantine for records that contradict what is known."""
    found = "an id that is known, with other content and no later meta.lastUpdated"
    for batch in batches:
        texts = [
            quarantine_line(
                quarantined(names[file], Rejection(line, "id", CONFLICT, CLINICAL_RULES[CONFLICT], found, raw))
            )
            for file, _, line, raw in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ]
        columns = [batch.column(0), batch.column(1), pa.array(texts, pa.binary())]
        yield pa.RecordBatch.from_arrays(columns, ["file_index", "record_index", "text"])
