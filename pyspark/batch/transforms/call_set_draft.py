"""A call set as one job sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.domain.sample import Grouping, SampleFacts, SampleFlag
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
    raise NotImplementedError


def sample_of_column(draft: CallSetDraft, columns: Sequence[str]) -> Ints:
    """Index in sorted order of each column of a file of this call set."""
    raise NotImplementedError
