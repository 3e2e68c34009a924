"""What each genotype text means for one alternate: the dimension `staged_genotypes`."""

from collections.abc import Sequence
from typing import NamedTuple

from batch.domain.genotype import GenotypeText


class GenotypeFacts(NamedTuple):
    """One row of `staged_genotypes`. Both dosages are None where no allele is called."""

    text: str
    dosage: int | None
    other_alt_dosage: int | None
    ploidy: int
    phased: bool
    genotype_class: str


def genotype_facts(texts: Sequence[GenotypeText], alt_index: int) -> list[GenotypeFacts]:
    """By code, for the alternate with this 1-based number."""
    raise NotImplementedError
