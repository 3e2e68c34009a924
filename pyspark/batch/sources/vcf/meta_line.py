"""`##key=value`; structured values are `<key=value,…>` with optional quotes and brackets."""

from typing import NamedTuple

from batch.domain.text import trim

_FIELDS = "key=value fields separated by commas"


class MetaField(NamedTuple):
    """One `key=value` inside angle brackets."""

    key: str
    value: str
    is_quoted: bool


class MetaLine(NamedTuple):
    """A line of the header; `fields` in order, or None when the value is plain text."""

    key: str
    value: str
    fields: tuple[MetaField, ...] | None


class MetaFault(Exception):
    """What the line should have been."""


def parse_meta_line(line: str) -> MetaLine:
    """A line that starts with `##`.

    Raises:
        MetaFault: It is not `##key=value`, or its angle brackets do not hold together.
    """
    at = line.find("=")
    if at <= 2:
        raise MetaFault("##key=value")
    key, value = line[2:at], line[at + 1 :]
    if value == "":
        raise MetaFault("a value after =")
    if not value.startswith("<"):
        return MetaLine(key, value, None)
    if not value.endswith(">"):
        raise MetaFault("a closing > at the end of the line")
    return MetaLine(key, value, _parse_fields(value[1:-1]))


def _parse_fields(text: str) -> tuple[MetaField, ...]:
    fields = []
    at = 0
    while at < len(text):
        equals = text.find("=", at)
        if equals < 0:
            raise MetaFault(_FIELDS)
        key = trim(text[at:equals])
        if key == "" or "," in key:
            raise MetaFault(_FIELDS)
        quote = text[equals + 1 : equals + 2]
        is_quoted = quote in ('"', "'") and quote != ""
        value, stop = _quoted(text, equals, quote) if is_quoted else _plain(text, equals, quote)
        fields.append(MetaField(key, value, is_quoted))
        at = stop + 1
        if stop == len(text) - 1 and text[stop] == ",":
            raise MetaFault("no comma at the end")
    if not fields:
        raise MetaFault("at least one key=value")
    return tuple(fields)


def _quoted(text: str, equals: int, quote: str) -> tuple[str, int]:
    """The value between quotation marks, and the place behind the closing one."""
    stop = equals + 2
    while stop < len(text) and text[stop] != quote:
        stop += 2 if text[stop] == "\\" else 1
    if stop >= len(text):
        raise MetaFault("a closing quotation mark")
    if stop + 1 < len(text) and text[stop + 1] != ",":
        raise MetaFault("no unescaped quotation mark inside a value")
    return text[equals + 2 : stop], stop + 1


def _plain(text: str, equals: int, first: str) -> tuple[str, int]:
    """The value up to a comma, which may stand inside brackets."""
    closing = text.find("]", equals) if first == "[" else -1
    stop = text.find(",", max(equals, closing))
    stop = len(text) if stop < 0 else stop
    return text[equals + 1 : stop], stop
