"""Writes `calls` and `calls_by_sample`. Calls move as columns of bytes, never as rows of Spark."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from batch.ingest_variants.call_rows import CallChunk, Longs, SampleNames, call_chunks
from batch.write_tables import TableOutput, Transform

BUCKETS: Final = 1_024
"""Ranges of variants whose calls are counted, to find where files end."""
MERGED: Final = 122_880

_PIECE: Final = "part int, piece binary"


def write_calls(
    output: TableOutput, keyed: DataFrame, variants: int, samples: SampleNames, calls: int, meta: Mapping[str, Any]
) -> None:
    """Writes the calls of kept variants by variant; all calls of one `variant_row` lie in one file.

    `keyed` holds staged calls beside the key of their variant, of which there are `variants`; `calls` is how many
    there may be at most.
    """
    most = output.rows_per_file("calls")
    part, files = (f.lit(0), 1) if calls <= most else _parts_by_variant(keyed, variants, most)
    sorted_parts = keyed.repartitionById(files, part).sortWithinPartitions("variant_row")

    def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return (chunk.batch(slice(None)) for chunk in call_chunks(batches, samples))

    output.write_parts("calls", sorted_parts, files, meta, rows_of)


def write_calls_by_sample(
    output: TableOutput,
    keyed: DataFrame,
    variants: int,
    samples: SampleNames,
    calls: Mapping[str, int],
    meta: Mapping[str, Any],
) -> None:
    """Writes the same calls by sample. `calls` is about how many each call set has."""
    split = SampleSplit(samples, calls, variants, output.rows_per_file("calls_by_sample"))
    pieces = keyed.mapInArrow(_splitting(samples, split), _PIECE)
    output.write_parts("calls_by_sample", pieces.repartitionById(split.files, "part"), split.files, meta, _merged)


class SampleSplit:
    """Where the files of `calls_by_sample` end: at samples, and within one where it alone has too many calls.

    Attributes:
        files: Number of files.
    """

    def __init__(self, samples: SampleNames, calls: Mapping[str, int], variants: int, rows_per_file: int) -> None:
        ids = list(samples.offsets)
        self._starts = np.array([samples.offsets[name] for name in ids], dtype=np.int64)
        sizes = np.diff([*self._starts.tolist(), len(samples.names)])
        counts = np.array([calls.get(name, 0) for name in ids], dtype=np.float64)
        self._before = np.cumsum(counts) - counts
        self._per_sample = counts / np.maximum(sizes, 1)
        self._variants = max(1, variants)
        self._rows = rows_per_file
        self.files = max(1, int(-(-counts.sum() // rows_per_file)))

    def parts_of(self, chunk: CallChunk) -> Longs:
        """The file of each row; never a lower one for a row that comes later in order."""
        call_set = np.searchsorted(self._starts, chunk.place, side="right") - 1
        sample = chunk.place - self._starts[call_set]
        at = self._before[call_set] + (sample + chunk.variant_row / self._variants) * self._per_sample[call_set]
        return np.minimum((at // self._rows).astype(np.int64), self.files - 1)


def _parts_by_variant(keyed: DataFrame, variants: int, rows_per_file: int) -> tuple[Column, int]:
    bucket = f.floor(f.col("variant_row") * BUCKETS / max(1, variants)).cast("int")
    counted = (
        keyed.groupBy(bucket.alias("bucket")).agg((f.sum(f.octet_length("sample_index")) / 4).alias("calls")).collect()
    )
    counts = np.zeros(BUCKETS, dtype=np.int64)
    for row in counted:
        counts[row["bucket"]] = int(row["calls"])
    parts = ((np.cumsum(counts) - 1).clip(0) // rows_per_file).tolist()
    return f.element_at(f.lit(parts), bucket + 1).cast("int"), int(parts[-1]) + 1


def _splitting(samples: SampleNames, split: SampleSplit) -> Transform:
    def cut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for chunk in call_chunks(batches, samples):
            parts = split.parts_of(chunk)
            order = np.argsort(parts, kind="stable")
            found, starts = np.unique(parts[order], return_index=True)
            for part, rows in zip(found.tolist(), np.split(order, starts[1:]), strict=True):
                batch = chunk.batch(rows).append_column("place", pa.array(chunk.place[rows]))
                piece = pa.array([_serialised(batch)], pa.binary())
                yield pa.RecordBatch.from_arrays([pa.array([part], pa.int32()), piece], ["part", "piece"])

    return cut


def _serialised(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def _merged(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of one file in order. The one step that holds a whole file in memory."""
    pieces = [pa.ipc.open_stream(piece.as_buffer()).read_all() for batch in batches for piece in batch.column("piece")]
    if not pieces:
        return
    held = pa.concat_tables(pieces).unify_dictionaries().combine_chunks()
    pieces.clear()
    order = np.lexsort((held["variant_row"].to_numpy(), held["place"].to_numpy()))
    rows = held.drop_columns(["place"])
    for at in range(0, order.size, MERGED):
        yield from rows.take(pa.array(order[at : at + MERGED])).to_batches()
