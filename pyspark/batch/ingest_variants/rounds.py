"""Reads units in rounds, until what the ranges of each file told of each other is settled."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from batch.context import JobContext
from batch.ingest_variants.units import Unit, tasks_of
from batch.job_failure import JobFailure
from batch.sources.vcf.types import FileRules

ROUNDS = 16


class Report(Protocol):
    """What one unit told.

    Attributes:
        file_index: Of which file.
        reading: Number of the reading whose rows stand.
        discarded: Numbers of readings whose rows do not.
    """

    file_index: int
    reading: int
    discarded: list[int]


R = TypeVar("R", bound=Report)


def read_in_rounds(
    context: JobContext,
    units: Sequence[Unit],
    stage: Callable[[str, Sequence[Unit]], list[R]],
    unsettled: Callable[[Sequence[Unit], Sequence[R]], FileRules | None],
    progress: tuple[float, float],
) -> tuple[dict[int, list[R]], list[int]]:
    """Runs all units; ranges of a file that must know of each other are read again with what they told.

    Args:
        context: Of the job.
        units: What to read.
        stage: Runs in executors: reads units into staged files of the name it is given.
        unsettled: The rules by which the ranges of a file are read again, or None where they stand.
        progress: Fractions of progress before and after.

    Returns:
        The reports of each file, in order, by its index; and the numbers of readings whose rows do not stand.
    """
    spark = context.session.sparkContext
    done = spark.accumulator(0)
    total = max(1, sum(unit.bytes for unit in units))
    start, end = progress
    context.progress(lambda: start + (end - start) * min(1.0, done.value / total), "reading files")
    discarded: list[int] = []
    settled: dict[int, list[R]] = {}
    next_id = len(units)
    waiting = list(units)
    for round_number in range(ROUNDS):
        if not waiting:
            break
        context.throw_if_cancelled()
        tasks = tasks_of(waiting, spark.defaultParallelism)

        def run(one: tuple[int, list[Unit]], prefix: int = round_number) -> list[R]:
            number, wanted = one
            reports = stage(f"{prefix:02d}-{number:06d}", wanted)
            done.add(sum(unit.bytes for unit in wanted))
            return reports

        found = spark.parallelize(list(enumerate(tasks)), len(tasks)).flatMap(run).collect()
        reports: dict[int, list[R]] = {}
        for report in sorted(found, key=lambda one: one.reading):
            reports.setdefault(report.file_index, []).append(report)
            discarded += report.discarded
        by_file: dict[int, list[Unit]] = {}
        for unit in waiting:
            by_file.setdefault(unit.file.index, []).append(unit)
        again: list[Unit] = []
        for file, ranges in by_file.items():
            rules = unsettled(ranges, reports[file])
            if rules is None:
                settled[file] = reports[file]
                continue
            discarded += [report.reading for report in reports[file]]
            again += [unit._replace(id=next_id + place, rules=rules) for place, unit in enumerate(ranges)]
            next_id += len(ranges)
        waiting = again
    if waiting:
        raise JobFailure("EXECUTOR_ERROR", "a file could not be settled")
    return dict(sorted(settled.items())), discarded
