"""Sizes of windows, and how many decimals each code keeps, as `reference/` has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from batch.reference import read_reference

DEFAULT_SCALE = 3
"""Of a code this version does not know."""


@dataclass(frozen=True)
class WindowSize:
    """`name` is an ISO 8601 duration, such as `PT1M`."""

    name: str
    ms: int


SIZES: tuple[WindowSize, ...] = tuple(
    WindowSize(size["name"], size["ms"]) for size in read_reference("windows")["sizes"]
)
"""Smallest first; each is a whole number of times the first."""

PART = SIZES[0]
"""The size that readings are added up in; the others are merged from it."""

_MEASURED = [code for code in read_reference("observations")["codes"] if code.get("unit") is not None]

SCALES: dict[str, int] = {
    name: code["decimals"] for code in _MEASURED for name in (code["code"], *code.get("aliases", []))
}

UNITS: dict[str, str] = {name: code["unit"] for code in _MEASURED for name in (code["code"], *code.get("aliases", []))}


def scale_of(code: str) -> str:
    """SQL: the scale of the code in a column."""
    return f"coalesce({_by_code(SCALES, 'INT', code)}, {DEFAULT_SCALE})"


def unit_of(code: str) -> str:
    """SQL: the canonical unit of the code in a column; null where there is none."""
    return _by_code(UNITS, "STRING", code)


def _by_code(values: Mapping[str, object], kind: str, code: str) -> str:
    """One literal, however many codes there are: Spark plans the query anew for each batch."""
    text = json.dumps(values, sort_keys=True).replace("'", "\\'")
    return f"try_element_at(from_json('{text}', 'MAP<STRING, {kind}>'), {code})"
