"""Patterns of INFO values that are certainly right: one match in place of a look at every value."""

import re
from collections.abc import Callable
from typing import Final

from batch.sources.vcf.types import FieldDefinition

NOT_NEGATIVE: Final = frozenset({"AC", "AF", "AN", "DP", "MQ0", "NS", "BQ", "END"})
"""Keys whose values are counts or frequencies."""

_ITEMS: Final = {
    "Integer": "[0-9]{1,9}",
    "Float": r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?",
    "String": "",
}
# A pattern of more values than this takes longer to make than it saves.
_MOST = 100


def value_pattern(definition: FieldDefinition, wanted: float | None) -> str | None:
    """Fits only values the full check accepts too, without control characters; None where there is no such pattern."""
    item = _ITEMS.get(definition.type)
    if item is None or definition.id == "CIGAR" or wanted == 0 or (wanted is not None and wanted > _MOST):
        return None
    if definition.type == "String":
        return "[^;]*" if wanted is None else f"[^,;]*(?:,[^,;]*){{{int(wanted) - 1}}}"
    if definition.id not in NOT_NEGATIVE:
        item = f"-?{item}"
    one = rf"(?:{item}|\.)"
    times = "*" if wanted is None else f"{{{int(wanted) - 1}}}"
    return one if wanted == 1 else f"{one}(?:,{one}){times}"


def fast_check(definition: FieldDefinition, wanted: float | None) -> Callable[[str], object] | None:
    """Answers truth only for values the full check accepts too; None where there is no such check.

    The value is known to have no control characters and no semicolon.
    """
    pattern = value_pattern(definition, wanted)
    if pattern is None:
        return None
    return always if pattern == "[^;]*" else re.compile(pattern).fullmatch


def always(value: str) -> bool:
    """Any text is right."""
    return True
