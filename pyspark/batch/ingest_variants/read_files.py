"""Reads all files of the job into the staging tables, and settles how each of them was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from batch.context import JobContext
from batch.ingest_variants.rounds import read_in_rounds
from batch.ingest_variants.stage_units import StageJob, UnitReport, stage_units
from batch.ingest_variants.units import Unit
from batch.refusal import Refusal
from batch.sources.vcf import settle_ranges
from batch.sources.vcf.types import FileRules, Ints
from batch.transforms.stage_tally import StageTally


@dataclass
class ReadFile:
    """What reading one file told; rows of a refused file do not stand.

    Attributes:
        rejected: Records in quarantine by rule.
        ploidy: Of haploid and diploid records by column, or None: see `PloidyWatch`.
        rows: Staged rows by kind.
    """

    refusal: Refusal | None
    records_read: int
    tally: StageTally
    rejected: dict[str, int]
    ploidy: tuple[Ints, Ints] | None
    uncarried: int
    intervals: int
    rows: dict[str, int]


@dataclass
class ReadInput:
    """All files of the job, by index, and the numbers of readings whose rows do not stand."""

    files: Mapping[int, ReadFile]
    discarded: list[int]


def read_files(context: JobContext, job: StageJob, units: Sequence[Unit]) -> ReadInput:
    """Runs all units; ranges of a file that must know of each other are read again with what they told."""
    shared = context.session.sparkContext.broadcast(job)

    def stage(name: str, wanted: Sequence[Unit]) -> list[UnitReport]:
        return stage_units(shared.value, name, wanted)

    settled, discarded = read_in_rounds(context, units, stage, _unsettled, (0.1, 0.7))
    shared.unpersist()
    return ReadInput({file: _together(reports) for file, reports in settled.items()}, discarded)


def _unsettled(ranges: Sequence[Unit], reports: Sequence[UnitReport]) -> FileRules | None:
    if ranges[0].lines is None:
        return None
    return settle_ranges([report.summary for report in reports], ranges[0].rules)


def _together(reports: Sequence[UnitReport]) -> ReadFile:
    """What the ranges of one file, in order, told together."""
    file = ReadFile(None, 0, StageTally(), {}, None, 0, 0, {})
    refusals = [report.refusal for report in reports if report.refusal is not None]
    file.refusal = min(refusals, key=lambda refusal: refusal.line or 0, default=None)
    for report in reports:
        file.records_read += report.summary.records_read
        file.tally.add(report.tally)
        file.uncarried += report.uncarried
        file.intervals += report.intervals
        for into, counts in ((file.rejected, report.rejected), (file.rows, report.rows)):
            for name, count in counts.items():
                into[name] = into.get(name, 0) + count
        if report.haploid is not None and report.diploid is not None:
            zero = np.zeros_like(report.haploid)
            haploid, diploid = (zero, zero) if file.ploidy is None else file.ploidy
            file.ploidy = (haploid + report.haploid, diploid + report.diploid)
    return file
