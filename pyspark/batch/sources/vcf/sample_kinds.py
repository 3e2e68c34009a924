"""What is known of texts of samples: most samples of a file look like one before."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch.sources.vcf.format_plan import FormatPlan
from batch.sources.vcf.genotype_texts import GenotypeTexts
from batch.sources.vcf.sample_fields import FieldChecks, SampleFields, read_sample

CODE, DP, GQ, MIN_DP, KEEPS, DEPTHS = range(6)
"""Columns of a table of kinds; the depths of all alleles come last, where AD is kept."""

_MAX_KINDS: Final = 20_000
_MAX_CELLS: Final = 1 << 20


class SampleKinds(dict[bytes, int]):
    """Number of each text of a sample, under one FORMAT and number of alternates; a new text is read when asked for.

    Attributes:
        table: Integers by number of text.
        fields: The same and the texts, by number of text.
    """

    def __init__(self, plan: FormatPlan, alternates: int, texts: GenotypeTexts) -> None:
        super().__init__()
        self.plan = plan
        self.alternates = alternates
        self.fields: list[SampleFields] = []
        self.checks = FieldChecks(plan, alternates)
        self._alleles = alternates + 1 if "ad" in plan.kept else 0
        self.table: NDArray[np.int32] = np.empty((64, DEPTHS + self._alleles), dtype=np.int32)
        self._genotypes = texts
        self._line = 0

    def begin(self, line: int) -> None:
        """Called before the texts of a line: numbers of an earlier line may end here."""
        self._line = line
        if len(self) > min(_MAX_KINDS, _MAX_CELLS // self.table.shape[1]):
            self.clear()
            self.fields.clear()

    def __missing__(self, text: bytes) -> int:
        """Reads a text; its fault does not know the name of the sample."""
        fields = read_sample("", text.decode(), self.checks, self._genotypes, self._line)
        number = len(self.fields)
        if number == len(self.table):
            self.table = np.concatenate([self.table, np.empty_like(self.table)])
        row = self.table[number]
        row[:DEPTHS] = fields.code, fields.dp, fields.gq, fields.min_dp, fields.keeps
        if self._alleles:
            row[DEPTHS:] = -1 if fields.ad is None else fields.ad
        self.fields.append(fields)
        self[text] = number
        return number
