"""Reads the files of one release of a source of knowledge. The twin of `src/jobs/ingest-annotations.ts`."""

from collections.abc import Mapping, Sequence

from batch.context import JobContext
from batch.ingest_annotations.input_layout import AnnotationFile, read_file_layout
from batch.ingest_annotations.parameters import parse_parameters
from batch.ingest_annotations.release import Release, bind_keys, write_release
from batch.ingest_annotations.settle import settle_files
from batch.ingest_annotations.stage_units import AnnotationJob
from batch.ingest_annotations.staged_tables import KNOWLEDGE_TABLES, TABLES
from batch.ingest_lines.read_lines import read_lines
from batch.ingest_lines.staged_rows import StagedRows
from batch.ingest_variants.input_file import InputFile
from batch.ingest_variants.units import plan_units
from batch.refusal import Refusal
from batch.result import JobResult, refused_file
from batch.sources.annotations.cells import parse_date
from batch.write_tables import TableOutput


def ingest_annotations(context: JobContext) -> JobResult:
    """A release is taken whole.

    One file that is refused refuses the others, so that no half of a release takes the place of the one before.
    """
    parameters = parse_parameters(context.spec.parameters)
    session, lake = context.session, context.lake
    files = [InputFile(index, uri) for index, uri in enumerate(parameters.uris)]
    context.progress(0.02, "reading headers")
    found = read_layouts(context, files, parameters.assembly)
    known = [file for file in found.values() if isinstance(file, AnnotationFile)]
    units = plan_units(session, lake, [file.facts for file in known])
    layouts = {file.facts.file.index: file.layout for file in known}
    folder = context.run_path("scratch/staged")
    read = read_lines(context, AnnotationJob(lake, folder, layouts), units, 0.1, 0.8)
    refusals: dict[int, Refusal] = {index: file for index, file in found.items() if isinstance(file, Refusal)}
    refusals.update({index: file.refusal for index, file in read.files.items() if file.refusal is not None})
    if refusals:
        return JobResult(files=refused_whole(files, refusals))
    released = [layout.released for layout in layouts.values() if layout.released is not None]
    day = parameters.released_at or max(released, default=None) or parse_date(parameters.version)
    release = Release(parameters.source, parameters.version, day)
    context.progress(0.82, "finding duplicates")
    staged = StagedRows(context, folder, TABLES, read)
    staged.bind_files(files)
    for name in KNOWLEDGE_TABLES:
        staged.bind(name)
    bind_keys(context, staged, release)
    outcomes = settle_files(context, known, staged, units)
    context.progress(0.9, "writing tables")
    output = TableOutput(context)
    remove = write_release(context, staged, release, output)
    return JobResult(output.written, remove, outcomes)


def read_layouts(
    context: JobContext, files: Sequence[InputFile], build: str | None
) -> dict[int, AnnotationFile | Refusal]:
    """By index of the file, in order."""
    lake, spark = context.lake, context.session.sparkContext
    slices = min(len(files), spark.defaultParallelism * 4)
    heads = spark.parallelize(files, slices).map(lambda file: (file.index, read_file_layout(lake, file, build)))
    return dict(sorted(heads.collect(), key=lambda one: one[0]))


def refused_whole(files: Sequence[InputFile], refusals: Mapping[int, Refusal]) -> list[Mapping[str, object]]:
    """The outcome of every file of a release that is not taken."""
    message = "another file of this release was refused: nothing of the release is taken"
    other = Refusal("INGEST_REJECTED", message)
    return [refused_file(file.raw.name, file.uri, refusals.get(file.index, other)) for file in files]
