"""Watches for men who are diploid on X where other men of the file are haploid."""

from batch.domain.sample import SampleFlag
from batch.sources.vcf.types import Ints, VcfRecord
from batch.transforms.call_set_draft import CallSetDraft


class PloidyWatch:
    """Sees every accepted record of one range.

    Attributes:
        haploid: Records on X outside the pseudoautosomal regions in which a man's column is haploid, by column.
        diploid: In which it is not. Add both over ranges.
    """

    haploid: Ints
    diploid: Ints

    def __init__(self, call_set: CallSetDraft, sample_of_column: Ints) -> None:
        """For a file with these columns."""

    def see(self, record: VcfRecord) -> None:
        """Call it for each record handed on by the reader, filtered or not."""
        raise NotImplementedError


def ploidy_flags(call_set: CallSetDraft, sample_of_column: Ints, haploid: Ints, diploid: Ints) -> list[SampleFlag]:
    """Flags of one file (summed over its ranges) that the call set does not have yet; the caller adds them to it."""
    raise NotImplementedError
