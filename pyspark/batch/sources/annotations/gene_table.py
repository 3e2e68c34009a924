"""A gene table. `start` and `end` are 1-based with both ends included, as Ensembl gives them."""

import re

from batch.domain.gene import Gene
from batch.domain.text import SPACE, utf16_length
from batch.sources.annotations.cells import contig_of, position_of, stated_build
from batch.sources.annotations.table import RowFault, TableRow, column_finder

_SYMBOL_COLUMNS = ("symbol", "gene_symbol", "hgnc_symbol", "gene_name")
_HGNC = re.compile("(?:HGNC:)?([0-9]{1,9})", re.ASCII | re.IGNORECASE)
_ID = re.compile(f"[^{SPACE}\0]+")
_DARK = re.compile(f"[^{SPACE}]+")
_ID_UNITS = 64
_SYMBOL_UNITS = 100


class GeneTable:
    """Reads rows."""

    def __init__(self, columns: tuple[str, ...], stated: str | None) -> None:
        """Raises `Refusal` where the caller does not say the build."""
        self._build = stated_build(stated)
        find = column_finder(columns)
        self._contig = find("chrom", "chromosome", "contig", "seqname")
        self._start = find("start", "gene_start")
        self._end = find("end", "gene_end")
        self._ensembl = find("ensembl_id", "ensembl_gene_id", "gene_id")
        self._hgnc = find("hgnc_id")
        self._symbol = find(*_SYMBOL_COLUMNS)
        self._name = find("description", "name")

    def read(self, row: TableRow) -> Gene:
        """What one row says.

        Raises:
            RowFault: It breaks a rule.
        """
        build = self._build
        contig = contig_of("chrom", row.text(self._contig))
        start = position_of("start", row.text(self._start), build, contig)
        end = position_of("end", row.text(self._end), build, contig)
        if end < start:
            raise RowFault("end", "GENE_ORDER", f"{start} to {end}")
        ensembl_id = row.text(self._ensembl)
        hgnc_id = _hgnc_of(row.text(self._hgnc))
        gene_id = ensembl_id if hgnc_id is None else hgnc_id
        if gene_id is None or not _ID.fullmatch(gene_id) or utf16_length(gene_id) > _ID_UNITS:
            raise RowFault("gene id", "GENE_ID", "nothing" if gene_id is None else gene_id)
        symbol = symbol_of(row.text(self._symbol))
        return Gene(build, contig, start, end, gene_id, ensembl_id, hgnc_id, symbol, row.text(self._name))


def symbol_of(text: str | None) -> str:
    """A gene symbol."""
    if text is None or not _DARK.fullmatch(text) or utf16_length(text) > _SYMBOL_UNITS:
        raise RowFault("symbol", "SYMBOL", "nothing" if text is None else text)
    return text


def symbol_column(columns: tuple[str, ...]) -> int:
    """Where a table names gene symbols; -1 where it does not."""
    return column_finder(columns)(*_SYMBOL_COLUMNS)


def is_gene_table(columns: tuple[str, ...]) -> bool:
    """Whether a table with these columns places genes."""
    find = column_finder(columns)
    has_place = find("start", "gene_start") >= 0 and find("end", "gene_end") >= 0
    return has_place and symbol_column(columns) >= 0 and find("ref", "referenceallelevcf") < 0


def _hgnc_of(text: str | None) -> str | None:
    """`1884` and `HGNC:1884` are the same."""
    if text is None:
        return None
    match = _HGNC.fullmatch(text)
    if match is None:
        raise RowFault("hgnc_id", "GENE_ID", text)
    return f"HGNC:{match[1]}"
