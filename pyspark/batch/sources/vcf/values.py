"""What types and counts of values mean, for INFO and for samples."""

import re
from functools import lru_cache
from typing import Final

from batch.sources.vcf.types import FieldDefinition

_INTEGER = re.compile("[-+]?[0-9]+")
_FLOAT = re.compile(
    r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|nan|inf|infinity)", re.ASCII | re.IGNORECASE
)
_ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
_WHOLE = re.compile(r"([0-9]{1,10})(?:\.[0-9]*)?")
_MAX: Final = 2_147_483_647
# VCF 4.3 reserves the eight lowest 32-bit integers.
_MIN: Final = -2_147_483_640


def has_type(value: str, type_name: str) -> bool:
    """Whether one value, or a dot, is of a type of the header."""
    if value == ".":
        return True
    if type_name == "Integer":
        return bool(_INTEGER.fullmatch(value)) and _fits(value)
    if type_name == "Float":
        return bool(_FLOAT.fullmatch(value))
    if type_name == "Character":
        return len(value) == 1 or bool(_ESCAPED.fullmatch(value))
    return type_name == "String"


def _fits(integer: str) -> bool:
    """The text may be as long as a line."""
    digits = integer.lstrip("+-").lstrip("0")
    if len(digits) > 10:
        return False
    value = int(digits or "0")
    return value <= -_MIN if integer[0] == "-" else value <= _MAX


def expected_count(definition: FieldDefinition, alternates: int, ploidy: int) -> float | None:
    """How many values a definition asks for, or None when any number is right."""
    number = definition.number
    if isinstance(number, int):
        return number
    if number == "A":
        return alternates
    if number == "R":
        return alternates + 1
    if number == "G":
        return genotypes(alternates + 1, ploidy)
    return None


def is_sample_count(definition: FieldDefinition, items: int, alternates: int, ploidy: int) -> bool:
    """Whether a sample may have so many values of a definition."""
    number = definition.number
    if isinstance(number, str) and alternates == 0:
        return True
    wanted = expected_count(definition, alternates, ploidy)
    if wanted is None or items == wanted:
        return True
    # A caller may write diploid likelihoods beside a missing or haploid call.
    if number == "G":
        return items == genotypes(alternates + 1, 2)
    # Mutect2 of GATK 4.0 declares MBQ, MFRL and MMQ per alternate, and writes them per allele.
    return number == "A" and items == alternates + 1


def whole_number(value: str) -> int:
    """The whole part of a count, or -1 where the text is none that fits 32 bits."""
    match = _WHOLE.fullmatch(value)
    if match is None:
        return -1
    number = int(match[1])
    return number if number <= _MAX else -1


@lru_cache(4096)
def genotypes(alleles: int, ploidy: int) -> float:
    """Unordered genotypes of `ploidy` alleles out of `alleles`; in floats, as the twin counts."""
    count = 1.0
    for index in range(1, ploidy + 1):
        count = (count * (alleles + index - 1)) / index
    return float(round(count)) if count < 2**53 else count
