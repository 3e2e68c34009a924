"""JSON as JavaScript reads and writes it: both twins must keep and hash the same text."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from batch.domain.numbers import number_text
from batch.domain.text import escape_lone_surrogates


class _Absent:
    """What a field that is not there holds."""


ABSENT: Final = _Absent()


class NotJson(ValueError):
    """The text is not one JSON value."""


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


# Every number of JavaScript is a double, and `NaN` and `Infinity` are no JSON.
DECODER: Final = json.JSONDecoder(parse_int=float, parse_constant=_refuse_constant)


def parse_json(text: str) -> object:
    """One JSON value, with numbers as doubles.

    Raises:
        NotJson: It is none, or is nested deeper than any record.
    """
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError) as fault:
        raise NotJson from fault


def json_text(value: object) -> str:
    """`JSON.stringify(value)`.

    >>> json_text({"b": [1.0, 1e21, float("inf")], "10": "a|b", "9": None})
    '{"9":null,"10":"a|b","b":[1,1e+21,null]}'
    """
    return escape_lone_surrogates(_text_of(value))


_encode_texts = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_of_texts(value: Sequence[Mapping[str, str | None]]) -> str:
    """`JSON.stringify` of objects of texts whose names are no numbers: ten times as fast."""
    return escape_lone_surrogates(_encode_texts(value))


_quote = json.encoder.encode_basestring


def _text_of(value: object) -> str:
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, dict):
        names = _ordered(value) if any(name[:1].isdigit() for name in value) else value
        return "{" + ",".join([f"{_quote(name)}:{_text_of(value[name])}" for name in names]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([_text_of(item) for item in value]) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value) if math.isfinite(value) else "null"
    raise TypeError(type(value).__name__)


_INDEX = re.compile("0|[1-9][0-9]{0,9}")
_MAX_INDEX = 2**32 - 2


def _ordered(value: Mapping[str, object]) -> list[str]:
    """Keys that are array indices come first, by number; the others as they were met."""
    indices = [key for key in value if _INDEX.fullmatch(key) and int(key) <= _MAX_INDEX]
    if not indices:
        return list(value)
    known = set(indices)
    return sorted(indices, key=int) + [key for key in value if key not in known]
