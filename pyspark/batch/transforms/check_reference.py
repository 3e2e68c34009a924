"""REF against the bases of a reference."""

from batch.domain.allele import ReferenceBases
from batch.refusal import Refusal
from batch.sources.vcf.types import VcfRecord


def check_reference(record: VcfRecord, bases: ReferenceBases | None, file: str) -> None:
    """A base that differs means another build or a damaged file: the file is refused, alleles are never swapped.

    Raises:
        Refusal: At the first base that differs.
    """
    if bases is None:
        return
    expected = bases(record.pos, record.pos + len(record.ref) - 1)
    if expected == record.ref:
        return
    for index, found in enumerate(record.ref):
        wanted = expected[index] if index < len(expected) else None
        if wanted == found or found == "N" or (wanted is not None and wanted not in "ACGT"):
            continue
        raise Refusal(
            "INGEST_REJECTED",
            f"{file}, line {record.line}: REF does not match the reference at {record.contig}:{record.pos + index}",
            record.line,
            "REF",
            wanted or "a position inside the contig",
        )
