"""The rows of the staging tables, which wait until duplicates are known.

Column order is that of the embedded job's tables. `vi`, the number of a row, and `file_index` are the caller's.
"""

from collections.abc import Sequence
from typing import NamedTuple

from batch.domain.genotype import GenotypeText
from batch.sources.vcf.types import Ints


class VariantRow(NamedTuple):
    """One alternate of bases: the columns of `staged_variants` without `vi` and `file_index`, in their order."""

    line: int
    alt_index: int
    call_set_id: str
    build: str
    contig: str
    contig_rank: int
    pos: int
    ref: str
    alt: str
    variant_type: str
    normalisation: str
    ids: str | None
    qual: float | None
    filters: str | None
    info: str | None
    original_pos: int
    original_ref: str
    original_alts: str
    base_gt: str | None
    sample_count: int
    groups_id: str
    group_counts: Ints
    content_hash: int


class StructuralRow(NamedTuple):
    """One symbolic alternate or breakend: the columns of `staged_structural` without `vi` and `file_index`."""

    line: int
    alt_index: int
    call_set_id: str
    build: str
    contig: str
    contig_rank: int
    pos: int
    end_pos: int | None
    ref: str
    alt: str
    sv_type: str
    sv_len: int | None
    ci_pos: str | None
    ci_end: str | None
    mate_id: str | None
    imprecise: bool
    copy_number: float | None
    ids: str | None
    qual: float | None
    filters: str | None
    info: str | None
    sample_count: int
    groups_id: str
    group_counts: Ints
    content_hash: int


class BlockRow(NamedTuple):
    """One sample where no alternate was seen: the columns of `staged_blocks` without `vi` and `file_index`."""

    line: int
    call_set_id: str
    sample_id: str
    build: str
    contig: str
    contig_rank: int
    start_pos: int
    end_pos: int
    ref: str
    gt: str
    min_gq: int | None
    min_dp: int | None
    content_hash: int


class CallColumns(NamedTuple):
    """The calls of one `VariantRow` by column, one entry per listed sample, in the order of the file's columns.

    -1 is missing in `dp`, `gq`, `ad_ref`, `ad_alt`; None in place of a column: all of it is missing.

    Attributes:
        sample_index: Index in the call set.
        gt: Code of the genotype text in `texts`: see `genotype_facts` for what it means for an alternate.
        texts: The genotype texts of the reader that made the record.
    """

    sample_index: Ints
    gt: Ints
    texts: Sequence[GenotypeText]
    dp: Ints | None
    gq: Ints | None
    ad_ref: Ints | None
    ad_alt: Ints | None
    phase_set: Sequence[str | None] | None
    filters: Sequence[str | None] | None


class StagedRecord(NamedTuple):
    """The rows one record leaves, in the order of its alternates. `calls[i]` are those of `variants[i]`."""

    variants: list[VariantRow]
    calls: list[CallColumns]
    structural: list[StructuralRow]
    blocks: list[BlockRow]
