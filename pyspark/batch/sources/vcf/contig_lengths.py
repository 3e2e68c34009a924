"""Bases of a contig as a file names it."""

from collections.abc import Iterable

from batch.domain.contig import StatedContig, canonical_contig, contig_length


class ContigLengths:
    """What its own `##contig` line states, else what the build says. Cheap for records of one contig in a row."""

    def __init__(self, stated: Iterable[StatedContig], build: str | None) -> None:
        self._build = build
        self._lengths = {contig.id: contig.length for contig in stated if contig.length}
        self._last: tuple[str, int | None] = ("", None)

    def of(self, contig: str) -> int | None:
        """None where neither knows the contig."""
        if contig != self._last[0]:
            length = self._lengths.get(contig)
            if length is None and self._build is not None:
                length = contig_length(self._build, canonical_contig(contig))
            self._last = (contig, length)
        return self._last[1]
