"""Reads units of files of lines into staging tables, in executors."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from batch.ingest_lines.line_report import LineReport
from batch.ingest_variants.staged_tables import Tables
from batch.ingest_variants.staged_writer import StagedWriter
from batch.ingest_variants.units import ATTEMPTS, Unit
from batch.job_failure import JobFailure
from batch.lake import Lake
from batch.refusal import Refusal
from batch.sources.decompress import decompress, lines_of
from batch.sources.file_ranges import range_lines
from batch.sources.vcf import settle_ranges


class LineJob(Protocol):
    """What every unit of a job needs; it travels to the executors once."""

    @property
    def lake(self) -> Lake:
        """Where the files lie."""
        ...

    @property
    def folder(self) -> str:
        """Of the staging tables."""
        ...

    @property
    def tables(self) -> Tables:
        """Columns and their types by kind of row."""
        ...

    def read(self, unit: Unit, report: LineReport, writer: StagedWriter) -> None:
        """Stages the rows of one unit, and tells of it in `report`.

        Raises:
            Refusal: The file is refused.
        """
        ...


def stage_units(job: LineJob, name: str, units: Sequence[Unit]) -> list[LineReport]:
    """Reads units one after the other; their rows lie in one file per kind, called `name`."""
    with StagedWriter(job.lake, job.folder, name, job.tables) as writer:
        return [_stage_unit(job, unit, writer) for unit in units]


def unit_lines(lake: Lake, unit: Unit, line_bytes: int) -> Iterator[tuple[int, bytes]]:
    """The numbered lines of a unit; one that is longer than so many bytes comes cut."""
    if unit.lines is not None:
        return range_lines(unit.file.reader(lake), unit.kind, unit.size, unit.lines, line_bytes)
    return enumerate(lines_of(decompress(lake.stream(unit.file.raw.path)), line_bytes), 1)


def _stage_unit(job: LineJob, unit: Unit, writer: StagedWriter) -> LineReport:
    discarded: list[int] = []
    rules = unit.rules
    for attempt in range(ATTEMPTS):
        report = LineReport(unit.file.index, unit.id * ATTEMPTS + attempt, discarded)
        before = dict(writer.rows)
        try:
            job.read(unit._replace(rules=rules), report, writer)
        except Refusal as refusal:
            report.refusal = refusal
        report.rows = {kind: count - before[kind] for kind, count in writer.rows.items()}
        # Several ranges of a VCF are settled together, by the driver.
        if unit.lines is not None or report.summary is None or report.refusal is not None:
            return report
        rules = settle_ranges([report.summary], rules)
        if rules is None:
            return report
        discarded.append(report.reading)
    raise JobFailure("EXECUTOR_ERROR", "a file could not be settled")
