"""What the VCF reader hands on: header, records, rejections, and what the ranges of one file say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch.domain.contig import StatedContig
from batch.domain.genotype import GenotypeText

Ints = NDArray[np.int32]
"""Integers by column; -1 is missing."""

Columns = NDArray[np.intp]
"""Columns of samples, from 0."""


class FieldDefinition(NamedTuple):
    """`##INFO` or `##FORMAT`; `number` is a count, or A, R, G, `.`, and P, LA, LR, LG, M of later versions."""

    id: str
    number: int | str
    type: str


@dataclass(frozen=True)
class VcfHeader:
    """What the lines up to and including `#CHROM` say. Small enough to travel to every executor.

    Attributes:
        version: Such as `4.3`.
        samples: In the order of the columns.
        contigs: As the `##contig` lines state them.
        build: What the contig lengths say; without lengths, what `assembly`, `##reference` or `##assembly` name.
        source: The first `##source`: the caller of the variants.
        file_date: The first `##fileDate`, as written.
        filters: Description by ID.
        infos: Stated definitions, and the reserved ones the header leaves out.
        formats: As for `infos`.
        lines: Number of header lines: the first record has line `lines + 1`.
    """

    version: str
    samples: tuple[str, ...]
    contigs: tuple[StatedContig, ...]
    build: str | None
    source: str | None
    file_date: str | None
    filters: Mapping[str, str]
    infos: Mapping[str, FieldDefinition]
    formats: Mapping[str, FieldDefinition]
    lines: int


class Genotypes(NamedTuple):
    """The genotypes of one record, sparse and by column.

    A sample that is not listed has exactly the genotype `texts[base]`, homozygous reference, and no other kept value.

    Attributes:
        texts: Distinct genotype texts of this reader; grows, codes never change. Codes of two readers differ.
        base: Code of every sample that is not listed; -1 when all are listed, or none has a genotype.
        sample: Column of each listed sample, from 0, ascending.
        code: Code of each listed sample.
        dp: Depth of each listed sample, or None where the record does not give it. So `gq`, `min_dp`.
        ad: Listed sample × allele, REF first.
        ps: Phase set of each listed sample.
        filters: FORMAT/FT of each listed sample.
    """

    texts: Sequence[GenotypeText]
    base: int
    sample: Columns
    code: Ints
    dp: Ints | None = None
    gq: Ints | None = None
    min_dp: Ints | None = None
    ad: Ints | None = None
    ps: Sequence[str | None] | None = None
    filters: Sequence[str | None] | None = None


class VcfRecord(NamedTuple):
    """One record that breaks no rule.

    Attributes:
        line: 1-based, in the decompressed text.
        contig: As written.
        pos: 1-based; 0 and one past the end are telomeres.
        ids: Empty for a dot.
        ref: Upper case.
        alts: Bases in upper case; symbolic alleles and breakends as written. Empty for a dot.
        qual: None where missing or not finite.
        filters: None for a dot (filters were not run); empty for PASS.
        info: The column's text; empty for a dot.
        end_pos: INFO/END.
        genotypes: See `Genotypes`.
    """

    line: int
    contig: str
    pos: int
    ids: tuple[str, ...]
    ref: str
    alts: tuple[str, ...]
    qual: float | None
    filters: tuple[str, ...] | None
    info: str
    end_pos: int | None
    genotypes: Genotypes


class Rejection(NamedTuple):
    """A record that breaks a rule, with what a person needs to mend it.

    Attributes:
        line: 1-based, in the decompressed text.
        field: The column or key at fault.
        rule: A key of `VCF_RULES`.
        expected: What would have been right.
        found: At most 200 UTF-16 units.
        raw: The whole line, at most 64 KiB of it.
    """

    line: int
    field: str
    rule: str
    expected: str
    found: str
    raw: str


@dataclass(frozen=True)
class FileRules:
    """What a record's fate depends on beyond its own line; the same for every range of a file.

    Attributes:
        contig_ends: The line from which records of a contig come after their block: `CHROM_CONTIGUOUS`. A contig
            that is not named never does.
        genotypes: The genotype texts the file may use, or None while there are not too many: `GENOTYPE_VARIETY`.
    """

    contig_ends: Mapping[str, int] = field(default_factory=dict)
    genotypes: frozenset[str] | None = None


@dataclass(slots=True)
class ContigLines:
    """Lines of one contig in one range; 0 where there is none.

    Attributes:
        first: Of the first record that is right but for where it stands.
        last: Of the last record that was not refused for where it stands.
        refused: Of the first record that was.
    """

    first: int = 0
    last: int = 0
    refused: int = 0


@dataclass
class RangeSummary:
    """What one range of lines tells about its file; `settle_ranges` puts those of all ranges together.

    Attributes:
        records_read: Lines that are not empty.
        accepted: Records handed on.
        rejected: Records in quarantine.
        contigs: Lines of each contig.
        genotypes: Line and order of the first use of each genotype text; `MAX_TEXTS` + 1 of them at most.
    """

    records_read: int = 0
    accepted: int = 0
    rejected: int = 0
    contigs: dict[str, ContigLines] = field(default_factory=dict)
    genotypes: dict[str, tuple[int, int]] = field(default_factory=dict)
