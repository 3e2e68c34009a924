"""Decides duplicates and contradictions, fills quarantine, and closes both ledgers of each file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import functions as f

from batch.context import JobContext
from batch.ingest_variants.conflicts import conflict_texts
from batch.ingest_variants.input_file import FileFacts, InputFile
from batch.ingest_variants.read_files import ReadFile
from batch.ingest_variants.staged_views import StagedViews
from batch.ingest_variants.units import Unit
from batch.ledger import item_ledger
from batch.quarantine import quarantine_path, quarantine_samples, write_quarantine
from batch.refusal import Refusal
from batch.result import accepted_file, refused_file
from batch.sql_steps import run_step
from batch.transforms.quarantine import CONFLICT, quarantine_sample

STEPS = ("variant-outcomes", "structural-outcomes", "block-outcomes", "record-outcomes")


@dataclass(frozen=True)
class SettledInput:
    """How each file ended, in input order; kept rows by table; accepted alleles and records by file."""

    outcomes: Sequence[Mapping[str, Any]]
    kept: Mapping[str, int]
    alleles: Mapping[int, int]
    records: Mapping[int, int]


def settle_files(
    context: JobContext,
    files: Sequence[InputFile],
    facts: Mapping[int, FileFacts | Refusal],
    read: Mapping[int, ReadFile],
    call_set_of: Mapping[int, str],
    units: Sequence[Unit],
    views: StagedViews,
) -> SettledInput:
    """Runs the steps of `sql/` over the staged rows, and writes what is rejected."""
    session = context.session
    for step in STEPS:
        run_step(session, step)
    counts = _counts(context)
    records = counts.pop("record")
    conflicts = session.table("record_outcomes").where("outcome = 'conflict'")
    contradicting = sum(found.get("conflict", 0) for found in records.values())
    rejected = views.rejected.select("file_index", f.lit(0).alias("phase"), "line", "text")
    if contradicting > 0:
        texts = conflict_texts(context.lake, conflicts, units).select(
            "file_index", f.lit(1).alias("phase"), "line", "text"
        )
        rejected = rejected.unionByName(texts.persist())
    stands = [file for file, found in read.items() if found.refusal is None]
    total = contradicting + sum(sum(read[file].rejected.values()) for file in stands)
    samples: dict[int, list[bytes]] = {}
    if total > 0:
        write_quarantine(context, rejected, ("phase", "line"), total)
        samples = quarantine_samples(rejected, ("phase", "line"))
    outcomes = []
    alleles_by_file: dict[int, int] = {}
    records_by_file: dict[int, int] = {}
    for file in files:
        refusal = facts[file.index]
        found = read.get(file.index)
        if found is not None and found.refusal is not None:
            refusal = found.refusal
        if isinstance(refusal, Refusal) or found is None:
            assert isinstance(refusal, Refusal)
            outcomes.append(refused_file(file.raw.name, file.uri, refusal))
            continue
        of_records = records.get(file.index, {})
        of_alleles = {
            outcome: sum(counts[table].get(file.index, {}).get(outcome, 0) for table in ("variant", "structural"))
            for outcome in ("accepted", "duplicate", "conflict")
        }
        ledger = _ledger(found, of_records, of_alleles)
        alleles_by_file[file.index] = ledger["alleles"]["accepted"]
        records_by_file[file.index] = ledger["records"]["accepted"]
        has_rejected = bool(ledger["records"]["quarantined"])
        outcomes.append(
            accepted_file(
                file.raw.name,
                file.uri,
                call_set_of[file.index],
                ledger,
                quarantine_path(context.spec.id, file.index) if has_rejected else None,
                [quarantine_sample(json.loads(line)) for line in samples.get(file.index, [])],
            )
        )
    kept = {table: sum(found.get("accepted", 0) for found in by_file.values()) for table, by_file in counts.items()}
    return SettledInput(outcomes, kept, alleles_by_file, records_by_file)


def _ledger(read: ReadFile, records: Mapping[str, int], alleles: Mapping[str, int]) -> dict[str, Any]:
    tally = read.tally
    conflicts = records.get("conflict", 0)
    # Reference records without samples leave no row; they are accepted all the same.
    without_rows = tally.reference_records - tally.reference_records_with_rows
    of_records = item_ledger(
        read.records_read,
        records.get("accepted", 0) + without_rows,
        tally.filtered_records,
        {**read.rejected, **({CONFLICT: conflicts} if conflicts > 0 else {})},
        records.get("duplicate", 0),
    )
    of_alleles = item_ledger(
        tally.alleles_read,
        alleles["accepted"],
        tally.filtered_alleles,
        {CONFLICT: alleles["conflict"]} if alleles["conflict"] > 0 else {},
        alleles["duplicate"],
    )
    return {"records": of_records, "alleles": of_alleles}


def _counts(context: JobContext) -> dict[str, dict[int, dict[str, int]]]:
    """Rows by step, file and outcome, in one look at all steps."""
    steps = [step.removesuffix("-outcomes") for step in STEPS]
    counts: dict[str, dict[int, dict[str, int]]] = {step: {} for step in steps}
    text = " UNION ALL ".join(f"SELECT '{step}' AS step, file_index, outcome FROM {step}_outcomes" for step in steps)
    for row in context.session.sql(text).groupBy("step", "file_index", "outcome").count().collect():
        counts[row["step"]].setdefault(row["file_index"], {})[row["outcome"]] = row["count"]
    return counts
