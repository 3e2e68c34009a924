"""What the ranges of one file say together."""

from collections.abc import Iterable

from batch.sources.vcf.types import FileRules, RangeSummary


def settle_ranges(summaries: Iterable[RangeSummary]) -> FileRules | None:
    """None when each range, read alone, gave what one reader of the whole file would have given.

    Else the rules with which every range has to be read again. The order of `summaries` does not matter.
    """
    raise NotImplementedError
