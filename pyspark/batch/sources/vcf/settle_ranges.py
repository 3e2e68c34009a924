"""What the ranges of one file say together."""

from collections.abc import Iterable
from itertools import pairwise

from batch.sources.vcf.limits import MAX_TEXTS
from batch.sources.vcf.types import ContigLines, FileRules, RangeSummary


def settle_ranges(summaries: Iterable[RangeSummary], rules: FileRules | None = None) -> FileRules | None:
    """None when what the ranges gave is what one reader of the whole file would have given.

    Else the rules with which every range has to be read again, and settled again. A file whose contigs form blocks is
    read once; any other twice, and more often only where it has more than 65,535 different genotype texts, too.

    Args:
        summaries: Of every range, in any order.
        rules: Those the ranges were read with.
    """
    rules = FileRules() if rules is None else rules
    contigs: dict[str, ContigLines] = {}
    uses: dict[str, tuple[int, int]] = {}
    for summary in summaries:
        for name, lines in summary.contigs.items():
            _merge(contigs.setdefault(name, ContigLines()), lines)
        for text, use in summary.genotypes.items():
            uses[text] = min(use, uses.get(text, use))
    ends = _ends_of(contigs)
    texts = None if len(uses) <= MAX_TEXTS else frozenset(sorted(uses, key=uses.__getitem__)[:MAX_TEXTS])
    if texts == rules.genotypes and not any(_is_wrong(lines, ends.get(name)) for name, lines in contigs.items()):
        return None
    return FileRules(ends, texts)


def _merge(into: ContigLines, lines: ContigLines) -> None:
    into.first = _earlier(into.first, lines.first)
    into.last = max(into.last, lines.last)
    into.refused = _earlier(into.refused, lines.refused)


def _earlier(one: int, other: int) -> int:
    """Of two lines, of which 0 is none."""
    return min(one, other) if one and other else one or other


def _ends_of(contigs: dict[str, ContigLines]) -> dict[str, int]:
    """A contig ends where the next one has its first record that is right, in the order of first records."""
    opened = sorted((lines.first, name) for name, lines in contigs.items() if lines.first)
    return {name: line for (_, name), (line, _) in pairwise(opened)}


def _is_wrong(lines: ContigLines, end: int | None) -> bool:
    """Whether a record after the end was let through, or one before it was refused."""
    if end is None:
        return lines.refused > 0
    return lines.last >= end or 0 < lines.refused < end
