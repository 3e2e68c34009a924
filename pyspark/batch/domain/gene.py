"""Genes and the diseases sources tie them to."""

from typing import NamedTuple


class Gene(NamedTuple):
    """A gene as one release of one gene table places it, in the order its cells are stored.

    Attributes:
        start: 1-based; both ends are included.
        gene_id: HGNC id where the table gives it, else the Ensembl id.
        symbol: An alias: several genes may share it, such as the two copies of a pseudoautosomal gene.
    """

    build: str
    contig: str
    start: int
    end: int
    gene_id: str
    ensembl_id: str | None
    hgnc_id: str | None
    symbol: str
    name: str | None


class GeneDisease(NamedTuple):
    """A disease that one release of one source ties to a gene, in the order its cells are stored.

    Attributes:
        evidence: What the source counts as evidence, as it writes it; None where it gives none.
    """

    symbol: str
    system: str
    code: str
    name: str | None
    evidence: str | None
