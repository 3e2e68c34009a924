"""Writes the rows of an export as its one file. Memory holds a batch, or a row group."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import Final

import pyarrow as pa

from batch.domain.export import ExportColumn
from batch.export.bgzf_writer import END_OF_FILE, BgzfWriter, bgzf_blocks
from batch.export.text_rows import Cell, csv_head, csv_row, ndjson_row
from batch.export.vcf_text import VcfText
from batch.lake import Lake, Written
from batch.local_file import FileChunks, scratch_file
from batch.parquet_file import write_parquet

TYPES: Final = {"string": pa.string(), "int": pa.int32(), "double": pa.float64()}
Row = Callable[[Sequence[ExportColumn], Sequence[Cell]], str]


@dataclass(frozen=True)
class ExportTarget:
    """What to write, and where. May be sent to executors."""

    lake: Lake
    path: str
    format: str
    columns: tuple[ExportColumn, ...]


def write_export(target: ExportTarget, batches: Iterable[pa.RecordBatch]) -> tuple[int, Written]:
    """Writes the rows in their order, also where there are none; answers their number and what was written.

    Args:
        target: What to write.
        batches: Rows with the columns of the export, and maybe others.
    """
    rows = _Counted(target, batches)
    match target.format:
        case "PARQUET":
            count, written = write_parquet(target.lake, target.path, rows.schema, rows, keep_empty=True)
            assert written is not None
            return count, written
        case "ARROW_IPC":
            written = _write_arrow(target, rows)
        case "CSV":
            written = _write_text(target, rows, csv_head(target.columns), csv_row)
        case "NDJSON":
            written = _write_text(target, rows, "", ndjson_row)
        case "VCF_BGZ":
            written = _write_vcf(target, rows)
        case other:
            raise ValueError(other)
    return rows.count, written


class _Counted:
    """The batches with the columns of the export alone, of its types."""

    def __init__(self, target: ExportTarget, batches: Iterable[pa.RecordBatch]) -> None:
        self.schema = pa.schema([pa.field(column.name, TYPES[column.type]) for column in target.columns])
        self.count = 0
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.count += batch.num_rows
            yield from pa.Table.from_batches([batch]).select(self.schema.names).cast(self.schema).to_batches()

    def rows(self) -> Iterator[Iterator[tuple[Cell, ...]]]:
        """The rows of each batch."""
        for batch in self:
            yield zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_text(target: ExportTarget, batches: _Counted, head: str, row: Row) -> Written:
    with scratch_file() as local:
        with open(local, "wb") as file:
            file.write(head.encode())
            for rows in batches.rows():
                file.write("".join([row(target.columns, cells) for cells in rows]).encode())
        return target.lake.write(target.path, FileChunks(local))


def _write_arrow(target: ExportTarget, batches: _Counted) -> Written:
    with scratch_file() as local:
        with pa.OSFile(local, "wb") as file, pa.ipc.new_file(file, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        return target.lake.write(target.path, FileChunks(local))


def _write_vcf(target: ExportTarget, batches: _Counted) -> Written:
    """Records wait in a local file for the header, which names what they hold."""
    vcf = VcfText()
    with ExitStack() as stack:
        records, whole = stack.enter_context(scratch_file()), stack.enter_context(scratch_file())
        with open(records, "wb") as file:
            blocks = BgzfWriter(file)
            for rows in batches.rows():
                blocks.write("".join([vcf.record(cells) for cells in rows]).encode())
            blocks.flush()
        with open(whole, "wb") as file:
            for piece in chain(bgzf_blocks(vcf.header().encode()), FileChunks(records), (END_OF_FILE,)):
                file.write(piece)
        return target.lake.write(target.path, FileChunks(whole))
