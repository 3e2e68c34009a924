"""What the header of one file decides before its records are read."""

from batch.sources.vcf.types import VcfHeader


def build_of(header: VcfHeader, stated: str | None, file: str) -> str:
    """The build comes from the header or from the caller.

    Raises:
        Refusal: They disagree, or neither says.
    """
    raise NotImplementedError


def caller_of(header: VcfHeader) -> str | None:
    """`##source`, as the file says it."""
    return header.source
