"""Alternate alleles: what kind they are, and their shortest form."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

ReferenceBases = Callable[[int, int], str]
"""Bases of one contig, 1-based and closed; empty where the reference ends."""

AlleleKind = Literal["sequence", "none", "overlapping_deletion", "unspecified", "structural"]
"""`none`: no alternate was seen. `overlapping_deletion`: `*`. `unspecified`: any allele not listed (gVCF)."""

_SEQUENCE = re.compile("[ACGTNURYSWKMBDHVacgtnuryswkmbdhv]+")


class Allele(NamedTuple):
    """One alternate after splitting: 1-based position, upper-case bases."""

    pos: int
    ref: str
    alt: str


def classify_alt(alt: str) -> AlleleKind:
    """Source: VCF 4.3 to 4.5, sections 1.4.1 and 5."""
    if alt in (".", ""):
        return "none"
    if alt == "*":
        return "overlapping_deletion"
    if alt in ("<NON_REF>", "<*>"):
        return "unspecified"
    return "sequence" if _SEQUENCE.fullmatch(alt) else "structural"


def normalise_allele(allele: Allele, reference: ReferenceBases | None) -> Allele:
    """The shortest form at the same place; with a reference also shifted as far left as it goes.

    Shared last bases go first, then shared first bases while both alleles keep one.

    >>> normalise_allele(Allele(100, "CTT", "CT"), None)
    Allele(pos=100, ref='CT', alt='C')
    """
    pos, ref, alt = allele
    if ref == alt or (len(ref) == 1 and len(alt) == 1):
        return allele
    if reference is None:
        end = 0
        shortest = min(len(ref), len(alt))
        while end < shortest - 1 and ref[-1 - end] == alt[-1 - end]:
            end += 1
        if end > 0:
            ref, alt = ref[:-end], alt[:-end]
    else:
        pos, ref, alt = _left_align(pos, ref, alt, reference)
    start = 0
    last = min(len(ref), len(alt)) - 1
    while start < last and ref[start] == alt[start]:
        start += 1
    return Allele(pos + start, ref[start:], alt[start:])


def _left_align(pos: int, ref: str, alt: str, reference: ReferenceBases) -> tuple[int, str, str]:
    while True:
        if ref and alt and ref[-1] == alt[-1] and (len(ref) > 1 or len(alt) > 1 or pos > 1):
            ref, alt = ref[:-1], alt[:-1]
        elif (not ref or not alt) and pos > 1:
            before = reference(pos - 1, pos - 1)
            if before == "":
                break
            pos -= 1
            ref, alt = before + ref, before + alt
        else:
            break
    if not ref or not alt:
        after = reference(pos + len(ref), pos + len(ref))
        ref, alt = ref + after, alt + after
    return pos, ref, alt


VariantType = Literal["SNV", "MNV", "insertion", "deletion", "delins"]
"""Sequence Ontology term of a normalised allele."""


def variant_type_of(ref: str, alt: str) -> VariantType:
    """An insertion or deletion has its padding base before it, or behind it at the first base of the contig."""
    if len(ref) == 1 and len(alt) == 1:
        return "SNV"
    if len(ref) == len(alt):
        return "MNV"
    if alt.startswith(ref) or alt.endswith(ref):
        return "insertion"
    if ref.startswith(alt) or ref.endswith(alt):
        return "deletion"
    return "delins"
