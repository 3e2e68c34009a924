"""Staged rows of a job as Spark reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.ingest_lines.read_lines import ReadLines
from batch.ingest_variants.input_file import InputFile
from batch.ingest_variants.staged_tables import Tables, staged_spark


@dataclass(frozen=True)
class StagedRows:
    """The staging tables below `folder`, without rows of readings and files that do not stand."""

    context: JobContext
    folder: str
    tables: Tables
    read: ReadLines

    def has(self, kind: str) -> bool:
        """Whether there are rows of a kind."""
        return any(file.rows.get(kind, 0) > 0 for file in self.read.files.values() if file.refusal is None)

    def of(self, kind: str) -> DataFrame:
        """The rows of a kind; each has the number of its `reading`, and `file_index`."""
        session = self.context.session
        schema = staged_spark(kind, self.tables)
        if not self.has(kind):
            return session.createDataFrame([], schema)
        rows = session.read.schema(schema).parquet(self.context.lake.uri(f"{self.folder}/{kind}"))
        refused = [index for index, file in self.read.files.items() if file.refusal is not None]
        for column, gone in (("reading", self.read.discarded), ("file_index", refused)):
            if gone:
                numbers = session.createDataFrame([(number,) for number in gone], f"{column} int")
                rows = rows.join(f.broadcast(numbers), column, "left_anti")
        return rows.select(*schema.names)

    def bind(self, kind: str) -> None:
        """Makes the view `staged_<kind>`."""
        self.of(kind).createOrReplaceTempView(f"staged_{kind}")

    def bind_files(self, files: Sequence[InputFile]) -> None:
        """Makes the view `staged_files`."""
        names = [(file.index, file.raw.name, self.context.spec.id) for file in files]
        rows = self.context.session.createDataFrame(names, "file_index int, name string, run_id string")
        rows.createOrReplaceTempView("staged_files")


def counts_of(context: JobContext, view: str) -> dict[int, dict[str, int]]:
    """Rows of a view by file and outcome."""
    counts: dict[int, dict[str, int]] = {}
    for row in context.session.table(view).groupBy("file_index", "outcome").count().collect():
        counts.setdefault(row["file_index"], {})[row["outcome"]] = row["count"]
    return counts
