"""The staging tables as views of Spark, for the steps of `sql/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.ingest_variants.input_file import InputFile
from batch.ingest_variants.read_files import ReadInput
from batch.ingest_variants.staged_tables import staged_spark
from batch.table import no_rows

EXISTING = ("variants", "structural_variants", "reference_blocks")
VIEWS: Mapping[str, str] = {
    "variants": "staged_variants",
    "structural": "staged_structural",
    "blocks": "staged_blocks",
}


@dataclass(frozen=True)
class StagedViews:
    """What is no view: calls and rejected records of the files that stand."""

    calls: DataFrame
    rejected: DataFrame


def bind_views(context: JobContext, folder: str, files: Sequence[InputFile], read: ReadInput) -> StagedViews:
    """Makes `staged_…` and `existing_…`, without rows of readings that do not stand."""
    session = context.session
    refused = [index for index, file in read.files.items() if file.refusal is not None]

    def staged(kind: str) -> DataFrame:
        if not any(file.rows.get(kind, 0) for file in read.files.values()):
            return no_rows(session, staged_spark(kind))
        rows = session.read.schema(staged_spark(kind)).parquet(context.lake.uri(f"{folder}/{kind}"))
        for column, gone in (("unit", read.discarded), ("file_index", refused)):
            if gone and column in rows.columns:
                numbers = session.createDataFrame([(number,) for number in gone], f"{column} int")
                rows = rows.join(f.broadcast(numbers), column, "left_anti")
        return rows

    for kind, view in VIEWS.items():
        staged(kind).createOrReplaceTempView(view)
    genotypes = staged("genotypes").select("text", "alt_index", "genotype_class").distinct()
    genotypes.createOrReplaceTempView("staged_genotypes")
    names = [(file.index, file.raw.name, context.spec.id) for file in files]
    session.createDataFrame(names, "file_index int, name string, run_id string").createOrReplaceTempView("staged_files")
    for table in EXISTING:
        context.rows(table).frame.createOrReplaceTempView(f"existing_{table}")
    return StagedViews(staged("calls"), staged("rejected"))
