"""Brings staged rows into their table. The twin of `src/jobs/compact-log/write-table.ts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.base_snapshot import DataFile
from batch.compact_log.log_tables import LogTable
from batch.compact_log.plan_files import Part, plan_files
from batch.context import JobContext
from batch.sql_steps import run_step
from batch.table import table
from batch.write_tables import TableOutput


@dataclass(frozen=True)
class TableChange:
    """What became of a table.

    Attributes:
        remove: Files of the base that the next snapshot no longer holds.
        fresh: Rows that came in, or took another's place.
        accepted: Events that are in the table by now and were not before: of an alert each step is one.
    """

    remove: Sequence[str]
    fresh: int
    accepted: int


@dataclass(frozen=True)
class Source(Part):
    """A part: a file of the table, or the fresh rows where it is None."""

    file: DataFile | None


def write_table(context: JobContext, facts: LogTable, output: TableOutput) -> TableChange:
    """Makes files of what is new, writes a file with an overtaken row again without it, and joins small files."""
    session, name = context.session, facts.name
    files = context.base.files(name)
    around = files_around(context, facts)
    held = context.rows_of(name, around).frame
    held.select(*facts.held).createOrReplaceTempView(f"held_{name}")
    fresh = run_step(session, facts.step)
    count = fresh.count()
    accepted = session.sql(_NEW_STEPS).count() if name == "alerts" else count
    if count == 0:
        return TableChange((), 0, accepted)
    context.keep_plan((name, fresh))
    lost = overtaken_in(held, fresh, facts, around)
    sources = [
        Source(count, True, None),
        *(Source(file.rows - lost.get(file.path, 0), file.path in lost, file) for file in files),
    ]
    groups = plan_files(sources)
    for group in groups:
        context.throw_if_cancelled()
        rows = reduce(DataFrame.unionByName, [rows_of(context, facts, fresh, source) for source in group])
        output.write(table(name, rows), times_of(facts, rows), count=sum(source.rows for source in group))
    rewritten = {source.file.path for group in groups for source in group if source.file is not None}
    gone = [
        source.file.path
        for source in sources
        if source.file is not None and (source.file.path in rewritten or source.rows == 0)
    ]
    return TableChange(gone, count, accepted)


_NEW_STEPS = """SELECT DISTINCT s.id, s.version FROM staged_alerts s LEFT JOIN held_alerts h ON h.id = s.id
WHERE h.version IS NULL OR h.version < s.version"""


def files_around(context: JobContext, facts: LogTable) -> tuple[DataFile, ...]:
    """Files that may hold a row of a key that was staged: where rows have a time, those around the staged times."""
    files = context.base.files(facts.name)
    # A reading that comes again may come with another time: its id is looked for in all of them.
    if facts.time is None or facts.name == "vitals":
        return files
    first, last = facts.time
    [low, high] = context.session.table(f"staged_{facts.name}").agg(f.min(first), f.max(last)).collect()[0]
    if low is None:
        return ()
    return tuple(file for file in files if file.meta.get("from", low) <= high and file.meta.get("to", high) >= low)


def overtaken_in(held: DataFrame, fresh: DataFrame, facts: LogTable, files: Sequence[DataFile]) -> Mapping[str, int]:
    """Per file the rows whose place a fresh one takes; files without any are not named."""
    if not files or facts.name == "vitals":
        return {}
    keys = fresh.select(*facts.key)
    counted = (
        held.withColumn("path", f.input_file_name()).join(keys, list(facts.key), "left_semi").groupBy("path").count()
    )
    found: dict[str, int] = {}
    for row in counted.collect():
        place = unquote(row["path"])
        found |= {file.path: row["count"] for file in files if place.endswith(f"/{file.path}")}
    return found


def rows_of(context: JobContext, facts: LogTable, fresh: DataFrame, source: Source) -> DataFrame:
    """The rows of a part: of a file those that nothing has overtaken."""
    if source.file is None:
        return fresh
    held = context.rows_of(facts.name, (source.file,)).frame
    if not source.is_dirty:
        return held
    return held.join(fresh.select(*facts.key), list(facts.key), "left_anti")


def times_of(facts: LogTable, rows: DataFrame) -> dict[str, Any]:
    """From when until when the rows are, for whoever looks for a time."""
    if facts.time is None:
        return {}
    first, last = facts.time
    [low, high] = rows.agg(f.min(first), f.max(last)).collect()[0]
    return {"from": low, "to": high}
