"""Who the subjects of tables are: a join of their lines with what the base snapshot knows."""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import pyarrow as pa
from pyspark import Broadcast, TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.ingest_clinical.stage_units import ClinicalJob, Placed, stage_outcomes
from batch.ingest_lines.line_report import LineReport, together
from batch.ingest_variants.input_file import InputFile
from batch.ingest_variants.staged_writer import StagedWriter
from batch.sources.clinical.reader import LineReader
from batch.sources.clinical.types import KnownPerson

READING: Final = 1 << 30
"""Above the number of every reading of a unit."""
_REPORT: Final = "report binary"


def known_people(context: JobContext, system: str) -> DataFrame:
    """`subject`, `people` (how many are known by it), `patient_id` and `gender` of one of them."""
    links, patients = context.rows("links").frame, context.rows("patients").frame
    known = links.where(f.col("system") == system).select(f.col("id").alias("subject"), "patient_id")
    people = patients.select(f.col("id").alias("patient_id"), "gender")
    return (
        known.join(people, "patient_id")
        .distinct()
        .groupBy("subject")
        .agg(f.count("*").alias("people"), f.min("patient_id").alias("patient_id"), f.min("gender").alias("gender"))
    )


def read_known(
    context: JobContext, shared: ClinicalJob, subjects: DataFrame, system: str, files: Sequence[InputFile]
) -> dict[int, LineReport]:
    """Reads staged lines of tables with who their subjects are, and stages their rows.

    Args:
        context: Of the job.
        shared: How files are read.
        subjects: `file_index`, `line`, `raw` and `subject` of each line.
        system: By which subjects are known.
        files: Those the lines are of.
    """
    joined = subjects.select("file_index", "line", "raw", "subject").join(
        known_people(context, system), "subject", "left"
    )
    parts = joined.sortWithinPartitions("file_index", "line")
    wanted = parts.select("file_index", "line", "raw", "people", "patient_id", "gender")
    sent = context.session.sparkContext.broadcast((shared, {file.index: file for file in files}))
    answers = wanted.mapInArrow(lambda batches: _stage(sent, batches), _REPORT).collect()
    reports: dict[int, list[LineReport]] = {}
    for answer in answers:
        report: LineReport = pickle.loads(answer["report"])
        reports.setdefault(report.file_index, []).append(report)
    return {index: together(of_file) for index, of_file in reports.items()}


def _stage(
    sent: "Broadcast[tuple[ClinicalJob, dict[int, InputFile]]]", batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    job, files = sent.value
    task = TaskContext.get()
    part = task.partitionId() if task is not None else 0
    rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))
    reports = []
    with StagedWriter(job.lake, job.folder, f"known-{part:06d}", job.tables) as writer:
        for index, of_file in groupby(rows, key=lambda row: row[0]):
            report = LineReport(index, READING + part)
            before = dict(writer.rows)
            stage_outcomes(_outcomes(job, index, of_file), files[index], report, writer)
            report.rows = {kind: count - before[kind] for kind, count in writer.rows.items()}
            reports.append(pickle.dumps(report))
    yield pa.RecordBatch.from_arrays([pa.array(reports, pa.binary())], ["report"])


def _outcomes(job: ClinicalJob, index: int, rows: Iterable[tuple[Any, ...]]) -> Iterator[Placed]:
    known: list[KnownPerson] = []
    reader = LineReader(job.layouts[index], job.sample_systems, lambda _: known)
    for _, line, raw, people, patient_id, gender in rows:
        # Only their number counts where they are several.
        known[:] = [KnownPerson(patient_id, gender)] * (people or 0)
        for entry, outcome in enumerate(reader.read(line, raw)):
            yield line, entry, outcome
