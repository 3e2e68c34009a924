"""Makes the cells of a row out of an event. The twin of `src/jobs/compact-log/read-row.ts`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from batch.compact_log.log_tables import LogColumn, LogTable
from batch.domain.json_text import ABSENT, json_text

Cell = str | int | bool | None

_EXPECTED: Final[Mapping[str, str]] = {
    "text": "text",
    "int": "a whole number of 32 bits",
    "bigint": "a whole number of at most 2^53",
    "digits": "a whole number as text, of at most 18 digits",
    "boolean": "true or false",
    "json": "a value",
}
_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_LONE: Final = re.compile("[\ud800-\udfff]")
_LARGEST_INT: Final = 2**31 - 1
_LARGEST: Final = 2**53 - 1
_VERSION_WIDTH: Final = 10
"""Digits of a version in a step's text: see `sql/alerts.sql`."""


@dataclass(frozen=True)
class Unreadable:
    """The event is not what its topic carries."""

    field: str
    expected: str


class _Word:
    """What an event is that makes no row."""


OTHER: Final = _Word()
NEWER: Final = _Word()

ReadRow = list[Cell] | Unreadable | _Word


def read_row(table: LogTable, event: object) -> ReadRow:
    """The cells of an event's row, but for its place in the log; `NEWER` when a later release wrote it."""
    schema = field_at(event, ("schema",))
    if isinstance(schema, float) and schema > 1:
        return NEWER
    if not isinstance(schema, float) or schema != 1:
        return Unreadable("schema", "1")
    for name, wanted in table.only.items():
        if field_at(event, (name,)) != wanted:
            return OTHER
    cells: list[Cell] = []
    for column in table.columns:
        cell = _cell_of(column, field_at(event, column.path))
        if isinstance(cell, Unreadable):
            return cell
        cells.append(cell)
    return cells


def field_at(value: object, path: Sequence[str]) -> object:
    """What lies there; `ABSENT` where nothing does."""
    at = value
    for name in path:
        if not isinstance(at, dict) or name not in at:
            return ABSENT
        at = at[name]
    return at


def step_of(partition: int, offset: int, at: int, event: object) -> str | Unreadable:
    """What an alert's history keeps of a step."""
    step = field_at(event, ("step",))
    if step is ABSENT or step is None:
        return Unreadable("step", "a value")
    version = field_at(event, ("alert", "version"))
    command = field_at(event, ("commandId",))
    kept: dict[str, object] = {
        "partition": float(partition),
        "offset": str(offset),
        "at": float(at),
        "commandId": None if command is ABSENT else command,
        "priority": field_at(event, ("alert", "priority")),
        "patientId": field_at(event, ("alert", "patientId")),
        "shadow": field_at(event, ("alert", "shadow")),
        "step": step,
    }
    assert isinstance(version, float)
    return f'{{"version":{int(version):>{_VERSION_WIDTH}},{json_text(kept)[1:]}'


def _cell_of(column: LogColumn, value: object) -> Cell | Unreadable:
    if value is None and column.nullable:
        return None
    kind = column.kind
    if kind == "text" and isinstance(value, str):
        return value if value.isascii() else _LONE.sub("\ufffd", value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "digits" and isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if kind in ("int", "bigint") and isinstance(value, float) and value.is_integer():
        largest = _LARGEST_INT if kind == "int" else _LARGEST
        if abs(value) <= largest:
            return int(value)
    if kind == "json" and value is not ABSENT and value is not None:
        return json_text(value)
    return Unreadable(".".join(column.path), _EXPECTED[kind])
