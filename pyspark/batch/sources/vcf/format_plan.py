"""What one FORMAT text says about the fields of every sample."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from batch.sources.vcf.rules import RecordFault
from batch.sources.vcf.types import FieldDefinition

KEPT: Final = {"DP": "dp", "GQ": "gq", "MIN_DP": "min_dp", "AD": "ad", "PS": "ps", "FT": "ft"}
"""Fields whose values are kept beside the genotype; everything else is checked and left."""

_KEY = re.compile("[A-Za-z_][0-9A-Za-z_.]*")


class PlannedField(NamedTuple):
    """`kept` is one of the values of `KEPT`, or None."""

    key: str
    definition: FieldDefinition | None
    kept: str | None


class FormatPlan(NamedTuple):
    """GT can only be the first field."""

    text: str
    fields: tuple[PlannedField, ...]
    has_genotype: bool
    kept: frozenset[str]


def plan_format(text: str, formats: Mapping[str, FieldDefinition]) -> FormatPlan:
    """The plan of one FORMAT column.

    Raises:
        RecordFault: It is no list of distinct keys, GT first.
    """
    keys = text.split(":")
    if not all(_KEY.fullmatch(key) for key in keys) or len(set(keys)) != len(keys):
        raise RecordFault("FORMAT", "FORMAT_SYNTAX", text)
    if "GT" in keys[1:]:
        raise RecordFault("FORMAT", "FORMAT_SYNTAX", text, "GT as the first key")
    fields = tuple(PlannedField(key, formats.get(key), KEPT.get(key)) for key in keys)
    return FormatPlan(
        text, fields, keys[0] == "GT", frozenset(field.kept for field in fields if field.kept is not None)
    )
