"""Reads the records of one range of whole lines."""

from batch.sources.vcf.types import FileRules, RangeSummary, Rejection, VcfHeader, VcfRecord


class RangeReader:
    """Turns lines into records or rejections, as one reader of the whole file would.

    Attributes:
        summary: What this range tells about its file so far. It can be pickled.
    """

    summary: RangeSummary

    def __init__(self, header: VcfHeader, build: str | None, rules: FileRules | None = None) -> None:
        """`build` is the stated one, for contigs whose length the header leaves out; the header's own goes first.

        Without `rules` the range is read as if it were alone; see `settle_ranges`.
        """

    def read(self, line: int, raw: bytes) -> VcfRecord | Rejection | None:
        """One line; None where it is empty, which is no record.

        Args:
            line: 1-based, in the decompressed text of the whole file.
            raw: The line without its line break; a carriage return before it may stay. A line longer than
                `LINE_BYTES` (8 MiB) may be cut at `LINE_BYTES` + 2 or later.
        """
        raise NotImplementedError
