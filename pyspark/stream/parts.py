"""Windows of the smallest size, each computed from the readings that touched it."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from stream.readings import BATCH
from stream.sizes import PART, SIZES
from stream.watermarked import moved_time, watermarked

PART_SCHEMA = """
    through BIGINT, count BIGINT, sum DECIMAL(38,0), squares DECIMAL(38,0), min BIGINT, max BIGINT,
    first_at BIGINT, last_at BIGINT, simulated BOOLEAN
"""

GROUP = SIZES[1]
"""The size whose readings are kept together: so many that longer windows have few parts, few enough to write again."""

_READING = "struct(offset, id, time, value, replaces, simulated, came)"
_NO_CHAINS = "struct(CAST(map() AS MAP<BIGINT, BIGINT>) AS roots, CAST(map() AS MAP<BIGINT, BIGINT>) AS last)"
_ROOT = "coalesce(try_element_at(chains.roots, r.replaces), r.replaces)"


def add_up(readings: DataFrame) -> DataFrame:
    """One row per patient, code and five minutes: `parts`, the smallest windows in them.

    As `summarise` in src/domain/window/part.ts: a repeat of an event changes nothing, and of a reading and its
    corrections the one that came last holds. No sum can take a least or greatest value back, so the readings are kept,
    and what is kept is added up anew. A part is a struct of `start`, `changed` (a reading of this batch touched it)
    and `part`.
    """
    start = moved_time(f"time - pmod(time, {GROUP.ms})")
    grouped = watermarked(readings.withColumn("start", start), "start").groupBy("patient_id", "code", "start")
    kept = grouped.agg(F.expr(f"collect_list({_READING})").alias("readings"))
    steps = (_split, _once, _chained, _held, _added)
    lists = "readings"
    for step in steps:
        lists = step(lists)
    return kept.select("patient_id", "code", "start", F.expr(lists).alias("parts"))


def _split(readings: str) -> str:
    """One list per part that was touched, each in the order of the log."""
    slots = f"sequence(0, {GROUP.ms // PART.ms - 1})"
    slot = f"pmod(r.time, {GROUP.ms}) DIV {PART.ms}"
    # Sorted once, before it is looked through for each part.
    lists = (
        f"flatten(transform(array(sort_array({readings})), l -> transform({slots}, s -> filter(l, r -> {slot} = s))))"
    )
    return f"filter({lists}, l -> size(l) > 0)"


def _once(lists: str) -> str:
    """The first of each event beside all. Of equal keys the last one wins: see `stream.session`."""
    once = "sort_array(map_values(map_from_entries(transform(reverse(l), r -> struct(r.id, r)))))"
    return f"transform({lists}, l -> struct(l AS all, {once} AS once))"


def _chained(lists: str) -> str:
    """Beside them, of corrections the first of their chain, and of such a first the last."""
    chains = f"""
        aggregate(filter(l.once, r -> r.replaces IS NOT NULL), {_NO_CHAINS}, (chains, r) -> struct(
            map_concat(chains.roots, map(r.id, {_ROOT})) AS roots,
            map_concat(chains.last, map({_ROOT}, r.id)) AS last))
    """
    return f"transform({lists}, l -> struct(l.all AS all, l.once AS once, {chains} AS chains))"


def _held(lists: str) -> str:
    """Instead of them, those that hold and are numbers."""
    last = "try_element_at(l.chains.last, coalesce(try_element_at(l.chains.roots, r.id), r.id))"
    held = f"filter(l.once, r -> r.value IS NOT NULL AND coalesce({last}, r.id) = r.id)"
    return f"transform({lists}, l -> struct(l.all AS all, {held} AS held))"


def _added(lists: str) -> str:
    number = "CAST(r.value AS DECIMAL(19,0))"
    return f"""
        transform({lists}, l -> struct(
            l.all[0].time - pmod(l.all[0].time, {PART.ms}) AS start,
            exists(l.all, r -> r.came = {BATCH}) AS changed,
            CAST(struct(
                array_max(transform(l.all, r -> r.offset)),
                CAST(size(l.held) AS BIGINT),
                {_sum("l.held", number)},
                {_sum("l.held", f"{number} * {number}")},
                array_min(transform(l.held, r -> r.value)),
                array_max(transform(l.held, r -> r.value)),
                array_min(transform(l.held, r -> r.time)),
                array_max(transform(l.held, r -> r.time)),
                exists(l.all, r -> r.simulated)
            ) AS STRUCT<{PART_SCHEMA}>) AS part))
    """


def _sum(list_: str, value: str) -> str:
    zero = "CAST(0 AS DECIMAL(38,0))"
    return f"aggregate({list_}, {zero}, (sum, r) -> CAST(sum + {value} AS DECIMAL(38,0)))"
