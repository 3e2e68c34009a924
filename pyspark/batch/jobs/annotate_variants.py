"""Joins variants with what is known about them, for SQL and exports. The twin of `src/jobs/annotate-variants.ts`."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.derived import VARIANT_ANNOTATIONS
from batch.parameters import expect_keys
from batch.result import JobResult
from batch.sql_steps import select_step
from batch.table import table
from batch.write_tables import TableOutput

BIN = 1 << 17
"""Bases of one bin, as `sql/variant-annotations.sql` has it."""


def annotate_variants(context: JobContext) -> JobResult:
    """The table takes the place of the one before."""
    expect_keys(context.spec.parameters, set())
    session = context.session
    for name in ("variants", "genes", "annotations"):
        context.rows(name).frame.createOrReplaceTempView(f"input_{name}")
    # One step for every bin that any interval touches beyond its first: few rows, since each is compared with each.
    steps = max(
        widest(context.rows("variants").frame, f.col("pos"), f.col("pos") + f.length("ref") - 1),
        widest(context.rows("genes").frame, f.col("start_pos"), f.col("end_pos")),
    )
    session.range(0, steps + 1).selectExpr("CAST(id AS INT) AS step").createOrReplaceTempView("steps")
    context.progress(0.1, "joining")
    joined = table(VARIANT_ANNOTATIONS, select_step(session, "variant-annotations"))
    context.keep_plan((VARIANT_ANNOTATIONS, joined.frame))
    knowledge = [*context.base.files("genes"), *context.base.files("annotations")]
    sources = [
        {"name": file.meta["source"], "version": file.meta["version"], "released": file.meta.get("released")}
        for file in knowledge
    ]
    output = TableOutput(context)
    output.write(joined, {"sources": sources})
    before = [file.path for file in context.base.files(VARIANT_ANNOTATIONS)]
    return JobResult(output.written, {VARIANT_ANNOTATIONS: before} if before else {})


def widest(rows: DataFrame, start: Column, end: Column) -> int:
    """How many bins the widest interval touches beyond its first; 0 without rows."""
    bins = f.floor(end / BIN) - f.floor(start / BIN)
    found = rows.agg(f.max(bins)).first()
    return int(found[0]) if found is not None and found[0] is not None else 0
