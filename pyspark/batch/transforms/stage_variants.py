"""Turns records into the rows of the staging tables, and counts what it leaves out."""

from dataclasses import dataclass, field
from typing import NamedTuple

from batch.domain.genotype import GenotypeText
from batch.sources.fasta import Fasta
from batch.sources.vcf.types import Ints, VcfRecord
from batch.transforms.call_set_draft import CallSetDraft


class VariantFilters(NamedTuple):
    """Which records and alleles to leave out. None means: no such filter."""

    min_qual: float | None = None
    pass_only: bool = False
    min_af: float | None = None
    max_af: float | None = None


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

    -1 is missing in `dp`, `gq`, `ad_ref`, `ad_alt`; where one of them, `phase_set` or `filters` is None, all are missing.

    Attributes:
        sample_index: Index in the call set.
        gt: Code of the genotype text in `texts`: see `genotype_facts` for what it means for an alternate.
        texts: The genotype texts of the reader that made the record.
    """

    sample_index: Ints
    gt: Ints
    texts: list[GenotypeText]
    dp: Ints | None
    gq: Ints | None
    ad_ref: Ints | None
    ad_alt: Ints | None
    phase_set: list[str | None] | None
    filters: list[str | None] | None


class StagedRecord(NamedTuple):
    """The rows one record leaves, in the order of its alternates. `calls[i]` are those of `variants[i]`."""

    variants: list[VariantRow]
    calls: list[CallColumns]
    structural: list[StructuralRow]
    blocks: list[BlockRow]


@dataclass
class StageTally:
    """What became of the records of one file, or of one range of it, before duplicates are known.

    Attributes:
        reference_records: Records with no alternate to keep as a row of its own.
        reference_records_with_rows: Those among them that left at least one block.
        filtered_records: Records left out whole, by rule.
        filtered_alleles: Alleles left out, by rule.
        alleles_read: Alternates of bases, symbolic alleles and breakends.
        blocks: Rows of reference blocks.
        carriers: Rows of calls.
    """

    reference_records: int = 0
    reference_records_with_rows: int = 0
    filtered_records: dict[str, int] = field(default_factory=dict)
    filtered_alleles: dict[str, int] = field(default_factory=dict)
    alleles_read: int = 0
    blocks: int = 0
    carriers: int = 0

    def add(self, other: "StageTally") -> None:
        """Adds the tally of another range."""
        raise NotImplementedError


class Stager:
    """Stages the records of one range of one file.

    Attributes:
        tally: Of this range so far.
    """

    tally: StageTally

    def __init__(
        self,
        file_name: str,
        build: str,
        call_set: CallSetDraft,
        sample_of_column: Ints,
        filters: VariantFilters,
        reference: Fasta | None,
    ) -> None:
        """`sample_of_column` as `call_set_draft.sample_of_column` answers it for the header's samples."""

    def stage(self, record: VcfRecord) -> StagedRecord:
        """The rows of one record. Empty lists where it is left out.

        Raises:
            Refusal: REF differs from the reference: the file is refused. Of the refusals of several ranges the one
                with the lowest line stands, and only where `settle_ranges` says that what was read stands.
        """
        raise NotImplementedError
