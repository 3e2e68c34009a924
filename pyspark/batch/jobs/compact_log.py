"""Brings a range of the log into tables. The twin of `src/jobs/compact-log.ts`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from batch.compact_log.log_tables import LOG_TABLES, log_table
from batch.compact_log.read_events import read_events
from batch.compact_log.stage_topic import UNREADABLE, StagedTopic, stage_topic
from batch.compact_log.write_table import write_table
from batch.context import JobContext
from batch.ledger import item_ledger
from batch.parameters import expect_keys
from batch.quarantine import quarantine_path
from batch.result import JobResult, accepted_file
from batch.sql_steps import define_functions
from batch.transforms.quarantine import quarantine_sample
from batch.write_tables import TableOutput

Offsets = Mapping[str, Sequence[str]]

_REPEATS = ("vitals", "alerts")
"""Tables where an event that takes no place is a repeat; elsewhere another version has overtaken it."""


def compact_log(context: JobContext) -> JobResult:
    """Whoever hands the job over has fixed the range. The same range again brings nothing new."""
    expect_keys(context.spec.parameters, {"from", "to"})
    start: Offsets = context.spec.parameters["from"]
    end: Offsets = context.spec.parameters["to"]
    if all(start.get(topic) == end.get(topic) for topic in {*start, *end}):
        return JobResult()
    define_functions(context.session)
    output = TableOutput(context)
    remove: dict[str, Sequence[str]] = {}
    files: list[Mapping[str, Any]] = []
    for index, name in enumerate(LOG_TABLES):
        facts = log_table(name)
        first, last = (list(map(int, side.get(facts.topic, ()))) for side in (start, end))
        if first == last:
            continue
        context.progress(index / len(LOG_TABLES), f"reading {facts.topic}")
        staged = stage_topic(context, name, index, read_events(context, facts.topic, first, last))
        context.progress((index + 0.5) / len(LOG_TABLES), f"writing {name}")
        before = len(output.written)
        change = write_table(context, facts, output)
        if change.remove:
            remove[name] = change.remove
        files.append(outcome_of(context, name, index, staged, change.accepted))
        written = len(output.written) - before
        context.log(f"{name}: {change.fresh} rows came or changed, {written} files written")
    return JobResult(output.written, remove, files, horizon=end)


def outcome_of(context: JobContext, name: str, index: int, staged: StagedTopic, accepted: int) -> dict[str, Any]:
    """The ledger of a topic, as of an input file."""
    topic = log_table(name).topic
    rest = staged.read - staged.others - staged.unreadable - accepted
    is_repeat = name in _REPEATS
    filtered = {"NO_STEP": staged.others} if staged.others > 0 else {}
    if not is_repeat and rest > 0:
        filtered["OVERTAKEN"] = rest
    quarantined = {UNREADABLE: staged.unreadable} if staged.unreadable > 0 else {}
    records = item_ledger(staged.read, accepted, filtered, quarantined, rest if is_repeat else 0)
    ledger = {"records": records, "alleles": item_ledger(0, 0, {}, {}, 0)}
    path = quarantine_path(context.spec.id, index) if quarantined else None
    shown = [quarantine_sample(json.loads(line)) for line in staged.samples]
    return accepted_file(topic, f"log:{topic}", None, ledger, path, shown)
