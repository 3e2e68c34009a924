"""Reads a gene table, a table of genes and diseases, or ClinVar as a table or VCF; the first line tells which."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from batch.refusal import Refusal
from batch.sources.annotations.cells import parse_date
from batch.sources.annotations.clinvar_table import ClinVarTable, is_clinvar_table
from batch.sources.annotations.clinvar_vcf import build_of, row_of
from batch.sources.annotations.gene_disease import GeneDiseaseTable, is_gene_disease
from batch.sources.annotations.gene_table import GeneTable, is_gene_table
from batch.sources.annotations.table import (
    RowFault,
    TableRow,
    empty_file,
    line_text,
    parse_header,
    parse_row,
    rejection_of,
)
from batch.sources.annotations.types import AnnotationLayout, AnnotationRecord, Filtered, LateRejection, Outcome
from batch.sources.vcf.header import read_header
from batch.sources.vcf.limits import LINE_BYTES
from batch.sources.vcf.range_reader import RangeReader
from batch.sources.vcf.types import FileRules, RangeSummary, Rejection

_VCF = (b"##fileformat=VCF", b"\xef\xbb\xbf##fileformat=VCF")


def read_layout(lines: Iterable[bytes], build: str | None) -> AnnotationLayout:
    """Takes lines from the start of the file, and not one more than tell its layout.

    Args:
        lines: From line 1 on, without their line break.
        build: The build the caller states; None where the file has to.

    Raises:
        Refusal: The file is none that is known, or does not tell its build.
    """
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        raise empty_file()
    if first.startswith(_VCF):
        return _vcf_layout(chain((first,), rest), build)
    columns = parse_header(first)
    if is_clinvar_table(columns):
        ClinVarTable(columns, build)
        return AnnotationLayout("clinvar-table", columns, build, None, None, 1)
    if is_gene_table(columns):
        GeneTable(columns, build)
        return AnnotationLayout("genes", columns, build, None, None, 1)
    if is_gene_disease(columns):
        return AnnotationLayout("gene-disease", columns, build, None, None, 1)
    expected = (
        "ClinVar (VCF, variant_summary, or columns chrom pos ref alt clnsig), genes (chrom start end symbol), "
        "or genes with diseases (symbol disease)"
    )
    message = f"the first line names none of the known layouts: expected {expected}"
    raise Refusal("INGEST_REJECTED", message, 1, "header", expected)


def _vcf_layout(lines: Iterator[bytes], stated: str | None) -> AnnotationLayout:
    header = read_header(lines)
    build = build_of(header.build, stated)
    return AnnotationLayout("clinvar-vcf", (), build, parse_date(header.file_date), header, header.lines)


class _RowReader(Protocol):
    def read(self, row: TableRow) -> AnnotationRecord | Filtered: ...


class AnnotationReader(Protocol):
    """Reads the lines of one range of a file, as one reader of the whole file would.

    Attributes:
        summary: Of a VCF, to be settled with those of the other ranges; None for a table.
    """

    summary: RangeSummary | None

    def read(self, line: int, raw: bytes) -> Outcome | None:
        """What one line after the head says, without its line break; None where it is empty, which is no record."""
        ...


def open_reader(layout: AnnotationLayout, rules: FileRules | None = None) -> AnnotationReader:
    """A reader of ranges; `rules` as `settle_ranges` answers them."""
    if layout.name == "clinvar-vcf":
        return _VcfReader(layout, rules)
    return _TableReader(layout)


class _TableReader:
    summary: RangeSummary | None = None

    def __init__(self, layout: AnnotationLayout) -> None:
        self._width = len(layout.columns)
        self._rows: _RowReader
        if layout.name == "clinvar-table":
            self._rows = ClinVarTable(layout.columns, layout.build)
        elif layout.name == "genes":
            self._rows = GeneTable(layout.columns, layout.build)
        else:
            self._rows = GeneDiseaseTable(layout.columns)

    def read(self, line: int, raw: bytes) -> Outcome | None:
        text = line_text(raw[: LINE_BYTES + 1])
        if text == "":
            return None
        try:
            return self._rows.read(parse_row(line, text, self._width, len(raw) > LINE_BYTES))
        except RowFault as fault:
            return rejection_of(fault, line, text)


class _VcfReader:
    def __init__(self, layout: AnnotationLayout, rules: FileRules | None) -> None:
        if layout.header is None or layout.build is None:
            raise ValueError("a VCF has a header and a build")
        self._build = layout.build
        # The caller's build does not bound positions here: this reader's own rule does, and says it in its own words.
        self._records = RangeReader(layout.header, None, rules)
        self.summary: RangeSummary | None = self._records.summary

    def read(self, line: int, raw: bytes) -> Outcome | None:
        record = self._records.read(line, raw)
        if record is None or isinstance(record, Rejection):
            return record
        try:
            return row_of(record, self._build)
        except RowFault as fault:
            return LateRejection(rejection_of(fault, line, line_text(raw)))
