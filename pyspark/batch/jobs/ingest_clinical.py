"""Reads FHIR R4 and tables of subjects into the tables of people. The twin of `src/jobs/ingest-clinical.ts`."""

from collections.abc import Sequence

from batch.context import JobContext
from batch.ingest_clinical.input_layout import ClinicalFile, named, read_file_layout
from batch.ingest_clinical.known_people import read_known
from batch.ingest_clinical.parameters import parse_parameters
from batch.ingest_clinical.settle import settle_files
from batch.ingest_clinical.stage_units import ClinicalJob, tables_of
from batch.ingest_clinical.staged_tables import CLINICAL_TABLES
from batch.ingest_clinical.write_people import write_people
from batch.ingest_lines.line_report import LineReport
from batch.ingest_lines.read_lines import ReadLines, read_lines
from batch.ingest_lines.staged_rows import StagedRows
from batch.ingest_variants.input_file import InputFile
from batch.ingest_variants.units import Unit, plan_units
from batch.refusal import Refusal
from batch.result import JobResult, refused_file
from batch.write_tables import TableOutput


def ingest_clinical(context: JobContext) -> JobResult:
    """A file that is refused does not refuse the others.

    Lines are read in parallel. A document of many lines is one task: see `batch.sources.clinical.document`.
    """
    parameters = parse_parameters(context.spec.parameters)
    files = [InputFile(index, uri) for index, uri in enumerate(parameters.uris)]
    context.progress(0.02, "reading headers")
    found = read_layouts(context, files)
    known = [file for file in found.values() if isinstance(file, ClinicalFile)]
    layouts = {file.facts.file.index: file.layout for file in known}
    defers = parameters.subject_system is not None and any(layout.name == "table" for layout in layouts.values())
    folder, tables = context.run_path("scratch/staged"), tables_of(defers)
    job = ClinicalJob(context.lake, folder, layouts, parameters.sample_systems, defers, tables)
    read = read_lines(context, job, units_of(context, known), 0.1, 0.7)
    if parameters.subject_system is not None and defers:
        context.progress(0.72, "finding known people")
        read = with_known(context, job, read, parameters.subject_system, known)
    refusals = {index: file for index, file in found.items() if isinstance(file, Refusal)}
    for index, report in read.files.items():
        if report.refusal is not None:
            refusals[index] = named(files[index], report.refusal)
    staged = StagedRows(context, folder, tables, read)
    stands = [file for file in files if file.index not in refusals]
    staged.bind_files(files)
    for name in CLINICAL_TABLES:
        staged.bind(name)
    context.progress(0.82, "finding repeats and revisions")
    settled = settle_files(context, stands, staged)
    context.progress(0.9, "writing tables")
    output = TableOutput(context)
    remove = write_people(context, staged, output)
    outcomes = [
        refused_file(file.raw.name, file.uri, refusals[file.index]) if file.index in refusals else settled[file.index]
        for file in files
    ]
    return JobResult(output.written, remove, outcomes)


def read_layouts(context: JobContext, files: Sequence[InputFile]) -> dict[int, ClinicalFile | Refusal]:
    """By index of the file, in order."""
    lake, spark = context.lake, context.session.sparkContext
    slices = min(len(files), spark.defaultParallelism * 4)
    heads = spark.parallelize(files, slices).map(lambda file: (file.index, read_file_layout(lake, file)))
    return dict(sorted(heads.collect(), key=lambda one: one[0]))


def units_of(context: JobContext, files: Sequence[ClinicalFile]) -> list[Unit]:
    """Ranges of lines; a document is one unit whatever its size."""
    units = plan_units(context.session, context.lake, [file.facts for file in files if file.layout.name != "document"])
    for file in files:
        if file.layout.name == "document":
            facts = file.facts
            units.append(Unit(len(units), facts.file, facts.kind, facts.bytes, facts.bytes))
    return units


def with_known(
    context: JobContext, job: ClinicalJob, read: ReadLines, system: str, files: Sequence[ClinicalFile]
) -> ReadLines:
    """What was read, with the lines of tables in the place of which rows were staged now."""
    tables = [file.facts.file for file in files if file.layout.name == "table"]
    subjects = StagedRows(context, job.folder, job.tables, read).of("subjects")
    reports = dict(read.files)
    for file in tables:
        before = reports[file.index]
        reports[file.index] = LineReport(file.index, before.reading, refusal=before.refusal)
    for index, report in read_known(context, job, subjects, system, tables).items():
        if reports[index].refusal is None:
            reports[index] = report
    return ReadLines(reports, read.discarded)
