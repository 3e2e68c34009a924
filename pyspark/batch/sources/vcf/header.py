"""Reads the lines before the first record."""

from collections.abc import Iterable

from batch.sources.vcf.types import VcfHeader


def read_header(lines: Iterable[bytes]) -> VcfHeader:
    """Takes lines from the start of the file up to and including `#CHROM`, and not one more.

    Args:
        lines: From line 1 on, without their line break; a carriage return before it may stay. A line may be cut one
            byte or more past the limit of a line.

    Raises:
        Refusal: Every fault of the header refuses the file (INGEST_REJECTED), an empty file among them.
    """
    raise NotImplementedError
