"""What the job knows before it reads its files: the sample sheet, the reference, call sets that have a name."""

from batch.context import JobContext
from batch.domain.sample import SampleFacts
from batch.lake import read
from batch.parameters import parse_raw_id, stat_input
from batch.sources.fasta import FastaIndex, index_fasta
from batch.sources.sample_sheet import parse_sample_sheet
from batch.transforms.call_set_names import NamedCallSet


def read_sheet(context: JobContext, uri: str | None) -> dict[str, SampleFacts]:
    """The sheet given with the job, or what earlier jobs said about the same samples."""
    if uri is not None:
        raw = parse_raw_id(uri)
        return parse_sample_sheet(read(context.lake, raw.path).decode(errors="replace"), raw.name)
    known: dict[str, SampleFacts] = {}
    # One row per sample of the store: as many as the embedded job, and each later job, holds in memory.
    for file in context.base.files("samples"):
        rows = context.rows_of("samples", (file,)).frame.where("in_sheet")
        for row in rows.select("sample_id", "sex", "populations", "superpopulations").toLocalIterator():
            sex = row["sex"] if row["sex"] in ("female", "male") else None
            known[row["sample_id"]] = SampleFacts(
                row["sample_id"], sex, _list(row["populations"]), _list(row["superpopulations"])
            )
    return known


def open_reference(context: JobContext, uri: str | None) -> tuple[FastaIndex, str] | None:
    """Where each contig of the reference lies, and its path."""
    if uri is None:
        return None
    raw = parse_raw_id(uri)
    stat_input(context.lake, uri)
    return index_fasta(context.lake.stream(raw.path), raw.name), raw.path


def named_call_sets(context: JobContext) -> list[NamedCallSet]:
    """Every call set of the base snapshot that has a name."""
    if not context.base.files("call_sets"):
        return []
    rows = context.rows("call_sets").frame.where("name IS NOT NULL").select("call_set_id", "name", "build").distinct()
    return [
        NamedCallSet(row["call_set_id"], row["name"], row["build"]) for row in rows.orderBy("call_set_id").collect()
    ]


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
