"""Reads all files of a job into its staging tables, and settles how each of them was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.context import JobContext
from batch.ingest_lines.line_report import LineReport, together
from batch.ingest_lines.line_units import LineJob, stage_units
from batch.ingest_variants.rounds import read_in_rounds
from batch.ingest_variants.units import Unit
from batch.sources.vcf import settle_ranges
from batch.sources.vcf.types import FileRules


@dataclass
class ReadLines:
    """All files by index, and the numbers of readings whose rows do not stand."""

    files: Mapping[int, LineReport]
    discarded: list[int]


def read_lines(context: JobContext, job: LineJob, units: Sequence[Unit], start: float, end: float) -> ReadLines:
    """Runs all units; ranges of a VCF that must know of each other are read again with what they told.

    `start` and `end` are the fractions of progress before and after.
    """
    shared = context.session.sparkContext.broadcast(job)

    def stage(name: str, wanted: Sequence[Unit]) -> list[LineReport]:
        return stage_units(shared.value, name, wanted)

    settled, discarded = read_in_rounds(context, units, stage, _unsettled, (start, end))
    shared.unpersist()
    return ReadLines({file: together(reports) for file, reports in settled.items()}, discarded)


def _unsettled(ranges: Sequence[Unit], reports: Sequence[LineReport]) -> FileRules | None:
    summaries = [report.summary for report in reports if report.summary is not None]
    is_whole = ranges[0].lines is None or any(report.refusal is not None for report in reports)
    return None if is_whole or not summaries else settle_ranges(summaries, ranges[0].rules)
