"""What the readers of knowledge hand on."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from batch.domain.clinical import ClinicalStatement
from batch.domain.gene import Gene, GeneDisease
from batch.sources.vcf.types import Rejection, VcfHeader

ANNOTATION_RULES: Final = {
    "COLUMN_COUNT": "a row has as many cells as the header names columns",
    "LINE_TOO_LONG": "a line is at most 8 MiB",
    "ENCODING": "text is UTF-8 without control characters",
    "CONTIG_SYNTAX": "a contig is a name without white space",
    "POS_SYNTAX": "a position is a whole number of at least 1",
    "POS_RANGE": "a position lies on its contig; one beyond its end is of another build",
    "GENE_ORDER": "a gene ends where it begins or after it",
    "GENE_ID": "a gene has an HGNC id or an Ensembl id",
    "SYMBOL": "a gene has a symbol without white space",
    "ALLELE_SYNTAX": "REF and ALT are bases and differ",
    "ONE_ALT": "a record has one alternate: what is said could not be told apart for two",
    "VARIATION_ID": "a record has the id of its variation",
    "SIGNIFICANCE": "a classification is at most 1,000 characters without control characters",
    "DATE_SYNTAX": "a date is YYYY-MM-DD or Mon DD, YYYY, a dash, or empty",
    "DISEASE": "a disease has an id and a name, or one of both",
    "ASSEMBLY": "the row's assembly is that of the file, or GRCh37 or GRCh38",
}
"""Every reason a row of a gene or ClinVar table is put into quarantine; ClinVar as VCF adds the rules of VCF."""

AnnotationFilter = Literal["NO_CLASSIFICATION", "NO_ALTERNATE", "OTHER_ASSEMBLY"]
"""Rows that hold nothing to keep: no classification is stated, no alternate is named, another assembly is meant."""

LayoutName = Literal["genes", "gene-disease", "clinvar-table", "clinvar-vcf"]


class Clinical(NamedTuple):
    """One member per kind of classification, all of one allele."""

    statements: tuple[ClinicalStatement, ...]


AnnotationRecord = Gene | GeneDisease | Clinical
"""What one row of one file says, before the job adds which release it is."""


class Filtered(NamedTuple):
    """A row that holds nothing to keep."""

    rule: AnnotationFilter


class LateRejection(NamedTuple):
    """A rejection that stands in quarantine behind those of the VCF reader: the embedded twin finds its text later."""

    rejection: Rejection


Outcome = Gene | GeneDisease | Clinical | Filtered | Rejection | LateRejection
"""Each record read ends in exactly one of these."""


@dataclass(frozen=True)
class AnnotationLayout:
    """What the head of a file says; small enough to travel to every executor.

    Attributes:
        columns: Of a table; empty for VCF.
        build: The build the caller states; for VCF that of the file.
        released: ISO 8601 date of the release, where the file states it.
        header: Of VCF.
        head_lines: Lines before the first row.
    """

    name: LayoutName
    columns: tuple[str, ...]
    build: str | None
    released: str | None
    header: VcfHeader | None
    head_lines: int
