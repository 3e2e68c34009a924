"""Writes what is kept of people.

A file of the base that holds a row with a later version is written again without it.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.base_snapshot import DataFile
from batch.context import JobContext
from batch.ingest_clinical.settle import row_key_of
from batch.ingest_clinical.staged_tables import CLINICAL_TABLES, COLUMNS
from batch.ingest_lines.staged_rows import StagedRows
from batch.table import table
from batch.write_tables import TableOutput

_ACCEPTED = "outcome = 'accepted'"


def write_people(context: JobContext, staged: StagedRows, output: TableOutput) -> Mapping[str, list[str]]:
    """Answers the files of the base that are replaced: every id is in a snapshot once."""
    session = context.session
    outcomes = session.table("clinical_outcomes").where(_ACCEPTED)
    records = session.table("clinical_record_outcomes").where(_ACCEPTED).select("record_index")
    kept = outcomes.join(records, "record_index", "left_semi").persist(StorageLevel.DISK_ONLY)
    counts = {
        row["table_name"]: (row["rows"], row["revised"])
        for row in kept.groupBy("table_name")
        .agg(f.count("*").alias("rows"), f.count_if("revises").alias("revised"))
        .collect()
    }
    files = session.table("staged_files").withColumnRenamed("name", "source_file")
    remove: dict[str, list[str]] = {}
    plans = []
    for name in CLINICAL_TABLES:
        count, revised = counts.get(name, (0, 0))
        if count == 0:
            continue
        accepted = kept.where(f.col("table_name") == name)
        rows = (
            session.table(f"staged_{name}")
            .join(accepted.select("row_index"), "row_index")
            .join(f.broadcast(files), "file_index")
            .select(*COLUMNS[name], "source_file", f.col("line").alias("source_line"), "run_id")
        )
        plans.append((name, rows))
        output.write(table(name, rows), {}, count=count)
        if revised > 0:
            gone = write_rest(context, name, accepted.where("revises").select("row_key"), output)
            if gone:
                remove[name] = gone
    context.keep_plan(*plans)
    return remove


def write_rest(context: JobContext, name: str, revised: DataFrame, output: TableOutput) -> list[str]:
    """Writes the rows that stay of files of the base that hold a revised row, and answers these files."""
    files = context.base.files(name)
    held = context.rows(name).frame.withColumn("row_key", row_key_of(name)).withColumn("path", f.input_file_name())
    places = [row["path"] for row in held.join(revised, "row_key", "left_semi").select("path").distinct().collect()]
    gone = tuple(file for file in files if any(_is_at(place, file) for place in places))
    if not gone:
        return []
    rest = context.rows_of(name, gone).frame.withColumn("row_key", row_key_of(name))
    output.write(table(name, rest.join(revised, "row_key", "left_anti").drop("row_key")), {})
    return [file.path for file in gone]


def _is_at(place: str, file: DataFile) -> bool:
    return unquote(place).endswith(f"/{file.path}")
