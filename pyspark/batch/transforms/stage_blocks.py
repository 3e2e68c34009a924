"""Reference blocks: sites where the file looked and saw no alternate."""

from typing import NamedTuple

from batch.domain.numbers import to_int32
from batch.sources.vcf.types import VcfRecord
from batch.transforms.call_set_draft import CallSetDraft
from batch.transforms.staged_rows import BlockRow


class Place(NamedTuple):
    """The contig of a record: its canonical name and its rank."""

    contig: str
    rank: int


def stage_blocks(
    record: VcfRecord, place: Place, call_set: CallSetDraft, sample_of_column: list[int], content_hash: int
) -> list[BlockRow]:
    """One interval per sample with a genotype, closed, 1-based, in the order of the columns."""
    genotypes = record.genotypes
    end = record.pos + len(record.ref) - 1 if record.end_pos is None else record.end_pos
    codes = [genotypes.base] * len(sample_of_column)
    listed: dict[int, int] = {}
    for index, (column, code) in enumerate(zip(genotypes.sample.tolist(), genotypes.code.tolist(), strict=True)):
        codes[column] = code
        listed[column] = index
    rows = []
    for column, code in enumerate(codes):
        if code < 0:
            continue
        gq = dp = None
        index = listed.get(column, -1)
        if index >= 0:
            gq = None if genotypes.gq is None else _known(int(genotypes.gq[index]))
            dp = None if genotypes.min_dp is None else _known(int(genotypes.min_dp[index]))
            if dp is None and genotypes.dp is not None:
                dp = _known(int(genotypes.dp[index]))
        rows.append(
            BlockRow(
                record.line,
                call_set.id,
                call_set.samples[sample_of_column[column]],
                call_set.build,
                place.contig,
                place.rank,
                record.pos,
                to_int32(end),
                record.ref,
                genotypes.texts[code].text,
                gq,
                dp,
                content_hash,
            )
        )
    return rows


def _known(value: int) -> int | None:
    return value if value >= 0 else None
