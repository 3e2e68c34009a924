"""Reads all files of a job into its staging tables, and settles how each of them was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.context import JobContext
from batch.ingest_lines.line_report import LineReport, together
from batch.ingest_lines.line_units import LineJob, stage_units
from batch.ingest_variants.units import Unit, tasks_of
from batch.job_failure import JobFailure
from batch.sources.vcf import settle_ranges
from batch.sources.vcf.types import FileRules

ROUNDS = 16


@dataclass
class ReadLines:
    """All files by index, and the numbers of readings whose rows do not stand."""

    files: Mapping[int, LineReport]
    discarded: list[int]


def read_lines(context: JobContext, job: LineJob, units: Sequence[Unit], start: float, end: float) -> ReadLines:
    """Runs all units; ranges of a VCF that must know of each other are read again with what they told.

    `start` and `end` are the fractions of progress before and after.
    """
    spark = context.session.sparkContext
    shared = spark.broadcast(job)
    done = spark.accumulator(0)
    total = max(1, sum(unit.bytes for unit in units))
    context.progress(lambda: start + (end - start) * min(1.0, done.value / total), "reading files")
    discarded: list[int] = []
    settled: dict[int, list[LineReport]] = {}
    next_id = len(units)
    waiting = list(units)
    for round_number in range(ROUNDS):
        if not waiting:
            break
        context.throw_if_cancelled()
        tasks = tasks_of(waiting, spark.defaultParallelism)

        def run(one: tuple[int, list[Unit]], prefix: int = round_number) -> list[LineReport]:
            number, wanted = one
            reports = stage_units(shared.value, f"{prefix:02d}-{number:06d}", wanted)
            done.add(sum(unit.bytes for unit in wanted))
            return reports

        found = spark.parallelize(list(enumerate(tasks)), len(tasks)).flatMap(run).collect()
        reports: dict[int, list[LineReport]] = {}
        for report in sorted(found, key=lambda one: one.reading):
            reports.setdefault(report.file_index, []).append(report)
            discarded += report.discarded
        again: list[Unit] = []
        for file in reports:
            ranges = [unit for unit in waiting if unit.file.index == file]
            rules = _unsettled(ranges, reports[file])
            if rules is None:
                settled[file] = reports[file]
                continue
            discarded += [report.reading for report in reports[file]]
            again += [unit._replace(id=next_id + place, rules=rules) for place, unit in enumerate(ranges)]
            next_id += len(ranges)
        waiting = again
    if waiting:
        raise JobFailure("EXECUTOR_ERROR", "a file could not be settled")
    shared.unpersist()
    return ReadLines({file: together(reports) for file, reports in sorted(settled.items())}, discarded)


def _unsettled(ranges: Sequence[Unit], reports: Sequence[LineReport]) -> FileRules | None:
    summaries = [report.summary for report in reports if report.summary is not None]
    is_whole = ranges[0].lines is None or any(report.refusal is not None for report in reports)
    return None if is_whole or not summaries else settle_ranges(summaries, ranges[0].rules)
