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
    "String": "[^,]",
}
# A pattern of more values than this takes longer to make than it saves.
_MOST = 100


def fast_check(definition: FieldDefinition, wanted: float | None) -> Callable[[str], object] | None:
    """Answers truth only for values the full check accepts too; None where there is no such pattern.

    The value is known to have no control characters.
    """
    item = _ITEMS.get(definition.type)
    if item is None or definition.id == "CIGAR" or wanted == 0 or (wanted is not None and wanted > _MOST):
        return None
    if definition.type == "String":
        return _always if wanted is None else re.compile(f"[^,]*(?:,[^,]*){{{int(wanted) - 1}}}").fullmatch
    if definition.id not in NOT_NEGATIVE:
        item = f"-?{item}"
    one = rf"(?:{item}|\.)"
    if wanted == 1:
        return re.compile(one).fullmatch
    times = "*" if wanted is None else f"{{{int(wanted) - 1}}}"
    return re.compile(f"{one}(?:,{one}){times}").fullmatch


def _always(value: str) -> bool:
    return True
