"""Writes rejected records as `quarantine/<job>/<fileIndex>.ndjson`, in order, however many there are."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.lake import Lake

ROWS_PER_PART: Final = 100_000
SAMPLES: Final = 20
"""Rejected records of a file that travel with its result."""

_PIECE: Final = "file_index int, piece int, path string"


def quarantine_path(job: str, file_index: int) -> str:
    """Where the rejected records of one input file lie."""
    return f"quarantine/{job}/{file_index}.ndjson"


def write_quarantine(context: JobContext, rejected: DataFrame, order: Sequence[str], count: int) -> None:
    """Writes one file per input file that has rejected records.

    Args:
        context: Of the job.
        rejected: One row per record: `file_index`, the columns of `order`, and `text`, one line of the file as bytes
            with its line break.
        order: What orders the records of one file.
        count: Number of rows.
    """
    if count == 0:
        return
    parts = max(1, -(-count // ROWS_PER_PART))
    keys = ["file_index", *order]
    ranged = rejected.repartitionByRange(parts, *keys) if parts > 1 else rejected.repartition(1)
    job, lake = context.spec.id, context.lake
    scratch = None if parts == 1 else context.run_path("scratch/quarantine")
    written = (
        ranged.sortWithinPartitions(*keys)
        .select("file_index", "text")
        .mapInArrow(lambda batches: _write_pieces(lake, job, scratch, batches), _PIECE)
        .collect()
    )
    if scratch is None:
        return
    pieces: dict[int, list[tuple[int, str]]] = {}
    for row in written:
        pieces.setdefault(row["file_index"], []).append((row["piece"], row["path"]))

    def merge(one: tuple[int, list[tuple[int, str]]]) -> int:
        file_index, found = one
        paths = [path for _, path in sorted(found)]
        lake.write(quarantine_path(job, file_index), chain.from_iterable(map(lake.stream, paths)))
        return file_index

    context.session.sparkContext.parallelize(list(pieces.items()), len(pieces)).map(merge).collect()


def quarantine_samples(rejected: DataFrame, order: Sequence[str]) -> dict[int, list[bytes]]:
    """The first records of each file, as lines of its quarantine."""
    place = f.row_number().over(Window.partitionBy("file_index").orderBy(*order))
    first = rejected.withColumn("place", place).where(f.col("place") <= SAMPLES)
    samples: dict[int, list[bytes]] = {}
    for row in first.orderBy("file_index", "place").select("file_index", "text").collect():
        samples.setdefault(row["file_index"], []).append(bytes(row["text"]))
    return samples


def _write_pieces(
    lake: Lake, job: str, scratch: str | None, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    task = TaskContext.get()
    piece = task.partitionId() if task is not None else 0
    rows = (
        (file_index, text)
        for batch in batches
        for file_index, text in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
    )
    current = next(rows, None)
    while current is not None:
        file_index = current[0]
        path = quarantine_path(job, file_index) if scratch is None else f"{scratch}/{file_index}/{piece}"
        run = _Run(current, rows)
        lake.write(path, iter(run))
        current = run.next
        cells = [pa.array([file_index], pa.int32()), pa.array([piece], pa.int32()), pa.array([path])]
        yield pa.RecordBatch.from_arrays(cells, ["file_index", "piece", "path"])


class _Run:
    """The texts of one file from sorted rows; `next` is the first row of the next file, or None."""

    def __init__(self, first: tuple[int, bytes], rows: Iterator[tuple[int, bytes]]) -> None:
        self.next: tuple[int, bytes] | None = first
        self._rows = rows

    def __iter__(self) -> Iterator[bytes]:
        assert self.next is not None
        file_index = self.next[0]
        while self.next is not None and self.next[0] == file_index:
            yield self.next[1]
            self.next = next(self._rows, None)
