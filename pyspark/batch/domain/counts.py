"""What one sample's genotype is for one alternate allele."""

from typing import Final, NamedTuple

from batch.domain.genotype import GenotypeText

COUNT_FIELDS: Final = (
    "ac",
    "an",
    "homRef",
    "het",
    "hetAlt",
    "homAlt",
    "hemiRef",
    "hemiAlt",
    "otherAlt",
    "halfMissing",
    "missing",
)
"""Every sample of a record is in exactly one class (all but the first two), so the classes add up to the samples.

`otherAlt`: only other alternates of the original record. Haploid genotypes (X and Y of males, MT) are the hemi classes.
Source: VCF 4.5, section 1.6.2.
"""

COUNT_WIDTH: Final = len(COUNT_FIELDS)
"""Integers per group in a flattened row of counts."""


class AlleleCall(NamedTuple):
    """How a genotype counts.

    Attributes:
        genotype_class: One of `COUNT_FIELDS`.
        dosage: Copies of this alternate.
        other_alt_dosage: Copies of other alternates of the original record.
        called: Called alleles: 0 for missing, 1 for haploid or half-missing.
    """

    genotype_class: str
    dosage: int
    other_alt_dosage: int
    called: int


def call_allele(genotype: GenotypeText, alt_index: int) -> AlleleCall:
    """How a genotype of the original record counts for its alternate number `alt_index` (1-based)."""
    alleles = genotype.alleles
    called = sum(allele >= 0 for allele in alleles)
    dosage = alleles.count(alt_index)
    other = called - dosage - alleles.count(0)
    return AlleleCall(_class_of(len(alleles), called, dosage, other), dosage, other, called)


def _class_of(ploidy: int, called: int, dosage: int, other_alt_dosage: int) -> str:
    if called == 0:
        return "missing"
    if called < ploidy:
        return "halfMissing"
    if dosage == 0 and other_alt_dosage == 0:
        return "hemiRef" if ploidy == 1 else "homRef"
    if dosage == 0:
        return "otherAlt"
    if dosage == ploidy:
        return "hemiAlt" if ploidy == 1 else "homAlt"
    return "hetAlt" if other_alt_dosage > 0 else "het"
