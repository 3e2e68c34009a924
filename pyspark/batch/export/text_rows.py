"""Rows of an export as lines of CSV and NDJSON: the same bytes as `src/jobs/export/`."""

import json
import math
import re
from collections.abc import Sequence
from typing import Final

from batch.domain.export import ExportColumn
from batch.domain.numbers import number_text

Cell = str | int | float | None

_FORMULA: Final = re.compile(r"[=+\-@'\t\r]")
_QUOTED: Final = re.compile(r'[",\r\n]')
_quote = json.encoder.encode_basestring


def csv_head(columns: Sequence[ExportColumn]) -> str:
    """The header line."""
    return ",".join(column.name for column in columns) + "\r\n"


def csv_row(_: Sequence[ExportColumn], cells: Sequence[Cell]) -> str:
    """One line of RFC 4180. Null is an empty cell, empty text is two quotes; what begins as a formula gets a `'`."""
    return ",".join([_csv_cell(cell) for cell in cells]) + "\r\n"


def ndjson_row(columns: Sequence[ExportColumn], cells: Sequence[Cell]) -> str:
    """One JSON object with every column."""
    parts = [f"{_quote(column.name)}:{_json_cell(cell)}" for column, cell in zip(columns, cells, strict=True)]
    return "{" + ",".join(parts) + "}\n"


def cell_text(cell: Cell) -> str:
    """A cell that is not null, with numbers as ECMAScript prints them."""
    return number_text(cell) if isinstance(cell, float) else str(cell)


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return cell_text(cell)
    text = f"'{cell}" if _FORMULA.match(cell) else cell
    if text != "" and _QUOTED.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def _json_cell(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return "null"
    return _quote(cell) if isinstance(cell, str) else cell_text(cell)
