"""64-bit content hash of a record, to tell a repeat from a contradiction. Not for security.

The same integers as the TypeScript twin computes: 32 bits that wrap around, over UTF-16 units.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch.domain.text import utf16_units

_BITS: Final = 0xFFFFFFFF
_FNV_PRIME: Final = 0x01000193
# Another odd multiplier: texts that are equal by one are not by both.
_SECOND_PRIME: Final = 0x5BD1E995

Words = NDArray[np.uint32]


def _mix(h: int) -> int:
    """The finalisation of MurmurHash3 (public domain): every input bit reaches every output bit."""
    h &= _BITS
    h = (h ^ (h >> 16)) * 0x85EBCA6B & _BITS
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & _BITS
    return h ^ (h >> 16)


def _mix_words(words: Words) -> Words:
    """`_mix` of each word."""
    words = (words ^ (words >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    words = (words ^ (words >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return words ^ (words >> np.uint32(16))


def _hash(text: str, prime: int) -> int:
    h = 0x811C9DC5
    if text.isascii():
        for unit in text.encode("ascii"):
            h = (h ^ unit) * prime & _BITS
    else:
        units = utf16_units(text)
        for high, low in zip(units[::2], units[1::2], strict=True):
            h = (h ^ (high << 8 | low)) * prime & _BITS
    return _mix(h)


def hash_text(text: str) -> int:
    """32 bits, without sign."""
    return _short_hashes(text)[0] if len(text) <= 64 else _hash(text, _FNV_PRIME)


@lru_cache(65_536)
def _short_hashes(text: str) -> tuple[int, int]:
    return _hash(text, _FNV_PRIME), _hash(text, _SECOND_PRIME)


def entry_words(first: Words, b: Words, second: Words | int) -> tuple[int, int]:
    """Sums over entries: the order of calls does not matter. See `first_words` and `second_words`."""
    first = _mix_words(first ^ b)
    multiplied = second * np.uint32(0x27D4EB2F) if isinstance(second, np.ndarray) else second * 0x27D4EB2F & _BITS
    folded = second if isinstance(second, np.ndarray) else np.uint32(second)
    high = _mix_words(first ^ folded)
    low = _mix_words(first + (multiplied if isinstance(multiplied, np.ndarray) else np.uint32(multiplied)))
    return int(high.sum(dtype=np.uint64)), int(low.sum(dtype=np.uint64))


@lru_cache(1 << 17)
def entry_sums(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    """What one entry adds: faster than words for a few entries, most of which come again."""
    first = _mix(_mix(a + 0x51ED270B) ^ (b & _BITS))
    second = _mix(_mix(c + 0x2545F491) ^ (d & _BITS))
    return _mix(first ^ second), _mix(first + second * 0x27D4EB2F)


def first_words(a: NDArray[np.integer]) -> Words:
    """What the first value of each entry, the sample, becomes."""
    return _mix_words(a.astype(np.uint32) + np.uint32(0x51ED270B))


def second_words(c: NDArray[np.integer], d: NDArray[np.integer] | int) -> Words:
    """What the third and fourth value of each entry become."""
    fourth = d.astype(np.uint32) if isinstance(d, np.ndarray) else np.uint32(d & _BITS)
    return _mix_words(_mix_words(c.astype(np.uint32) + np.uint32(0x2545F491)) ^ fourth)


def second_word(c: int, d: int) -> int:
    """`second_words` of one entry."""
    return _mix(_mix(c + 0x2545F491) ^ (d & _BITS))


class ContentHash:
    """Takes texts and integers in order, entries in any order."""

    def __init__(self) -> None:
        self._high = 0x9E3779B9
        self._low = 0x7F4A7C15
        self._sum_high = 0
        self._sum_low = 0

    def add_integer(self, value: int) -> None:
        """32 bits of it, with or without sign."""
        self._high = _mix(self._high ^ (value & _BITS))
        self._low = _mix(self._low * 31 + value + self._high)

    def add_text(self, text: str) -> None:
        """Both hashes of a text and its length in units."""
        first, second = (
            _short_hashes(text) if len(text) <= 64 else (_hash(text, _FNV_PRIME), _hash(text, _SECOND_PRIME))
        )
        self.add_integer(first)
        self.add_integer(second)
        self.add_integer(len(text) if text.isascii() else len(utf16_units(text)) // 2)

    def add_entries(self, sums: tuple[int, int]) -> None:
        """As `entry_words` sums them."""
        self._sum_high += sums[0]
        self._sum_low += sums[1]

    def digest(self) -> int:
        """64 bits, with sign."""
        self.add_integer(self._sum_high & _BITS)
        self.add_integer(self._sum_low & _BITS)
        high = self._high - (1 << 32) if self._high & 0x80000000 else self._high
        return high << 32 | self._low
