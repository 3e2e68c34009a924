"""What reading one unit of a file of lines told; small whatever the unit holds."""

from dataclasses import dataclass, field

from batch.domain.ledger import count_rule
from batch.refusal import Refusal
from batch.sources.vcf.types import RangeSummary


@dataclass
class LineReport:
    """What one unit, or all units of a file together, gave.

    Attributes:
        file_index: Of which file.
        reading: Number of the reading whose rows stand.
        discarded: Numbers of readings whose rows do not.
        refusal: Why the file is refused, or None.
        summary: Of a VCF, to be settled with those of other ranges.
        records_read: Records, whatever became of them.
        staged: Records that left rows.
        filtered: Records that hold nothing to keep, by rule.
        rejected: Records in quarantine, by rule.
        rows: Staged rows by kind.
    """

    file_index: int
    reading: int
    discarded: list[int] = field(default_factory=list)
    refusal: Refusal | None = None
    summary: RangeSummary | None = None
    records_read: int = 0
    staged: int = 0
    filtered: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def together(reports: list[LineReport]) -> LineReport:
    """What the units of one file, in order, told together. The first refusal stands."""
    whole = LineReport(reports[0].file_index, reports[0].reading)
    whole.refusal = next((report.refusal for report in reports if report.refusal is not None), None)
    for report in reports:
        whole.records_read += report.records_read
        whole.staged += report.staged
        for into, counts in (
            (whole.filtered, report.filtered),
            (whole.rejected, report.rejected),
            (whole.rows, report.rows),
        ):
            for name, count in counts.items():
                count_rule(into, name, count)
    return whole
