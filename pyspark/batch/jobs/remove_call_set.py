"""Takes a call set out of the next snapshot. The twin of `src/jobs/remove-call-set.ts`."""

from collections.abc import Mapping

from pyspark.sql import functions as f

from batch.context import JobContext
from batch.job_failure import JobFailure
from batch.parameters import expect_keys
from batch.result import JobResult
from batch.table import table
from batch.write_tables import TableOutput

TABLES: Mapping[str, tuple[str, ...] | None] = {
    "variants": None,
    "calls": ("variant_row",),
    "calls_by_sample": None,
    "structural_variants": None,
    "reference_blocks": None,
    "call_sets": None,
    "samples": None,
}
"""Every table with rows of a call set, and what of it lies in one file."""


def remove_call_set(context: JobContext) -> JobResult:
    """Files that hold only this call set leave; shared ones are written again without it."""
    expect_keys(context.spec.parameters, {"callSetId", "reason"})
    gone = str(context.spec.parameters["callSetId"])
    output = TableOutput(context)
    remove: dict[str, list[str]] = {}
    for name, together in TABLES.items():
        for file in context.base.files(name):
            call_sets = file.meta.get("callSets")
            if not isinstance(call_sets, list) or gone not in call_sets:
                continue
            context.throw_if_cancelled()
            context.progress(None, f"removing from {name}")
            remove.setdefault(name, []).append(file.path)
            rest = [known for known in call_sets if known != gone]
            if rest:
                kept = context.rows_of(name, (file,)).frame.where(f.col("call_set_id") != gone)
                output.write(table(name, kept), {"callSets": rest}, together=together)
    if not remove:
        raise JobFailure("NOT_FOUND", "there is no such call set")
    return JobResult(output.written, remove)
