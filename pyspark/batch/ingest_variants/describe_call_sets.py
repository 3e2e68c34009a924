"""The tables that describe call sets: `call_sets`, `samples`, `sample_groups`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from batch.ingest_variants.input_file import FileFacts
from batch.ingest_variants.read_files import ReadFile
from batch.ingest_variants.settle import SettledInput
from batch.refusal import Refusal
from batch.transforms.call_set_draft import CallSetDraft

Row = tuple[Any, ...]


def describe_call_sets(
    facts: Mapping[int, FileFacts | Refusal],
    read: Mapping[int, ReadFile],
    call_sets: Mapping[str, CallSetDraft],
    call_set_of: Mapping[int, str],
    settled: SettledInput,
) -> dict[str, list[Row]]:
    """One row per file that gave something; the samples and groups of their call sets. Empty when nothing is new."""
    kinds = {name: derive_kind(draft, _files(read, call_set_of, name)) for name, draft in call_sets.items()}
    rows: list[Row] = []
    for index, records in sorted(settled.records.items()):
        of_file = facts[index]
        if records == 0 or isinstance(of_file, Refusal):
            continue
        draft = call_sets[call_set_of[index]]
        raw = of_file.file.raw
        origin = (draft.id, draft.name, draft.build, draft.stated_kind or kinds[draft.id], of_file.caller, index)
        size = (len(draft.samples), settled.alleles[index], records, draft.groups_id)
        rows.append((*origin, raw.name, raw.sha256, *size))
    described = {row[0] for row in rows}
    drafts = [draft for name, draft in call_sets.items() if name in described]
    return {
        "call_sets": rows,
        "samples": [row for draft in drafts for row in _samples(draft)],
        "sample_groups": [row for draft in drafts for row in _groups(draft)],
    }


def derive_kind(draft: CallSetDraft, files: Sequence[ReadFile]) -> str:
    """Intervals of reference make a gVCF; alternates nobody carries make forced sites; else variants only."""
    if sum(file.intervals for file in files) > 0:
        return "GVCF"
    blocks = sum(file.rows.get("blocks", 0) for file in files)
    variants = sum(file.rows.get("variants", 0) for file in files)
    uncarried = sum(file.uncarried for file in files)
    if draft.samples and (blocks > 0 or uncarried * 10 > variants):
        return "FORCED_SITES"
    return "SINGLE_VARIANTS_ONLY" if len(draft.samples) == 1 else "COHORT_VARIANTS_ONLY"


def _files(read: Mapping[int, ReadFile], call_set_of: Mapping[int, str], call_set: str) -> list[ReadFile]:
    return [file for index, file in read.items() if file.refusal is None and call_set_of[index] == call_set]


def _samples(draft: CallSetDraft) -> list[Row]:
    flags: dict[str, list[dict[str, str]]] = {}
    for flag in draft.flags:
        flags.setdefault(flag.sample_id, []).append({"flag": flag.flag, "detail": flag.detail})
    rows = []
    for index, sample in enumerate(draft.samples):
        facts = draft.facts.get(sample)
        told: tuple[str | None, str | None, str | None] = (None, None, None)
        if facts is not None:
            told = (facts.sex, ",".join(facts.populations), ",".join(facts.superpopulations))
        of_sample = flags.get(sample)
        text = None if of_sample is None else json.dumps(of_sample, separators=(",", ":"), ensure_ascii=False)
        rows.append((draft.id, index, sample, *told, facts is not None, text))
    return rows


def _groups(draft: CallSetDraft) -> list[Row]:
    grouping = draft.grouping
    sizes = grouping.cell_sizes.tolist()
    rows = []
    for index, group in enumerate(grouping.groups):
        count = sum(size for size, groups in zip(sizes, grouping.groups_of_cell, strict=True) if index in groups)
        rows.append((draft.groups_id, index, group.population, group.sex, count))
    return rows
