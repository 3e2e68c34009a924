"""What each genotype text means for one alternate: the dimension `staged_genotypes`."""

from collections.abc import Sequence
from typing import NamedTuple

from batch.domain.counts import call_allele
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
    facts = []
    for genotype in texts:
        call = call_allele(genotype, alt_index)
        is_called = call.called > 0
        facts.append(
            GenotypeFacts(
                genotype.text,
                call.dosage if is_called else None,
                call.other_alt_dosage if is_called else None,
                len(genotype.alleles),
                genotype.phased,
                call.genotype_class,
            )
        )
    return facts
