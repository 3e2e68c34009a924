"""Tables whose rows come from the log. The twin of `src/lake/log-tables.ts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from batch.reference import read_reference

LOG_TABLES = ("vitals", "vital_windows", "alerts", "jobs")


@dataclass(frozen=True)
class LogColumn:
    """A column, where in an event its value lies, and what that is: see `reference/log-tables.json`."""

    name: str
    path: tuple[str, ...]
    kind: str
    nullable: bool


@dataclass(frozen=True)
class LogTable:
    """How rows of a table are made.

    Attributes:
        only: Only events with these values make a row.
        key: What tells two rows apart: each is in a snapshot once.
        held: What of the table's own rows its statement looks at.
        time: Of a row's time the columns that say from when until when; None: it has none.
        step: The statement in `sql/`.
    """

    name: str
    topic: str
    only: Mapping[str, Any]
    columns: tuple[LogColumn, ...]
    key: tuple[str, ...]
    held: tuple[str, ...]
    time: tuple[str, str] | None
    step: str


_WINDOW = ("patient_id", "code", "size", "start_at")
_SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, str] | None, str]] = {
    "vitals": (
        ("patient_id", "event_id"),
        ("patient_id", "event_id"),
        ("effective_time", "effective_time"),
        "vitals",
    ),
    "vital_windows": (_WINDOW, (*_WINDOW, "through_offset"), ("start_at", "end_at"), "vital-windows"),
    "alerts": (("id",), ("id", "version", "steps"), None, "alerts"),
    "jobs": (("id",), ("id", "version"), None, "jobs"),
}


@cache
def log_table(name: str) -> LogTable:
    """The table of that name."""
    facts = read_reference("log-tables")["tables"][name]
    columns = tuple(
        LogColumn(column, tuple(path.split(".")), kind.removesuffix("?"), kind.endswith("?"))
        for column, path, kind in facts["columns"]
    )
    key, held, time, step = _SHAPES[name]
    return LogTable(name, facts["topic"], facts.get("only", {}), columns, key, held, time, step)
