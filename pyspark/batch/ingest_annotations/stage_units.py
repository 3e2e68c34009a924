"""Reads units of files of knowledge into the staging tables, in executors."""

from collections.abc import Mapping
from dataclasses import dataclass

from batch.domain.ledger import count_rule
from batch.ingest_annotations.staged_tables import TABLES, rows_of_record
from batch.ingest_lines.line_report import LineReport
from batch.ingest_lines.line_units import unit_lines
from batch.ingest_variants.staged_tables import Tables
from batch.ingest_variants.staged_writer import StagedWriter
from batch.ingest_variants.units import Unit
from batch.lake import Lake
from batch.sources.annotations.reader import open_reader
from batch.sources.annotations.types import AnnotationLayout, Filtered, LateRejection
from batch.sources.decompress import numbered_lines
from batch.sources.vcf.limits import LINE_BYTES
from batch.sources.vcf.types import Rejection
from batch.transforms.quarantine import quarantine_line, quarantined


@dataclass(frozen=True)
class AnnotationJob:
    """See `LineJob`. `layouts` are those of the files, by index."""

    lake: Lake
    folder: str
    layouts: Mapping[int, AnnotationLayout]

    @property
    def tables(self) -> Tables:
        """Columns and their types by kind of row."""
        return TABLES

    def read(self, unit: Unit, report: LineReport, writer: StagedWriter) -> None:
        """Stages the rows of one unit."""
        file = unit.file
        layout = self.layouts[file.index]
        reader = open_reader(layout, unit.rules)
        report.summary = reader.summary
        # What is wrong with a compressed VCF is told with the line up to which it could be read.
        if layout.header is not None and unit.lines is None:
            lines = numbered_lines(self.lake.stream(file.raw.path))
        else:
            lines = unit_lines(self.lake, unit, LINE_BYTES)
        for line, raw in lines:
            outcome = reader.read(line, raw) if line > layout.head_lines else None
            if outcome is None:
                continue
            report.records_read += 1
            if isinstance(outcome, Filtered):
                count_rule(report.filtered, outcome.rule)
            elif isinstance(outcome, Rejection | LateRejection):
                phase, rejection = (0, outcome) if isinstance(outcome, Rejection) else (1, outcome.rejection)
                count_rule(report.rejected, rejection.rule)
                text = quarantine_line(quarantined(file.raw.name, rejection))
                writer.add("rejected", (report.reading, file.index, phase, line, text), len(text))
            else:
                report.staged += 1
                for table, row in rows_of_record(report.reading, file.index, line, outcome):
                    writer.add(table, row, len(raw) + 100)
