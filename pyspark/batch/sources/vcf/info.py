"""Checks the INFO column against the header's definitions and the reserved ones. Keys without a definition are text."""

import re
from collections.abc import Callable

from batch.domain.text import SPACE
from batch.sources.vcf.info_columns import InfoColumns
from batch.sources.vcf.info_values import NOT_NEGATIVE, fast_check
from batch.sources.vcf.rules import RecordFault
from batch.sources.vcf.types import FieldDefinition, VcfHeader
from batch.sources.vcf.values import expected_count, has_type
from batch.sources.vcf.version import is_since_43

_CIGAR = re.compile("(?:[0-9]+[MIDNSHPX=])+")
# Since 4.3 the specification states the characters of a key; before, it only keeps separators out.
_KEY_43 = re.compile("[A-Za-z_][0-9A-Za-z_.]*|1000G")
_KEY = re.compile(f"[^{SPACE}\0-\x1f\x7f;=,]+")
_MAX_KEYS = 10_000
_MOST_PARTS = 90

Known = tuple[FieldDefinition | None, Callable[[str], object] | None]


class InfoChecker:
    """Checks columns of one file. Most values are told right by one pattern of their key; the rest is looked at."""

    def __init__(self, header: VcfHeader) -> None:
        self._definitions = header.infos
        self._allows_empty = not is_since_43(header.version)
        self._syntax = _KEY if self._allows_empty else _KEY_43
        # By number of alternates, then by key: its definition, and a pattern of values that are certainly right.
        self._columns: dict[int, InfoColumns] = {}
        self._known: dict[int, dict[str, Known]] = {}

    def check(self, info: str, alternates: int) -> int | None:
        """END, where there is one.

        Raises:
            RecordFault: The first fault, from left to right.
        """
        if info == "." or (info == "" and self._allows_empty):
            return None
        # Other control characters are no text, and told before.
        if info == "" or "\x7f" in info:
            raise RecordFault("INFO", "INFO_SYNTAX", info)
        columns = self._columns.get(alternates)
        if columns is None:
            columns = self._columns[alternates] = InfoColumns(lambda key: info_count(key, alternates))
        match = columns.match(info)
        if match is not None:
            end = match.groupdict().get("END")
            return None if end in (None, ".") else _end_of(end)
        return self._check_parts(info, alternates, columns)

    def _check_parts(self, info: str, alternates: int, columns: InfoColumns) -> int | None:
        known = self._known.setdefault(alternates, {})
        parts = info.split(";")
        if len(parts) > 1 and parts[-1] == "":
            parts.pop()
        seen: set[str] = set()
        end_pos = None
        for part in parts:
            key, equals, value = part.partition("=")
            facts = known.get(key) or self._learn(key, part, alternates, known)
            if key in seen:
                raise RecordFault(f"INFO/{key}", "INFO_DUPLICATE", part)
            seen.add(key)
            definition, is_right = facts
            if definition is None:
                continue
            if not equals or is_right is None or not is_right(value):
                _check_value(definition, value if equals else None, alternates)
            if key == "END" and equals and value != ".":
                end_pos = _end_of(value)
        if len(parts) <= _MOST_PARTS:
            columns.learn(
                [(key, equals != "") for key, equals, _ in (part.partition("=") for part in parts)],
                {key: known[key][0] if key in known else self._definitions.get(key) for key in seen},
            )
        return end_pos

    def _learn(self, key: str, part: str, alternates: int, known: dict[str, Known]) -> Known:
        if not self._syntax.fullmatch(key):
            raise RecordFault("INFO", "INFO_SYNTAX", part)
        definition = self._definitions.get(key)
        check = None if definition is None else fast_check(definition, info_count(definition, alternates))
        if len(known) < _MAX_KEYS:
            known[key] = (definition, check)
        return definition, check


def _end_of(value: str) -> int | None:
    """None for a list of ends, which a header may allow."""
    return int(value) if "," not in value else None


def _check_value(definition: FieldDefinition, value: str | None, alternates: int) -> None:
    field = f"INFO/{definition.id}"
    if definition.type == "Flag":
        if value is None or value in ("0", "1"):
            return
        raise RecordFault(field, "INFO_TYPE", value, "a flag without a value")
    expected = f"Number={definition.number} values"
    if value is None:
        raise RecordFault(field, "INFO_NUMBER", "no value", expected)
    if value == "." or (value == "" and definition.type == "String"):
        return
    values = value.split(",")
    for item in values:
        if not has_type(item, definition.type):
            raise RecordFault(field, "INFO_TYPE", item, f"a value of type {definition.type}")
    if definition.id in NOT_NEGATIVE:
        for item in values:
            if item.startswith("-"):
                raise RecordFault(field, "INFO_VALUE", item, "a value of at least 0")
    if definition.id == "CIGAR":
        for item in values:
            if item != "." and not _CIGAR.fullmatch(item):
                raise RecordFault(field, "INFO_VALUE", item, "a CIGAR string")
    wanted = info_count(definition, alternates)
    if wanted is not None and len(values) != wanted:
        raise RecordFault(field, "INFO_NUMBER", value, expected)


def info_count(definition: FieldDefinition, alternates: int) -> float | None:
    """How many values an INFO key must have; None where any number is right.

    Without alternates the counts per allele say nothing, and the specification does not define one value per genotype
    for a record as a whole.
    """
    if isinstance(definition.number, int):
        return definition.number
    return None if alternates == 0 or definition.number == "G" else expected_count(definition, alternates, 2)
