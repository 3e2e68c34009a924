"""Decides repeats and contradictions, fills quarantine, and closes the ledger of each file."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pyspark.sql import functions as f

from batch.context import JobContext
from batch.ingest_annotations.input_layout import AnnotationFile
from batch.ingest_lines.file_outcome import outcome_of_file
from batch.ingest_lines.staged_rows import StagedRows, counts_of
from batch.ingest_variants.conflicts import conflict_texts
from batch.ingest_variants.units import Unit
from batch.quarantine import quarantine_samples, write_quarantine
from batch.sources.annotations.table import line_text
from batch.sources.vcf.types import Rejection
from batch.sql_steps import run_step
from batch.transforms.quarantine import CONFLICT, Quarantined, quarantined

_ORDER: Final = ("phase", "line")


def conflicting(source: str, line: int, raw: bytes) -> Quarantined:
    """A row that contradicts what the release already has."""
    expected = "each row once in a release, or repeats with the same content"
    found = "a row this release already has, with other content"
    return quarantined(source, Rejection(line, "row", CONFLICT, expected, found, line_text(raw)))


def settle_files(
    context: JobContext, files: Sequence[AnnotationFile], staged: StagedRows, units: Sequence[Unit]
) -> list[Mapping[str, Any]]:
    """Runs the steps of `sql/` over the staged rows, and writes what is rejected."""
    session = context.session
    for step in ("annotation-outcomes", "annotation-record-outcomes"):
        run_step(session, step)
    records = counts_of(context, "annotation_record_outcomes")
    contradicting = sum(found.get("conflict", 0) for found in records.values())
    rejected = staged.of("rejected").select("file_index", *_ORDER, "text")
    if contradicting > 0:
        conflicts = session.table("annotation_record_outcomes").where("outcome = 'conflict'")
        texts = conflict_texts(context.lake, conflicts, units, conflicting)
        rejected = rejected.unionByName(texts.select("file_index", f.lit(1).alias("phase"), "line", "text").persist())
    total = contradicting + sum(sum(file.rejected.values()) for file in staged.read.files.values())
    samples: dict[int, list[bytes]] = {}
    if total > 0:
        write_quarantine(context, rejected, _ORDER, total)
        samples = quarantine_samples(rejected, _ORDER)
    return [
        outcome_of_file(
            context,
            file.facts.file,
            staged.read.files[file.facts.file.index],
            records.get(file.facts.file.index, {}),
            samples.get(file.facts.file.index, []),
            # A record of ClinVar is about one allele; genes have none.
            has_alleles=file.layout.name.startswith("clinvar"),
        )
        for file in files
    ]
