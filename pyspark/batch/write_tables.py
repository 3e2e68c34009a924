"""Writes what a job keeps as sorted Parquet files of bounded size."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark import StorageLevel, TaskContext
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.parquet_file import ROW_GROUP, write_parquet
from batch.result import WrittenFile
from batch.table import Table, arrow_schema, schema_of

ROWS_PER_FILE: Mapping[str, int] = {
    "variants": 250_000,
    "calls": 4_000_000,
    # One file is sorted in memory.
    "calls_by_sample": 2_000_000,
    "reference_blocks": 2_000_000,
}
"""About how many rows one file holds: some hundred MiB at most. `spark.vitalome.rowsPerFile` lowers it."""
OTHER_ROWS = 1_000_000
ROW_GROUPS: Mapping[str, int] = {"variants": 8_192}

Transform = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]

_ANSWER = "part int, path string, rows bigint, bytes bigint, sha256 string"


class TableOutput:
    """Where a job writes its tables: `runs/<id>/data/<table>/part-NNNNN.parquet`, and nothing beside them.

    Attributes:
        written: Every file written so far, for `JobResult.add`.
    """

    def __init__(self, context: JobContext) -> None:
        self.written: list[WrittenFile] = []
        self._context = context
        self._next_part: dict[str, int] = {}

    def write(
        self,
        rows: Table,
        meta: Mapping[str, Any],
        sorted_by: Sequence[str] | None = None,
        together: Sequence[str] | None = None,
        count: int | None = None,
    ) -> list[WrittenFile]:
        """Writes the rows in order, split into files by ranges of that order. No rows, no file.

        May be called several times for one table: its files then lie side by side.

        Args:
            rows: Without `count` they are computed once and kept on disk meanwhile; with it, up to twice.
            meta: Facts about every file of this call, to prune by.
            sorted_by: Default: the schema's own order. Nulls come last.
            together: Rows that agree in these columns, the first of the order, lie in one file. Default: all of them.
            count: Number of rows where it is known; else they are counted.
        """
        name = rows.name
        order = list(sorted_by if sorted_by is not None else schema_of(name)["sortedBy"])
        frame = rows.frame if count is not None else rows.frame.persist(StorageLevel.DISK_ONLY)
        try:
            total = frame.count() if count is None else count
            return self._write(name, frame, meta, order, together, total) if total > 0 else []
        finally:
            if count is None:
                frame.unpersist()

    def write_rows(self, name: str, rows: Sequence[Sequence[Any]], meta: Mapping[str, Any]) -> None:
        """Writes a small table, whose rows the driver has at hand in the order of the columns; it sorts them."""
        if not rows:
            return
        schema = arrow_schema(name)
        cells = zip(*rows, strict=True)
        columns = [pa.array(values, field.type) for values, field in zip(cells, schema, strict=True)]
        held = pa.Table.from_arrays(columns, schema=schema)
        held = held.sort_by([(column, "ascending") for column in schema_of(name)["sortedBy"]])
        part = self._next_part.get(name, 0)
        self._next_part[name] = part + 1
        path = self._context.run_path(f"data/{name}/part-{part:05d}.parquet")
        count, written = write_parquet(self._context.lake, path, schema, held.to_batches())
        if written is not None:
            self.written.append(WrittenFile(name, path, count, written.bytes, written.sha256, dict(meta)))

    def _write(
        self,
        name: str,
        frame: DataFrame,
        meta: Mapping[str, Any],
        order: Sequence[str],
        together: Sequence[str] | None,
        total: int,
    ) -> list[WrittenFile]:
        self._context.throw_if_cancelled()
        files = -(-total // self.rows_per_file(name))
        ranges = _ascending(order if together is None else together)
        parts = frame.repartitionByRange(files, *ranges) if files > 1 else frame.repartition(1)
        return self.write_parts(name, parts.sortWithinPartitions(*_ascending(order)), files, meta)

    def write_parts(
        self, name: str, parts: DataFrame, files: int, meta: Mapping[str, Any], rows_of: Transform | None = None
    ) -> list[WrittenFile]:
        """Writes each partition as one file, in its order; an empty one has no file.

        `rows_of` makes the table's rows, to its columns and types, from what a partition holds.
        """
        first = self._next_part.get(name, 0)
        self._next_part[name] = first + files
        answers = parts.mapInArrow(_writer(self._context, name, first, rows_of), _ANSWER).collect()
        written = [
            WrittenFile(name, answer["path"], answer["rows"], answer["bytes"], answer["sha256"], dict(meta))
            for answer in sorted(answers, key=lambda answer: answer["part"])
        ]
        self.written += written
        return written

    def rows_per_file(self, name: str) -> int:
        """About how many rows one file of a table is to hold."""
        bound = int(self._context.session.conf.get("spark.vitalome.rowsPerFile", "0") or 0)
        usual = ROWS_PER_FILE.get(name, OTHER_ROWS)
        return usual if bound <= 0 else min(usual, bound)


def _ascending(names: Sequence[str]) -> list[Column]:
    return [f.col(name).asc_nulls_last() for name in names]


def _writer(context: JobContext, name: str, first: int, rows_of: Transform | None) -> Transform:
    lake, folder = context.lake, context.run_path(f"data/{name}")

    def write(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        task = TaskContext.get()
        part = first + (task.partitionId() if task is not None else 0)
        path = f"{folder}/part-{part:05d}.parquet"
        wanted = batches if rows_of is None else rows_of(batches)
        rows, written = write_parquet(lake, path, arrow_schema(name), wanted, ROW_GROUPS.get(name, ROW_GROUP))
        if written is not None:
            cells = {"part": [part], "path": [path], "rows": [rows], "bytes": [written.bytes]}
            types = [pa.int32(), pa.string(), pa.int64(), pa.int64(), pa.string()]
            columns = [*cells.values(), [written.sha256]]
            yield pa.RecordBatch.from_arrays(
                [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)],
                ["part", "path", "rows", "bytes", "sha256"],
            )

    return write
