"""Writes the staged rows of one task, kind by kind, as they come."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from batch.ingest_variants.staged_tables import COLUMNS, Tables, staged_arrow
from batch.lake import Lake
from batch.local_file import FileChunks, scratch_file

ROWS: Final = 4_096
BYTES: Final = 16 << 20
"""What waits in memory before a row group is written."""


class StagedWriter:
    """One Parquet file per kind of row: `<folder>/<kind>/<name>.parquet`. A kind without rows has no file.

    Attributes:
        rows: Rows by kind so far.
    """

    def __init__(self, lake: Lake, folder: str, name: str, tables: Tables = COLUMNS) -> None:
        """`tables`: columns and their types by kind of row."""
        self.rows: dict[str, int] = dict.fromkeys(tables, 0)
        self._lake, self._folder, self._name, self._tables = lake, folder, name, tables
        self._pending: dict[str, list[Sequence[Any]]] = {kind: [] for kind in tables}
        self._bytes: dict[str, int] = dict.fromkeys(tables, 0)
        self._writers: dict[str, tuple[pq.ParquetWriter, str]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "StagedWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, thrown: BaseException | None, trace: object) -> None:
        with self._stack:
            if kind is None:
                self._finish()

    def add(self, kind: str, row: Sequence[Any], weight: int = 0) -> None:
        """Takes one row, its cells in the order of the columns; `weight` is about how many bytes it holds."""
        pending = self._pending[kind]
        pending.append(row)
        self.rows[kind] += 1
        self._bytes[kind] += weight
        if len(pending) >= ROWS or self._bytes[kind] >= BYTES:
            self._flush(kind)

    def _flush(self, kind: str) -> None:
        pending = self._pending[kind]
        if not pending:
            return
        schema = staged_arrow(kind, self._tables)
        if kind not in self._writers:
            path = self._stack.enter_context(scratch_file())
            self._writers[kind] = (pq.ParquetWriter(path, schema, compression="zstd"), path)
        cells = zip(*pending, strict=True)
        columns = [_array(values, column) for values, column in zip(cells, self._tables[kind].values(), strict=True)]
        self._writers[kind][0].write_table(pa.Table.from_arrays(columns, schema=schema))
        pending.clear()
        self._bytes[kind] = 0

    def _finish(self) -> None:
        for kind in self._tables:
            self._flush(kind)
        for kind, (writer, path) in self._writers.items():
            writer.close()
            self._lake.write(f"{self._folder}/{kind}/{self._name}.parquet", FileChunks(path))


def _array(values: Sequence[Any], column: str) -> pa.Array:
    if column == "array<int>":
        offsets = np.cumsum([0, *map(len, values)], dtype=np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.concatenate(values), pa.int32()))
    types = {"string": pa.string(), "int": pa.int32(), "bigint": pa.int64(), "double": pa.float64()}
    more = {"boolean": pa.bool_(), "binary": pa.binary(), "array<string>": pa.list_(pa.string())}
    return pa.array(values, {**types, **more}[column])
