"""Text as the TypeScript twin sees it: UTF-16 units, its white space, its sort order.

Both twins must cut, sort and hash texts alike, and JavaScript counts in UTF-16 units.
"""

import re
from collections.abc import Iterable

SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""Inside a character class: what `\\s` means in JavaScript. Python's own differs in seven characters."""

_STRIPPED = (
    "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_SPACE = re.compile(f"[{SPACE}]")
_LONE = re.compile("[\ud800-\udfff]")


def trim(text: str) -> str:
    """Without white space at both ends."""
    return text.strip(_STRIPPED)


def split_at_space(text: str) -> list[str]:
    """At every character of white space."""
    return _SPACE.split(text)


def utf16_units(text: str) -> bytes:
    """Two bytes per unit, the higher first: as bytes they sort as the units do."""
    return text.encode("utf-16-be", "surrogatepass")


def utf16_length(text: str) -> int:
    """Number of units."""
    return len(text) if text.isascii() else len(utf16_units(text)) // 2


def cut(text: str, units: int) -> str:
    """The first units. Half of a pair may be left at the end, as JavaScript leaves it."""
    if len(text) <= units // 2 or text.isascii():
        return text[:units]
    return utf16_units(text)[: units * 2].decode("utf-16-be", "surrogatepass")


def sorted_texts(texts: Iterable[str]) -> list[str]:
    """In the order of their units."""
    return sorted(texts, key=utf16_units)


def escape_lone_surrogates(json_text: str) -> str:
    r"""JSON with halves of pairs as `\ud800`: as JavaScript writes them, and as UTF-8 can carry them."""
    return _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)
