"""Reads VCF files into the tables of variants. The twin of `src/jobs/ingest-variants.ts`."""

import time
from collections.abc import Mapping

from batch.context import JobContext
from batch.ingest_variants.call_rows import SampleNames
from batch.ingest_variants.describe_call_sets import describe_call_sets
from batch.ingest_variants.input_file import FileFacts, InputFile, read_facts
from batch.ingest_variants.known import named_call_sets, open_reference, read_sheet
from batch.ingest_variants.parameters import parse_parameters
from batch.ingest_variants.rank_variants import KEY, rank_variants
from batch.ingest_variants.read_files import ReadInput, read_files
from batch.ingest_variants.settle import SettledInput, settle_files
from batch.ingest_variants.stage_units import StageJob
from batch.ingest_variants.staged_views import StagedViews, bind_views
from batch.ingest_variants.units import plan_units
from batch.ingest_variants.write_calls import write_calls, write_calls_by_sample
from batch.refusal import Refusal
from batch.result import Estimate, JobResult
from batch.sql_steps import define_functions, select_step
from batch.table import table
from batch.transforms.call_set_draft import CallSetDraft, create_call_set_draft, sample_of_column
from batch.transforms.call_set_names import NamedCallSet, refuse_other_samples
from batch.transforms.ploidy import ploidy_flags
from batch.write_tables import TableOutput


def ingest_variants(context: JobContext) -> JobResult:
    """Every record of every file ends in one line of a ledger; a file with a fault of its own touches no other.

    Headers are read first, and large files counted through, both in parallel. Then ranges of lines become staged rows;
    Spark joins them with what is known, decides what is kept, and writes it sorted.
    """
    started = time.monotonic()
    parameters = parse_parameters(context.spec.parameters)
    session, lake = context.session, context.lake
    define_functions(session)
    sheet = read_sheet(context, parameters.samples_uri)
    reference = open_reference(context, parameters.reference_uri)
    files = [InputFile(index, uri) for index, uri in enumerate(parameters.uris)]
    context.progress(0.02, "reading headers")
    facts = read_headers(context, files, parameters.assembly)
    call_sets: dict[str, CallSetDraft] = {}
    call_set_of: dict[int, str] = {}
    named = named_call_sets(context)
    drafts: dict[tuple[str, tuple[str, ...]], CallSetDraft] = {}
    for index, of_file in facts.items():
        if isinstance(of_file, Refusal):
            continue
        key = (of_file.build, of_file.samples)
        if key not in drafts:
            drafts[key] = create_call_set_draft(*key, parameters.call_set, parameters.call_set_kind, sheet)
        draft = drafts[key]
        try:
            if draft.id not in call_sets:
                refuse_other_samples(_name_of(draft), [*map(_name_of, call_sets.values()), *named])
            call_set_of[index] = call_sets.setdefault(draft.id, draft).id
        except Refusal as refusal:
            facts[index] = refusal
    context.progress(0.06, "counting lines")
    whole = [of_file for of_file in facts.values() if isinstance(of_file, FileFacts)]
    units = plan_units(session, lake, whole)
    folder = context.run_path("scratch/staged")
    job = StageJob(lake, folder, parameters.assembly, parameters.filters, call_sets, call_set_of, reference)
    read = read_files(context, job, units)
    flag_ploidy(facts, read, call_sets, call_set_of)
    context.progress(0.72, "finding duplicates")
    views = bind_views(context, folder, files, read)
    settled = settle_files(context, files, facts, read.files, call_set_of, units, views)
    output = TableOutput(context)
    write_tables(context, output, read, views, settled, call_sets, call_set_of)
    described = describe_call_sets(facts, read.files, call_sets, call_set_of, settled)
    for name, rows in described.items():
        output.write_rows(name, rows, {"callSets": list(call_sets)})
    if not parameters.dry_run:
        return JobResult(output.written, files=settled.outcomes)
    count, size = (sum(getattr(file, name) for file in output.written) for name in ("rows", "bytes"))
    return JobResult(files=settled.outcomes, estimate=Estimate(count, size, time.monotonic() - started))


def read_headers(context: JobContext, files: list[InputFile], assembly: str | None) -> dict[int, FileFacts | Refusal]:
    """By index of the file, in order."""
    lake = context.lake
    spark = context.session.sparkContext
    slices = min(len(files), spark.defaultParallelism * 4)
    found = spark.parallelize(files, slices).map(lambda file: (file.index, read_facts(lake, file, assembly))).collect()
    return dict(sorted(found, key=lambda one: one[0]))


def flag_ploidy(
    facts: Mapping[int, FileFacts | Refusal],
    read: ReadInput,
    call_sets: Mapping[str, CallSetDraft],
    call_set_of: Mapping[int, str],
) -> None:
    """Adds what each file tells of men on X to the flags of its call set, in the order of files."""
    for index, file in sorted(read.files.items()):
        of_file = facts[index]
        if file.refusal is None and file.ploidy is not None and isinstance(of_file, FileFacts):
            draft = call_sets[call_set_of[index]]
            draft.flags += ploidy_flags(draft, sample_of_column(draft, of_file.samples), *file.ploidy)


def write_tables(
    context: JobContext,
    output: TableOutput,
    read: ReadInput,
    views: StagedViews,
    settled: SettledInput,
    call_sets: Mapping[str, CallSetDraft],
    call_set_of: Mapping[int, str],
) -> None:
    """Writes what is kept of variants, their calls, structural variants and reference blocks."""
    session = context.session
    meta = {"callSets": list(call_sets)}
    plans = []
    if settled.kept["variant"] > 0:
        context.progress(0.78, "ranking variants")
        accepted = session.table("variant_outcomes").where("outcome = 'accepted'").select("vi")
        keys = session.table("staged_variants").select("vi", "alt_index", *KEY).join(accepted, "vi")
        ranges = max(1, -(-settled.kept["variant"] // output.rows_per_file("variants")))
        ranked, variants = rank_variants(keys, ranges)
        ranked.select("vi", "variant_row").createOrReplaceTempView("variant_rows")
        kept = table("variants", select_step(session, "variants").drop("vi"))
        context.progress(0.8, "writing variants")
        output.write(kept, meta, count=variants)
        plans.append(("variants", kept.frame))
        calls: dict[str, int] = {}
        for index, file in read.files.items():
            if file.refusal is None:
                calls[call_set_of[index]] = calls.get(call_set_of[index], 0) + file.tally.carriers
        if sum(calls.values()) > 0:
            samples = sample_names(call_sets)
            keyed = views.calls.drop("unit").join(ranked, "vi")
            plans.append(("calls", keyed))
            context.progress(0.84, "writing calls")
            write_calls(output, keyed, variants, samples, sum(calls.values()), meta)
            context.progress(0.9, "writing calls_by_sample")
            write_calls_by_sample(output, keyed, variants, samples, calls, meta)
    context.progress(0.96, "writing reference_blocks")
    for name, kind in (("structural_variants", "structural"), ("reference_blocks", "block")):
        if settled.kept[kind] > 0:
            rows = table(name, select_step(session, name.replace("_", "-")))
            output.write(rows, meta, count=settled.kept[kind])
            plans.append((name, rows.frame))
    context.keep_plan(*plans)


def sample_names(call_sets: Mapping[str, CallSetDraft]) -> SampleNames:
    """The samples of all call sets, in the order of ids."""
    names: list[str] = []
    offsets: dict[str, int] = {}
    for name in sorted(call_sets):
        offsets[name] = len(names)
        names += call_sets[name].samples
    return SampleNames(names, offsets)


def _name_of(draft: CallSetDraft) -> NamedCallSet:
    return NamedCallSet(draft.id, draft.name, draft.build)
