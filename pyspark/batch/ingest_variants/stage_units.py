"""Reads units of the input into the staging tables, in executors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from batch.domain.ledger import count_rule
from batch.ingest_variants.call_blobs import CallBlobs
from batch.ingest_variants.input_file import begin
from batch.ingest_variants.staged_writer import StagedWriter
from batch.ingest_variants.units import ATTEMPTS, Unit
from batch.job_failure import JobFailure
from batch.lake import Lake, read
from batch.refusal import Refusal
from batch.sources.fasta import Fasta, FastaIndex
from batch.sources.file_ranges import range_lines
from batch.sources.vcf import RangeReader, RangeSummary, Rejection, settle_ranges
from batch.sources.vcf.types import Ints
from batch.transforms.call_set_draft import CallSetDraft, sample_of_column
from batch.transforms.genotype_facts import genotype_facts
from batch.transforms.ploidy import PloidyWatch
from batch.transforms.quarantine import quarantine_line, quarantined
from batch.transforms.stage_tally import StageTally
from batch.transforms.stage_variants import Stager
from batch.transforms.staged_rows import StagedRecord
from batch.transforms.variant_filters import VariantFilters

ROW_BITS: Final = 32
"""`vi` is the number of a reading, and of a row in it."""


@dataclass(frozen=True)
class StageJob:
    """What every unit of a job needs; it travels to the executors once.

    Attributes:
        folder: Of the staging tables.
        call_sets: By id.
        call_set_of: Id by file.
        reference: Index and path of the FASTA file, or None.
    """

    lake: Lake
    folder: str
    assembly: str | None
    filters: VariantFilters
    call_sets: Mapping[str, CallSetDraft]
    call_set_of: Mapping[int, str]
    reference: tuple[FastaIndex, str] | None


@dataclass
class UnitReport:
    """What reading one unit told; small whatever the unit holds.

    Attributes:
        file_index: Of which file.
        reading: Number of the reading whose rows stand.
        discarded: Numbers of readings whose rows do not.
        refusal: Why the file is refused, or None.
        rejected: Records in quarantine by rule, in the order in which rules came up.
        haploid: By column of the file: see `PloidyWatch`. None where there is nothing to tell.
        uncarried: Alternates nobody carries.
        intervals: Reference blocks longer than their REF.
        rows: By kind of row.
    """

    file_index: int
    reading: int
    discarded: list[int]
    refusal: Refusal | None
    summary: RangeSummary
    tally: StageTally
    rejected: dict[str, int] = field(default_factory=dict)
    haploid: Ints | None = None
    diploid: Ints | None = None
    uncarried: int = 0
    intervals: int = 0
    rows: dict[str, int] = field(default_factory=dict)


def stage_units(job: StageJob, name: str, units: Sequence[Unit]) -> list[UnitReport]:
    """Reads units one after the other; their rows lie in one file per kind, called `name`."""
    with StagedWriter(job.lake, job.folder, name) as writer:
        return [_stage_unit(job, unit, writer) for unit in units]


def _stage_unit(job: StageJob, unit: Unit, writer: StagedWriter) -> UnitReport:
    discarded: list[int] = []
    rules = unit.rules
    for attempt in range(ATTEMPTS):
        report = _read_unit(job, unit._replace(rules=rules), unit.id * ATTEMPTS + attempt, writer)
        report.discarded = discarded
        if unit.lines is not None:
            return report
        # A whole file settles what it says by itself; of several ranges the driver does.
        rules = settle_ranges([report.summary], rules)
        if rules is None:
            return report
        discarded.append(report.reading)
    raise JobFailure("EXECUTOR_ERROR", "a file could not be settled")


def _read_unit(job: StageJob, unit: Unit, reading: int, writer: StagedWriter) -> UnitReport:
    file = unit.file
    report = UnitReport(file.index, reading, [], None, RangeSummary(), StageTally())
    before = dict(writer.rows)
    try:
        header, lines = begin(job.lake, file)
        if unit.lines is not None:
            lines = range_lines(file.reader(job.lake), unit.kind, unit.size, unit.lines)
        call_set = job.call_sets[job.call_set_of[file.index]]
        columns = sample_of_column(call_set, header.samples)
        reader = RangeReader(header, job.assembly, unit.rules)
        report.summary = reader.summary
        stager = Stager(file.raw.name, call_set, columns, job.filters, _reference(job))
        report.tally = stager.tally
        watch = PloidyWatch(call_set, columns)
        rows = _Rows(reading, file.index, columns, report, writer)
        for line, raw in lines:
            if line <= header.lines:
                continue
            outcome = reader.read(line, raw)
            if outcome is None:
                continue
            if isinstance(outcome, Rejection):
                count_rule(report.rejected, outcome.rule)
                text = quarantine_line(quarantined(file.raw.name, outcome))
                writer.add("rejected", (reading, file.index, line, outcome.rule, text), len(text))
                continue
            rows.add(stager.stage(outcome))
            watch.see(outcome)
        rows.finish()
        if watch.haploid.any() or watch.diploid.any():
            report.haploid, report.diploid = watch.haploid, watch.diploid
    except Refusal as refusal:
        report.refusal = refusal
    report.rows = {kind: count - before[kind] for kind, count in writer.rows.items()}
    return report


class _Rows:
    """Numbers staged rows and hands them to the writer."""

    def __init__(self, reading: int, file: int, columns: Ints, report: UnitReport, writer: StagedWriter) -> None:
        self._reading, self._file, self._report, self._writer = reading, file, report, writer
        self._calls = CallBlobs(columns)
        self._next = reading << ROW_BITS
        self._base: dict[tuple[str, int], str] = {}

    def add(self, staged: StagedRecord) -> None:
        for variant, calls in zip(staged.variants, staged.calls, strict=True):
            vi = self._number()
            counts = variant.group_counts
            weight = counts.nbytes + len(variant.info or "") + 200
            self._writer.add("variants", (self._reading, vi, self._file, *variant), weight)
            self._report.uncarried += int(counts[0]) == 0
            if calls.sample_index.size > 0:
                cells = self._calls.cells(calls)
                self._writer.add("calls", (self._reading, vi, *cells), calls.sample_index.size * 8)
            if variant.base_gt is not None and (variant.base_gt, variant.alt_index) not in self._base:
                text = next(text for text in calls.texts if text.text == variant.base_gt)
                facts = genotype_facts([text], variant.alt_index)[0]
                self._base[variant.base_gt, variant.alt_index] = facts.genotype_class
        for structural in staged.structural:
            weight = structural.group_counts.nbytes + len(structural.info or "") + 200
            self._writer.add("structural", (self._reading, self._number(), self._file, *structural), weight)
        for block in staged.blocks:
            self._report.intervals += block.end_pos >= block.start_pos + len(block.ref)
            self._writer.add("blocks", (self._reading, self._number(), self._file, *block), 100)

    def finish(self) -> None:
        for (text, alt_index), genotype_class in self._base.items():
            self._writer.add("genotypes", (self._reading, text, alt_index, genotype_class))

    def _number(self) -> int:
        self._next += 1
        return self._next


def _reference(job: StageJob) -> Fasta | None:
    if job.reference is None:
        return None
    index, path = job.reference
    return Fasta(index, lambda offset, count: read(job.lake, path, offset, count))
