"""Which records and alleles to leave out."""

from typing import NamedTuple

from batch.domain.counts import COUNT_FIELDS
from batch.sources.vcf.types import Ints, VcfRecord

_AC, _AN = COUNT_FIELDS.index("ac"), COUNT_FIELDS.index("an")


class VariantFilters(NamedTuple):
    """None means: no such filter."""

    min_qual: float | None = None
    pass_only: bool = False
    min_af: float | None = None
    max_af: float | None = None

    def of_record(self, record: VcfRecord) -> str | None:
        """The rule that leaves the record out. FILTER of a dot (filters were not run) is not PASS."""
        if self.pass_only and record.filters != ():
            return "PASS_ONLY"
        if self.min_qual is not None and (record.qual is None or record.qual < self.min_qual):
            return "MIN_QUAL"
        return None

    def of_allele(self, counts: Ints) -> str | None:
        """The rule that leaves the allele out. A frequency that cannot be computed (AN = 0) passes no bound."""
        if self.min_af is None and self.max_af is None:
            return None
        ac, an = int(counts[_AC]), int(counts[_AN])
        af = None if an == 0 else ac / an
        if self.min_af is not None and (af is None or af < self.min_af):
            return "MIN_AF"
        if self.max_af is not None and (af is None or af > self.max_af):
            return "MAX_AF"
        return None
