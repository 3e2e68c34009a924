"""Cuts the input into units of work: whole files where they are small, ranges of lines where they are large."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from pyspark.sql import SparkSession

from batch.ingest_variants.input_file import FileFacts, InputFile
from batch.lake import Lake
from batch.sources.file_ranges import RANGE_BYTES, LineRange, RangeCount, count_range, line_ranges, split
from batch.sources.vcf.types import FileRules

ATTEMPTS: Final = 16
"""Numbers one unit may use up: a file may have to be read again."""
TASKS_PER_CORE: Final = 3


class Unit(NamedTuple):
    """What one reader reads in one go.

    Attributes:
        id: Distinct among the units of a job; times `ATTEMPTS`, it fits 31 bits.
        size: Stored bytes of the file.
        bytes: Stored bytes of the unit.
        lines: None: the whole file.
        rules: What is known of the file from reading it before.
    """

    id: int
    file: InputFile
    kind: str
    size: int
    bytes: int
    lines: LineRange | None = None
    rules: FileRules | None = None


def plan_units(session: SparkSession, lake: Lake, files: Sequence[FileFacts]) -> list[Unit]:
    """Units of all files, in the order of files and lines. Large files are counted through first, in parallel."""
    range_bytes = int(session.conf.get("spark.vitalome.rangeBytes", str(RANGE_BYTES)) or RANGE_BYTES)
    large = [facts for facts in files if facts.kind != "gzip" and facts.bytes > range_bytes]
    ranges = count_lines(session, lake, large, range_bytes)
    units: list[Unit] = []
    for facts in files:
        found: Sequence[LineRange | None] = ranges.get(facts.file.index) or [None]
        for lines in found:
            stored = facts.bytes if lines is None else lines.end - lines.start
            units.append(Unit(len(units), facts.file, facts.kind, facts.bytes, stored, lines))
    return units


def count_lines(
    session: SparkSession, lake: Lake, files: Sequence[FileFacts], range_bytes: int
) -> dict[int, list[LineRange] | None]:
    """The ranges of each large file; None for one that is not sound."""
    wanted = [(facts, start, end) for facts in files for start, end in split(facts.bytes, range_bytes)]
    if not wanted:
        return {}

    def count(one: tuple[FileFacts, int, int]) -> tuple[int, int, RangeCount]:
        facts, start, end = one
        counted = count_range(facts.file.reader(lake), facts.kind, facts.bytes, start, end)
        return facts.file.index, start, counted

    found = session.sparkContext.parallelize(wanted, len(wanted)).map(count).collect()
    counts: dict[int, list[RangeCount]] = {}
    for index, _, counted in sorted(found, key=lambda one: one[:2]):
        counts.setdefault(index, []).append(counted)
    return {facts.file.index: line_ranges(counts[facts.file.index], facts.kind, facts.bytes) for facts in files}


def tasks_of(units: Sequence[Unit], cores: int) -> list[list[Unit]]:
    """Puts small neighbours together, so that a task is worth its start; the largest tasks come first."""
    total = sum(unit.bytes for unit in units)
    most = max(1, min(RANGE_BYTES, total // (cores * TASKS_PER_CORE)))
    tasks: list[list[Unit]] = []
    filled = most
    for unit in units:
        if filled + unit.bytes > most:
            tasks.append([])
            filled = 0
        tasks[-1].append(unit)
        filled += unit.bytes
    return sorted(tasks, key=lambda task: -sum(unit.bytes for unit in task))
