"""Reads units of files about people into the staging tables, in executors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from batch.domain.ledger import count_rule
from batch.ingest_clinical.staged_tables import TABLES, record_index, rows_of_record, stored
from batch.ingest_lines.line_report import LineReport
from batch.ingest_lines.line_units import unit_lines
from batch.ingest_variants.input_file import InputFile
from batch.ingest_variants.staged_tables import Tables
from batch.ingest_variants.staged_writer import StagedWriter
from batch.ingest_variants.units import Unit
from batch.lake import Lake
from batch.sources.clinical import fhir
from batch.sources.clinical.document import read_document
from batch.sources.clinical.reader import LineReader
from batch.sources.clinical.types import ClinicalLayout, Filtered, Outcome
from batch.sources.decompress import decompress
from batch.sources.vcf import limits
from batch.sources.vcf.types import Rejection
from batch.transforms.quarantine import quarantine_line, quarantined

Placed = tuple[int, int, Outcome]
"""Line, entry on that line, and what it is."""
KNOWN_TABLES: Final[Tables] = {
    "subjects": {"reading": "int", "file_index": "int", "line": "int", "raw": "binary", "subject": "string"}
}


@dataclass(frozen=True)
class ClinicalJob:
    """See `LineJob`.

    Attributes:
        layouts: Of the files, by index.
        sample_systems: Identifier systems whose values are names of samples.
        defers_subjects: Lines of tables are staged as they are, with the subject they name: who that is, a join tells.
    """

    lake: Lake
    folder: str
    layouts: Mapping[int, ClinicalLayout]
    sample_systems: Sequence[str]
    defers_subjects: bool
    tables: Tables

    def read(self, unit: Unit, report: LineReport, writer: StagedWriter) -> None:
        """Stages the rows of one unit."""
        layout = self.layouts[unit.file.index]
        if layout.name == "table" and self.defers_subjects:
            self._defer(unit, layout, report, writer)
        elif layout.name == "document":
            outcomes = read_document(decompress(self.lake.stream(unit.file.raw.path)), self.sample_systems)
            placed: Iterable[Placed] = ((1, entry, outcome) for entry, outcome in enumerate(outcomes))
            stage_outcomes(placed, unit.file, report, writer)
        else:
            stage_outcomes(self._lines(unit, layout), unit.file, report, writer)

    def _lines(self, unit: Unit, layout: ClinicalLayout) -> Iterator[Placed]:
        reader = LineReader(layout, self.sample_systems, None)
        for line, raw in unit_lines(self.lake, unit, line_bytes(layout)):
            for entry, outcome in enumerate(reader.read(line, raw)):
                yield line, entry, outcome

    def _defer(self, unit: Unit, layout: ClinicalLayout, report: LineReport, writer: StagedWriter) -> None:
        reader = LineReader(layout, self.sample_systems, None)
        for line, raw in unit_lines(self.lake, unit, line_bytes(layout)):
            if line > 1:
                row = (report.reading, unit.file.index, line, raw, reader.subject_of(raw))
                writer.add("subjects", row, len(raw))


def line_bytes(layout: ClinicalLayout) -> int:
    """The longest line of a file."""
    return limits.LINE_BYTES if layout.name == "table" else fhir.LINE_BYTES


def stage_outcomes(outcomes: Iterable[Placed], file: InputFile, report: LineReport, writer: StagedWriter) -> None:
    """Stages what became of records of one file."""
    for line, entry, outcome in outcomes:
        report.records_read += 1
        if isinstance(outcome, Filtered):
            count_rule(report.filtered, outcome.rule)
            continue
        index = record_index(file.index, line, entry)
        if isinstance(outcome, Rejection):
            count_rule(report.rejected, outcome.rule)
            text = quarantine_line(quarantined(file.raw.name, outcome))
            writer.add("rejected", (report.reading, file.index, index, text), len(text))
            continue
        report.staged += 1
        raw = stored(outcome.raw)
        writer.add("records", (report.reading, index, file.index, outcome.line, raw), len(outcome.raw))
        for table, row in rows_of_record(report.reading, file.index, index, outcome):
            writer.add(table, row, 400)


def tables_of(defers_subjects: bool) -> Tables:
    """The staging tables of a job."""
    return {**TABLES, **KNOWN_TABLES} if defers_subjects else TABLES
