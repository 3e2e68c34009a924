"""The staging tables of records about people, and how a record becomes rows of them."""

import re
from typing import Final

from batch.ingest_annotations.staged_tables import Cell, content_hash
from batch.ingest_variants.staged_tables import Tables
from batch.sources.clinical.types import ClinicalRecord
from batch.table import schema_of

CLINICAL_TABLES: Final = (
    "patients",
    "conditions",
    "medications",
    "encounters",
    "consents",
    "observations",
    "links",
)
KEYS: Final = {**dict.fromkeys(CLINICAL_TABLES, ("id",)), "links": ("id", "patient_id", "system", "stated_by")}
"""The columns that tell a row. A link is a statement: one sample may be claimed by several people."""

_ROW: Final = {
    "reading": "int",
    "row_index": "string",
    "row_key": "string",
    "record_index": "string",
    "file_index": "int",
    "line": "int",
}
_ORIGIN: Final = ("simulated", "last_updated", "content_hash")
_SOURCE: Final = ("source_file", "source_line", "run_id")

COLUMNS: Final = {
    table: {column["name"]: column["type"] for column in schema_of(table)["columns"] if column["name"] not in _SOURCE}
    for table in CLINICAL_TABLES
}
"""Columns of a table of people as it is written, but for its source."""

_OWN: Final = {table: [name for name in columns if name not in _ORIGIN] for table, columns in COLUMNS.items()}

TABLES: Final[Tables] = {
    **{table: {**_ROW, **COLUMNS[table]} for table in CLINICAL_TABLES},
    "records": {"reading": "int", "record_index": "string", "file_index": "int", "line": "int", "raw": "string"},
    "rejected": {"reading": "int", "file_index": "int", "record_index": "string", "text": "binary"},
}
"""`reading` numbers what was read in one go. Indices are texts that sort as the records do: see `record_index`."""

_LONE = re.compile("[\ud800-\udfff]")


def record_index(file_index: int, line: int, entry: int) -> str:
    """Where a record stands: file, line, and entry of a Bundle on that line or in that document."""
    return f"{file_index:04x}{line:09x}{entry:08x}"


def rows_of_record(
    reading: int, file_index: int, index: str, record: ClinicalRecord
) -> list[tuple[str, tuple[Cell | float, ...]]]:
    """The rows one record gives, each with its table."""
    rows: list[tuple[str, tuple[Cell | float, ...]]] = []
    for place, (table, row) in enumerate(record.rows):
        cells = [row.get(column) for column in _OWN[table]]
        hashed = content_hash([*cells, record.simulated])
        key = "\t".join("null" if (cell := row.get(column)) is None else str(cell) for column in KEYS[table])
        head = (reading, f"{index}{place:08x}", stored(key), index, file_index, record.line)
        rows.append((table, (*head, *map(stored, cells), record.simulated, record.last_updated, hashed)))
    return rows


def stored(cell: Cell | float) -> Cell | float:
    """A cell as UTF-8 can carry it: half of a pair becomes the sign for what cannot be read."""
    return _LONE.sub("\ufffd", cell) if isinstance(cell, str) and not cell.isascii() else cell
