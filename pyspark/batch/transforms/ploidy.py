"""Flags a man who is diploid on X outside the pseudoautosomal regions, where other men of his file are haploid."""

import re

import numpy as np

from batch.domain.contig import in_pseudoautosomal
from batch.domain.sample import SampleFlag
from batch.sources.vcf.types import Genotypes, Ints, VcfRecord
from batch.transforms.call_set_draft import CallSetDraft

_X = re.compile(r"(?:(?:chr)?X\Z|NC_000023\.)")
_FLAG = "sexPloidyMismatch"


class PloidyWatch:
    """Sees every accepted record of one range.

    Attributes:
        haploid: Records on X outside the pseudoautosomal regions in which a man's column is haploid, by column.
        diploid: In which it is not. Add both over ranges.
    """

    def __init__(self, call_set: CallSetDraft, sample_of_column: Ints) -> None:
        """For a file with these columns."""
        facts = [call_set.facts.get(call_set.samples[sample]) for sample in sample_of_column.tolist()]
        self._is_male = np.array([fact is not None and fact.sex == "male" for fact in facts], dtype=bool)
        self._build = call_set.build
        self._is_x: tuple[str, bool] = ("", False)
        self._ploidy: Ints = np.empty(0, dtype=np.int32)
        self.haploid: Ints = np.zeros(len(facts), dtype=np.int32)
        self.diploid: Ints = np.zeros(len(facts), dtype=np.int32)

    def see(self, record: VcfRecord) -> None:
        """Call it for each record handed on by the reader, filtered or not."""
        if record.contig != self._is_x[0]:
            self._is_x = (record.contig, bool(_X.match(record.contig)))
        if not self._is_x[1] or in_pseudoautosomal(self._build, "X", record.pos):
            return
        genotypes = record.genotypes
        self._learn(genotypes)
        base = 0 if genotypes.base < 0 else int(self._ploidy[genotypes.base])
        ploidy = np.full(self._is_male.size, base, dtype=np.int32)
        ploidy[genotypes.sample] = self._ploidy[genotypes.code]
        self.haploid += self._is_male & (ploidy == 1)
        self.diploid += self._is_male & (ploidy > 1)

    def _learn(self, genotypes: Genotypes) -> None:
        if self._ploidy.size < len(genotypes.texts):
            self._ploidy = np.array([len(genotype.alleles) for genotype in genotypes.texts], dtype=np.int32)


def ploidy_flags(call_set: CallSetDraft, sample_of_column: Ints, haploid: Ints, diploid: Ints) -> list[SampleFlag]:
    """Flags of one file (summed over its ranges) that the call set does not have yet; the caller adds them to it."""
    if not haploid.any():
        return []
    flagged = {flag.sample_id for flag in call_set.flags if flag.flag == _FLAG}
    columns = ((diploid > 0) & (haploid == 0)).nonzero()[0]
    samples = [call_set.samples[sample] for sample in sample_of_column[columns].tolist()]
    detail = "male in the sample sheet, diploid on X outside the pseudoautosomal regions"
    return [SampleFlag(sample, _FLAG, detail) for sample in samples if sample not in flagged]
