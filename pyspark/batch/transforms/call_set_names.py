"""A name stands for one set of samples per build: else a frequency asked for by name would have two answers."""

from collections.abc import Iterable
from typing import NamedTuple

from batch.refusal import Refusal


class NamedCallSet(NamedTuple):
    """What tells one call set from another."""

    id: str
    name: str | None
    build: str


def refuse_other_samples(draft: NamedCallSet, known: Iterable[NamedCallSet]) -> None:
    """`known`: call sets of this job in the order they came, then those of the base snapshot.

    Raises:
        Refusal: The name belongs to other samples already.
    """
    for other in known:
        if draft.name is not None and other.name == draft.name and other.build == draft.build and other.id != draft.id:
            raise Refusal(
                "INGEST_REJECTED",
                f"the call set {draft.name} of {draft.build} is {other.id} already, with other samples than this file: "
                "name it otherwise",
                field="callSet",
                expected=f"the samples of {other.id}, or another name",
            )
