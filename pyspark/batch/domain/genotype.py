"""Genotype texts."""

import re
from typing import Final, NamedTuple

_GENOTYPE = re.compile(r"[/|]?(?:[0-9]+|\.)(?:[/|](?:[0-9]+|\.))*")
_SEPARATOR = re.compile("[/|]")

NO_BOUND: Final = 2**53 - 1
"""More alleles than any record has; the twin counts in floats, which are whole up to here."""


class GenotypeText(NamedTuple):
    """One distinct genotype text.

    Attributes:
        text: As written.
        alleles: 0 is REF, -1 is missing.
        phased: True when every separator is `|` (a haploid call is phased only where the text says so).
    """

    text: str
    alleles: tuple[int, ...]
    phased: bool


def parse_genotype(text: str, allele_count: int = NO_BOUND) -> GenotypeText | None:
    """None when the text is no genotype, or names an allele the record does not have. Source: VCF 4.5, 1.6.2."""
    if not _GENOTYPE.fullmatch(text):
        return None
    body = text[1:] if text[0] in "/|" else text
    alleles = tuple(-1 if allele == "." else int(allele) for allele in _SEPARATOR.split(body))
    if max(alleles) >= allele_count:
        return None
    return GenotypeText(text, alleles, "|" in text and "/" not in body)


def is_hom_ref(genotype: GenotypeText) -> bool:
    """Whether every allele is REF."""
    return all(allele == 0 for allele in genotype.alleles)
