"""Writes Arrow batches as one Parquet file of the lake."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from batch.lake import Lake, Written
from batch.local_file import FileChunks, scratch_file

ROW_GROUP = 122_880
"""Rows of one row group, as the embedded profile writes them."""


def write_parquet(
    lake: Lake,
    path: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    row_group: int = ROW_GROUP,
    keep_empty: bool = False,
) -> tuple[int, Written | None]:
    """Writes the batches in their order, row group by row group; no file when there are no rows, unless `keep_empty`.

    Answers the number of rows and what was written. Memory holds one row group.
    """
    rows = 0
    with scratch_file() as local:
        with pq.ParquetWriter(local, schema, compression="zstd") as writer:
            pending: list[pa.RecordBatch] = []
            waiting = 0
            for batch in batches:
                pending.append(batch)
                waiting += batch.num_rows
                while waiting >= row_group:
                    held = pa.Table.from_batches(pending)
                    writer.write_table(held.slice(0, row_group).cast(schema), row_group)
                    rows += row_group
                    pending = held.slice(row_group).to_batches()
                    waiting -= row_group
            if waiting > 0:
                writer.write_table(pa.Table.from_batches(pending).cast(schema), row_group)
                rows += waiting
        return rows, lake.write(path, FileChunks(local)) if rows > 0 or keep_empty else None
