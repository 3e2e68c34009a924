"""What the header of one file decides before its records are read."""

from batch.refusal import Refusal
from batch.sources.vcf.types import VcfHeader


def build_of(header: VcfHeader, stated: str | None, file: str) -> str:
    """The build comes from the header or from the caller.

    Raises:
        Refusal: They disagree, or neither says.
    """
    if header.build is not None and stated is not None and header.build != stated:
        message = f"{file}: the header says {header.build}, the caller says {stated}"
        raise Refusal("INGEST_REJECTED", message, 1, "##contig", stated)
    build = header.build or stated
    if build is None:
        raise Refusal(
            "INGEST_REJECTED",
            f"{file}: the header does not tell the build (no ##contig lengths of GRCh37 or GRCh38); "
            "state it as assemblyId",
            1,
            "##contig",
            "contig lengths, or assemblyId GRCh37 or GRCh38",
        )
    return build


def caller_of(header: VcfHeader) -> str | None:
    """`##source`, as the file says it."""
    return header.source
