"""Tab-separated text whose first line names the columns."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from batch.domain.text import cut, trim, utf16_length
from batch.refusal import Refusal
from batch.sources.annotations.types import ANNOTATION_RULES
from batch.sources.vcf.limits import FOUND_UNITS, LINE_BYTES
from batch.sources.vcf.types import Rejection

RAW_UNITS: Final = 64 << 10
"""UTF-16 units of a rejected line that are kept."""

_UNREADABLE = re.compile("[\0-\x08\x0b-\x1f\x7f\ufffd]")
_MARK = re.compile("\ufeff?#?")
_MISSING = frozenset(("", "-", ".", "na"))


class RowFault(Exception):
    """A rule broken inside one row; caught where the line is known, never outside a source."""

    def __init__(self, field: str, rule: str, found: str) -> None:
        super().__init__(field, rule, found)
        self.field = field
        self.rule = rule
        self.found = found


def rejection_of(fault: RowFault, line: int, raw: str) -> Rejection:
    """What a person needs to mend the row."""
    found = cut(fault.found, FOUND_UNITS)
    return Rejection(line, fault.field, fault.rule, ANNOTATION_RULES[fault.rule], found, cut(raw, RAW_UNITS))


class TableRow:
    """Cells of one row by column. Text is trimmed; `""`, `-`, `.` and `na` are missing.

    Attributes:
        line: 1-based.
        raw: The line as it is in the file.
    """

    __slots__ = ("_cells", "line", "raw")

    def __init__(self, line: int, raw: str, cells: list[str]) -> None:
        self.line = line
        self.raw = raw
        self._cells = cells

    def text(self, column: int) -> str | None:
        """None where the table has no such column, or the cell is missing."""
        if column < 0:
            return None
        cell = trim(self._cells[column])
        return None if cell in _MISSING else cell


def line_text(raw: bytes) -> str:
    """The text of a line, whose carriage return before its line break may stay."""
    return (raw[:-1] if raw.endswith(b"\r") else raw).decode(errors="replace")


def parse_header(raw: bytes) -> tuple[str, ...]:
    """The names of the columns, from the first line of the file."""
    text = line_text(raw[: LINE_BYTES + 1])
    return tuple(trim(name) for name in _MARK.sub("", text, count=1).split("\t"))


def empty_file() -> Refusal:
    """The refusal of a file without a line."""
    message = "the file is empty: expected a line that names the columns"
    return Refusal("INGEST_REJECTED", message, 1, "header", "a tab-separated header")


def parse_row(line: int, text: str, width: int, is_too_long: bool) -> TableRow:
    """The cells of one line that is not empty.

    Raises:
        RowFault: It is too long, no text, or of another width than the header.
    """
    if is_too_long or utf16_length(text) > LINE_BYTES:
        raise RowFault("line", "LINE_TOO_LONG", f"more than {LINE_BYTES} bytes")
    if _UNREADABLE.search(text):
        raise RowFault("line", "ENCODING", text)
    cells = text.split("\t")
    if len(cells) != width:
        raise RowFault("line", "COLUMN_COUNT", f"{len(cells)} cells")
    return TableRow(line, text, cells)


def column_finder(columns: tuple[str, ...]) -> Callable[..., int]:
    """Finds columns by any of their names, in any case; -1 where there is none."""
    places: Mapping[str, int] = {name.lower(): at for at, name in reversed(list(enumerate(columns)))}

    def find(*names: str) -> int:
        return next((places[name] for name in names if name in places), -1)

    return find
