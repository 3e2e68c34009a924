"""Rows that tie a gene to a disease: `symbol`, `disease` as `SYSTEM:id|name`, and how much evidence there is."""

from batch.domain.gene import GeneDisease
from batch.sources.annotations.conditions import coding_of
from batch.sources.annotations.gene_table import symbol_column, symbol_of
from batch.sources.annotations.table import RowFault, TableRow, column_finder


class GeneDiseaseTable:
    """Reads rows."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        find = column_finder(columns)
        self._symbol = symbol_column(columns)
        self._disease = find("disease")
        self._evidence = find("evidence", "variants")
        self._counts_variants = self._evidence >= 0 and columns[self._evidence] == "variants"

    def read(self, row: TableRow) -> GeneDisease:
        """What one row says.

        Raises:
            RowFault: It breaks a rule.
        """
        symbol = symbol_of(row.text(self._symbol))
        text = row.text(self._disease)
        coding = None if text is None else coding_of(text)
        if coding is None:
            raise RowFault("disease", "DISEASE", "nothing" if text is None else text)
        evidence = row.text(self._evidence)
        if evidence is not None and self._counts_variants:
            evidence = f"{evidence} variants"
        return GeneDisease(symbol, coding.system, coding.code, coding.display, evidence)


def is_gene_disease(columns: tuple[str, ...]) -> bool:
    """Whether a table with these columns ties genes to diseases."""
    return symbol_column(columns) >= 0 and column_finder(columns)("disease") >= 0
