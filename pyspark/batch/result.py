"""What a job hands back: `result.json`, in the shape of `src/jobs/context.ts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from batch.refusal import Refusal


@dataclass(frozen=True)
class WrittenFile:
    """One data file a job wrote, below `runs/<job>/data/<table>/`."""

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Estimate:
    """What a dry run would have written, and how long it took."""

    rows: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class JobResult:
    """What changes when the run is published.

    Attributes:
        add: Data files of the next snapshot.
        remove: Data files of the base snapshot that the next one no longer holds, by table.
        files: How each input file ended, in input order: `accepted_file` or `refused_file`.
        estimate: Of a dry run.
        export: The file that an export wrote: path, format, rows, bytes, sha256.
        horizon: How much of the log the tables hold with this change; None where it says nothing of the log.
    """

    add: Sequence[WrittenFile] = ()
    remove: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[Mapping[str, Any]] = ()
    estimate: Estimate | None = None
    export: Mapping[str, Any] | None = None
    horizon: Mapping[str, Sequence[str]] | None = None


def refused_file(file: str, uri: str, refusal: Refusal) -> dict[str, Any]:
    """The outcome of a file with a fault of its own."""
    return {
        "file": file,
        "uri": uri,
        "callSetId": None,
        "status": "refused",
        "refusal": {
            "code": refusal.code,
            "message": refusal.message,
            "line": refusal.line,
            "field": refusal.field,
            "expected": refusal.expected,
        },
    }


def accepted_file(
    file: str,
    uri: str,
    call_set_id: str | None,
    ledger: Mapping[str, Any],
    quarantine_uri: str | None,
    quarantined: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The outcome of a file that was read: `partial` where some of its records lie in quarantine."""
    return {
        "file": file,
        "uri": uri,
        "callSetId": call_set_id,
        "status": "accepted" if quarantine_uri is None else "partial",
        "ledger": ledger,
        "quarantineUri": quarantine_uri,
        "quarantined": list(quarantined),
    }


def result_json(result: JobResult, job_id: str, kind: str, base_snapshot: int) -> dict[str, Any]:
    """The JSON value of `result.json`."""
    value: dict[str, Any] = {
        "jobId": job_id,
        "kind": kind,
        "baseSnapshot": base_snapshot,
        "add": [
            {
                "table": file.table,
                "path": file.path,
                "rows": file.rows,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "meta": dict(file.meta),
            }
            for file in result.add
        ],
        "remove": {table: list(paths) for table, paths in result.remove.items()},
        "files": list(result.files),
        "estimate": None
        if result.estimate is None
        else {"rows": result.estimate.rows, "bytes": result.estimate.bytes, "seconds": result.estimate.seconds},
    }
    if result.horizon is not None:
        value["horizon"] = {topic: list(next) for topic, next in result.horizon.items()}
    return value if result.export is None else {**value, "export": dict(result.export)}
