"""Tables made from others of the same snapshot. The twin of `src/jobs/derived.ts`."""

from collections.abc import Mapping
from dataclasses import replace

from batch.base_snapshot import BaseSnapshot
from batch.result import JobResult

VARIANT_ANNOTATIONS = "variant_annotations"

DERIVED: Mapping[str, tuple[str, ...]] = {VARIANT_ANNOTATIONS: ("variants", "genes", "annotations")}
"""What each of them is made from."""


def without_stale(result: JobResult, base: BaseSnapshot) -> JobResult:
    """A derived table never outlives what it was made from: a run that changes an input takes it out."""
    changed = {file.table for file in result.add} | set(result.remove)
    remove = dict(result.remove)
    for name, inputs in DERIVED.items():
        paths = [file.path for file in base.files(name)]
        if name not in changed and paths and any(used in changed for used in inputs):
            remove[name] = paths
    return replace(result, remove=remove)
