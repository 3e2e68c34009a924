"""A call set as one job sees it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from batch.domain.call_set import call_set_id
from batch.domain.sample import Grouping, SampleFacts, SampleFlag, group_samples
from batch.domain.text import sorted_texts
from batch.sources.vcf.types import Ints


@dataclass
class CallSetDraft:
    """Its samples in sorted order and the groups they are counted in. It can be pickled.

    Attributes:
        id: `cs-` and 16 hexadecimal digits.
        name: What the caller named it, or None.
        build: GRCh37 or GRCh38.
        stated_kind: What the caller stated, or None: derived from the records.
        samples: In the order of UTF-16 units.
        facts: What the sample sheet says of them.
        grouping: See `group_samples`.
        groups_id: `g-` and 16 hexadecimal digits.
        flags: Grows by `ploidy_flags`.
    """

    id: str
    name: str | None
    build: str
    stated_kind: str | None
    samples: tuple[str, ...]
    facts: Mapping[str, SampleFacts]
    grouping: Grouping
    groups_id: str
    flags: list[SampleFlag]


def create_call_set_draft(
    build: str,
    columns: Sequence[str],
    name: str | None,
    stated_kind: str | None,
    sheet: Mapping[str, SampleFacts],
) -> CallSetDraft:
    """The call set of a file with these sample columns."""
    samples = tuple(sorted_texts(columns))
    facts = {sample: sheet[sample] for sample in samples if sample in sheet}
    grouping = group_samples(samples, facts)
    flags = [
        SampleFlag(
            sample,
            "multiAncestry",
            f"the sample sheet gives {' and '.join(facts[sample].superpopulations)}; counted in the first",
        )
        for sample in samples
        if sample in facts and len(facts[sample].superpopulations) > 1
    ]
    id = call_set_id(build, samples, name)
    return CallSetDraft(id, name, build, stated_kind, samples, facts, grouping, _groups_id(samples, grouping), flags)


def _groups_id(samples: tuple[str, ...], grouping: Grouping) -> str:
    groups = [group._asdict() for group in grouping.groups]
    text = hashlib.sha256(json.dumps(groups, separators=(",", ":"), ensure_ascii=False).encode())
    for sample, cell in zip(samples, grouping.cell_of.tolist(), strict=True):
        text.update(f"\n{sample}\t{cell}".encode())
    return f"g-{text.hexdigest()[:16]}"


def sample_of_column(draft: CallSetDraft, columns: Sequence[str]) -> Ints:
    """Index in sorted order of each column of a file of this call set."""
    index = {sample: position for position, sample in enumerate(draft.samples)}
    return np.array([index.get(column, 0) for column in columns], dtype=np.int32)
