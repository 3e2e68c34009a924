"""What the PySpark side makes of one file, in the shape in which `ingest-vcf.mjs` prints what TypeScript makes of it.

The lines are read in several ranges, as in a cluster.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from batch.domain.text import escape_lone_surrogates
from batch.refusal import Refusal
from batch.sources.fasta import Fasta, open_fasta
from batch.sources.sample_sheet import parse_sample_sheet
from batch.sources.vcf import (
    FileRules,
    RangeReader,
    RangeSummary,
    Rejection,
    VcfHeader,
    VcfRecord,
    read_header,
    settle_ranges,
)
from batch.sources.vcf.types import Ints
from batch.transforms.call_set_draft import CallSetDraft, create_call_set_draft, sample_of_column
from batch.transforms.ingest_file import build_of, caller_of
from batch.transforms.ploidy import PloidyWatch, ploidy_flags
from batch.transforms.quarantine import SAMPLES, quarantine_line, quarantine_sample, quarantined
from batch.transforms.stage_tally import StageTally
from batch.transforms.stage_variants import Stager
from batch.transforms.staged_rows import CallColumns, StagedRecord
from batch.transforms.variant_filters import VariantFilters

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One file and the parameters it is read with."""

    path: Path
    name: str = "file.vcf"
    assembly_id: str | None = None
    call_set: str | None = None
    sheet: Path | None = None
    reference: Path | None = None
    filters: VariantFilters = field(default_factory=VariantFilters)

    def line(self) -> str:
        """As `ingest-vcf.mjs` takes it."""
        filters = self.filters
        return json.dumps(
            {
                "path": str(self.path),
                "name": self.name,
                "assemblyId": self.assembly_id,
                "callSet": self.call_set,
                "sheet": None if self.sheet is None else str(self.sheet),
                "reference": None if self.reference is None else str(self.reference),
                "filters": {
                    "minQual": filters.min_qual,
                    "passOnly": filters.pass_only,
                    "minAf": filters.min_af,
                    "maxAf": filters.max_af,
                },
            }
        )


@dataclass
class RangeRead:
    """What one range gives, with staging where the file has a call set."""

    summary: RangeSummary
    rows: list[tuple[VcfRecord | Rejection, StagedRecord | None]]
    tally: StageTally
    watch: PloidyWatch | None
    refusal: Refusal | None


def ingest(case: Case, data: bytes, ranges: int) -> Iterator[Row]:
    """`data` is the decompressed text."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    try:
        header = read_header(iter(lines))
    except Refusal as refusal:
        yield {"kind": "fault", **refusal_row(refusal)}
        yield {"kind": "refused", **refusal_row(refusal)}
        return
    yield header_row(header)
    draft: CallSetDraft | None = None
    refused: Refusal | None = None
    try:
        build = build_of(header, case.assembly_id, case.name)
        sheet = {} if case.sheet is None else parse_sample_sheet(case.sheet.read_text(), "sheet.tsv")
        draft = create_call_set_draft(build, header.samples, case.call_set, None, sheet)
    except Refusal as refusal:
        refused = refusal
    body = list(enumerate(lines[header.lines :], header.lines + 1))
    read = settled(case, header, draft, body, ranges)
    for one in read:
        for item, _ in one.rows:
            yield item_row(item)
    summaries = [one.summary for one in read]
    yield {
        "kind": "summary",
        "recordsRead": sum(summary.records_read for summary in summaries),
        "accepted": sum(summary.accepted for summary in summaries),
        "rejected": sum(summary.rejected for summary in summaries),
        "bytes": 0,
    }
    refusals = [one.refusal for one in read if one.refusal is not None]
    refused = min(refusals, key=lambda refusal: refusal.line or 0) if refusals else refused
    if refused is not None or draft is None:
        yield {"kind": "refused", **refusal_row(refused)}
        return
    yield from staged_rows(case, header, draft, read)


def settled(
    case: Case, header: VcfHeader, draft: CallSetDraft | None, body: list[tuple[int, bytes]], ranges: int
) -> list[RangeRead]:
    """Reads all ranges until what they give stands."""
    reference = None if case.reference is None else open_fasta(case.reference, "reference.fa")
    cuts = [len(body) * number // ranges for number in range(ranges + 1)]
    rules: FileRules | None = None
    while True:
        read = [read_range(case, header, draft, body[start:end], rules, reference) for start, end in pairwise(cuts)]
        again = settle_ranges([one.summary for one in read], rules)
        if again is None:
            return read
        rules = again


def read_range(
    case: Case,
    header: VcfHeader,
    draft: CallSetDraft | None,
    lines: list[tuple[int, bytes]],
    rules: FileRules | None,
    reference: Fasta | None,
) -> RangeRead:
    """One range, as an executor reads it."""
    reader = RangeReader(header, case.assembly_id, rules)
    columns = None if draft is None else sample_of_column(draft, header.samples)
    stager = None if draft is None else Stager(case.name, draft, columns, case.filters, reference)
    watch = None if draft is None else PloidyWatch(draft, columns)
    tally = StageTally() if stager is None else stager.tally
    one = RangeRead(reader.summary, [], tally, watch, None)
    for line, raw in lines:
        item = reader.read(line, raw)
        staged = None
        if isinstance(item, VcfRecord) and stager is not None and watch is not None and one.refusal is None:
            try:
                staged = stager.stage(item)
                watch.see(item)
            except Refusal as refusal:
                one.refusal = refusal
        if item is not None:
            one.rows.append((item, staged))
    return one


def staged_rows(case: Case, header: VcfHeader, draft: CallSetDraft, read: list[RangeRead]) -> Iterator[Row]:
    """What is staged, table by table, then what describes the file."""
    staged = [one for piece in read for _, one in piece.rows if one is not None]
    for one in staged:
        for row, calls in zip(one.variants, one.calls, strict=True):
            yield {"kind": "variants", **table_row(row._asdict()), "calls": calls_digest(calls)}
    for table in ("structural", "blocks"):
        for one in staged:
            for other in getattr(one, table):
                yield {"kind": table, **table_row(other._asdict())}
    tally = StageTally()
    for piece in read:
        tally.add(piece.tally)
    columns = sample_of_column(draft, header.samples)
    watches = [piece.watch for piece in read if piece.watch is not None]
    flags = ploidy_flags(
        draft, columns, np.sum([one.haploid for one in watches], 0), np.sum([one.diploid for one in watches], 0)
    )
    rejected = [quarantined(case.name, item) for piece in read for item, _ in piece.rows if isinstance(item, Rejection)]
    by_rule: dict[str, int] = {}
    for record in rejected:
        by_rule[str(record["rule"])] = by_rule.get(str(record["rule"]), 0) + 1
    yield {
        "kind": "call_set",
        "id": draft.id,
        "name": draft.name,
        "build": draft.build,
        "statedKind": draft.stated_kind,
        "groupsId": draft.groups_id,
        "samples": digest(list(draft.samples)),
        "flags": [
            {"sampleId": flag.sample_id, "flag": flag.flag, "detail": flag.detail} for flag in [*draft.flags, *flags]
        ],
        "known": len(draft.facts),
        "groups": [group._asdict() for group in draft.grouping.groups],
    }
    yield {
        "kind": "staged",
        "caller": caller_of(header),
        "tally": {
            "referenceRecords": tally.reference_records,
            "filteredRecords": tally.filtered_records,
            "filteredAlleles": tally.filtered_alleles,
            "allelesRead": tally.alleles_read,
            "blocks": tally.blocks,
            "carriers": tally.carriers,
        },
        "quarantine": b"".join(map(quarantine_line, rejected)).decode(),
        "byRule": by_rule,
        "kept": [quarantine_sample(record) for record in rejected[:SAMPLES]],
    }


def refusal_row(refusal: Refusal | None) -> Row:
    assert refusal is not None
    return {
        "code": refusal.code,
        "message": refusal.message,
        "line": refusal.line,
        "field": refusal.field,
        "expected": refusal.expected,
    }


def header_row(header: VcfHeader) -> Row:
    return {
        "kind": "header",
        "version": header.version,
        "samples": list(header.samples),
        "contigs": [contig._asdict() for contig in header.contigs],
        "build": header.build,
        "source": header.source,
        "fileDate": header.file_date,
        "lines": header.lines,
        "filters": dict(header.filters),
        "infos": {id: [definition.number, definition.type] for id, definition in header.infos.items()},
        "formats": {id: [definition.number, definition.type] for id, definition in header.formats.items()},
    }


def item_row(item: VcfRecord | Rejection) -> Row:
    if isinstance(item, Rejection):
        return {"kind": "reject", **item._asdict()}
    genotypes = item.genotypes
    texts = genotypes.texts
    return {
        "kind": "record",
        "line": item.line,
        "contig": item.contig,
        "pos": item.pos,
        "ids": list(item.ids),
        "ref": item.ref,
        "alts": list(item.alts),
        "qual": item.qual,
        "filters": None if item.filters is None else list(item.filters),
        "info": item.info,
        "endPos": item.end_pos,
        "base": texts[genotypes.base].text if genotypes.base >= 0 else None,
        "count": genotypes.sample.size,
        "genotypes": digest(
            genotypes.sample,
            [texts[code].text for code in genotypes.code.tolist()],
            genotypes.dp,
            genotypes.gq,
            genotypes.min_dp,
            genotypes.ad,
            genotypes.ps,
            genotypes.filters,
        ),
    }


def table_row(row: Row) -> Row:
    row["content_hash"] = str(row["content_hash"])
    if "group_counts" in row:
        row["group_counts"] = digest(row["group_counts"])
    return row


def calls_digest(calls: CallColumns) -> str:
    missing = np.full(calls.gt.size, -1)
    nothing = [None] * calls.gt.size
    return digest(
        calls.sample_index,
        *(missing if column is None else column for column in (calls.dp, calls.gq, calls.ad_ref, calls.ad_alt)),
        [calls.texts[code].text for code in calls.gt.tolist()],
        nothing if calls.phase_set is None else calls.phase_set,
        nothing if calls.filters is None else calls.filters,
    )


def digest(*parts: Ints | Sequence[str | None] | None) -> str:
    sha1 = hashlib.sha1()
    for part in parts:
        if part is None:
            sha1.update(b"-")
        elif isinstance(part, np.ndarray):
            sha1.update(np.ascontiguousarray(part, dtype="<i4").tobytes())
        else:
            sha1.update(
                escape_lone_surrogates(json.dumps(list(part), separators=(",", ":"), ensure_ascii=False)).encode()
            )
        sha1.update(b"\n")
    return sha1.hexdigest()
