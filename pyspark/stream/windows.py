"""Windows of every size, and each as the event it is written as."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from stream.decimal_text import from_scaled
from stream.parts import GROUP, PART_SCHEMA
from stream.sizes import PART, SIZES, scale_of, unit_of
from stream.watermarked import moved_back, moved_time, watermarked

_SLOTS = SIZES[-1].ms // GROUP.ms


def merge(groups: DataFrame) -> DataFrame:
    """One row per patient, code, size and start: `window`, merged from the parts in it.

    What it is merged from comes again with every reading that touches it. Each has a slot of its own, where the one
    that has read furthest holds; so neither the order in which they come matters, nor how often.
    """
    spread = groups.select("patient_id", "code", F.inline(F.expr(_spread()))).withColumn("start", moved_time("start"))
    slots = [F.expr(f"max(part) FILTER (WHERE slot = {slot})").alias(f"slot_{slot}") for slot in range(_SLOTS)]
    kept = "filter(array({}), p -> p IS NOT NULL)".format(", ".join(f"slot_{slot}" for slot in range(_SLOTS)))
    return (
        watermarked(spread, "start")
        .groupBy("patient_id", "code", "size", "start")
        .agg(*slots)
        .select("patient_id", "code", "size", "start", F.expr(_merged(kept)).alias("window"))
    )


def _spread() -> str:
    """Of a group the parts that changed, itself, and itself as a slot of each longer window."""
    start = moved_back("start")
    row = f"struct({PART.ms}L AS size, p.start AS start, 0 AS slot, p.part AS part)"
    small = f"transform(filter(parts, p -> p.changed), p -> {row})"
    whole = _merged("transform(parts, p -> p.part)")
    rows = [
        f"struct({size.ms}L AS size, {start} - pmod({start}, {size.ms}) AS start, {slot} AS slot, whole AS part)"
        for size in SIZES[1:]
        for slot in ["0" if size == GROUP else f"CAST(pmod({start}, {size.ms}) DIV {GROUP.ms} AS INT)"]
    ]
    return f"flatten(transform(array({whole}), whole -> concat({small}, array({', '.join(rows)}))))"


def _merged(parts: str) -> str:
    """Several parts, or windows, as one."""
    return f"""
        element_at(transform(array({parts}), l -> CAST(struct(
            array_max(transform(l, p -> p.through)),
            aggregate(l, 0L, (count, p) -> count + p.count),
            {_sum("sum")},
            {_sum("squares")},
            array_min(transform(l, p -> p.min)),
            array_max(transform(l, p -> p.max)),
            array_min(transform(l, p -> p.first_at)),
            array_max(transform(l, p -> p.last_at)),
            exists(l, p -> p.simulated)
        ) AS STRUCT<{PART_SCHEMA}>)), 1)
    """


def to_events(windows: DataFrame) -> DataFrame:
    """Key and value as `VitalWindowed` in src/domain/events/observation.ts has them."""
    names = " ".join(f"WHEN {size.ms} THEN '{size.name}'" for size in SIZES)
    scale = scale_of("code")
    fields = {
        "schema": "1",
        "patientId": "patient_id",
        "code": "code",
        "size": f"CASE size {names} END",
        "start": moved_back("start"),
        "end": f"{moved_back('start')} + size",
        "count": "window.count",
        "sum": "CAST(window.sum AS STRING)",
        "sumOfSquares": "CAST(window.squares AS STRING)",
        "scale": scale,
        "min": from_scaled("window.min", scale),
        "max": from_scaled("window.max", scale),
        "unit": unit_of("code"),
        "firstAt": "window.first_at",
        "lastAt": "window.last_at",
        "simulated": "window.simulated",
        "throughOffset": "CAST(window.through AS STRING)",
    }
    columns = ", ".join(f"{expression} AS `{name}`" for name, expression in fields.items())
    return windows.select(
        F.col("patient_id").alias("key"),
        F.expr(f"to_json(struct({columns}), map('ignoreNullFields', 'false'))").alias("value"),
    )


def _sum(field: str) -> str:
    return f"aggregate(l, CAST(0 AS DECIMAL(38,0)), (sum, p) -> CAST(sum + p.{field} AS DECIMAL(38,0)))"
