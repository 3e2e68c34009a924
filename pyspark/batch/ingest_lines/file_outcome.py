"""Closes the ledger of one file of lines."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from batch.context import JobContext
from batch.ingest_lines.line_report import LineReport
from batch.ingest_variants.input_file import InputFile
from batch.ledger import item_ledger
from batch.quarantine import quarantine_path
from batch.result import accepted_file
from batch.transforms.quarantine import CONFLICT, quarantine_sample


def outcome_of_file(
    context: JobContext,
    file: InputFile,
    read: LineReport,
    records: Mapping[str, int],
    samples: Sequence[bytes],
    has_alleles: bool,
) -> dict[str, Any]:
    """The outcome of a file that was read.

    `records` counts those that left rows by outcome; `samples` are the first lines of its quarantine. Where
    `has_alleles`, each record is about one allele; else the second ledger is empty.
    """
    conflicts = records.get("conflict", 0)
    contradicted = {CONFLICT: conflicts} if conflicts > 0 else {}
    accepted, duplicates = records.get("accepted", 0), records.get("duplicate", 0)
    older = records.get("older", 0)
    filtered = {**read.filtered, "OLDER_VERSION": older} if older > 0 else read.filtered
    quarantined = {**read.rejected, **contradicted}
    ledger = {
        "records": item_ledger(read.records_read, accepted, filtered, quarantined, duplicates),
        "alleles": item_ledger(read.staged, accepted, {}, contradicted, duplicates)
        if has_alleles
        else item_ledger(0, 0, {}, {}, 0),
    }
    path = quarantine_path(context.spec.id, file.index) if quarantined else None
    shown = [quarantine_sample(json.loads(line)) for line in samples]
    return accepted_file(file.raw.name, file.uri, None, ledger, path, shown)
