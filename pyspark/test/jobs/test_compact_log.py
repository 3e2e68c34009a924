"""`compact-log` gives in Spark what it gives in the embedded profile, row by row, from the same staged events."""

import json
from collections.abc import Sequence
from typing import Any

from twin.both_jobs import BothProfiles

from batch.lake import write_bytes
from batch.lake_folder import FolderLake

VITALS, WINDOWS = "vitals.accepted.v1", "vitals.windowed.v1"
ALERTS, JOBS = "alert.transitioned.v1", "job.changed.v1"
START = 1_767_261_600_000
Place = tuple[int, int]


def reading(event: str, **other: object) -> dict[str, Any]:
    return {
        "schema": 1,
        "eventId": event,
        "patientId": "p1",
        "source": "bedside",
        "submission": None,
        "deviceId": "d1",
        "session": "boot",
        "sequence": 9_007_199_254_740_991,
        "code": "8867-4",
        "originalCode": None,
        "value": "80.50",
        "comparator": None,
        "unit": "/min",
        "codedValue": None,
        "originalValue": "80,5",
        "originalUnit": "bpm",
        "effectiveTime": START,
        "originalTime": "2026-01-01T10:00:00+02:00",
        "receivedAt": START + 200,
        "late": False,
        "watermark": None,
        "flags": ["EXTREME"],
        "clockOffsetMs": -120_000,
        "quality": ['a \u00e9 \u2028 \U0001f600 "quoted"'],
        "status": "final",
        "replaces": None,
        "simulated": True,
        "input": {"topic": "vitals.observed.v1", "partition": 2, "offset": "900719925474099"},
        **other,
    }


def window(through: int, **other: object) -> dict[str, Any]:
    return {
        "schema": 1,
        "patientId": "p1",
        "code": "8867-4",
        "size": "PT1H",
        "start": START,
        "end": START + 3_600_000,
        "count": 3,
        "sum": "240",
        "sumOfSquares": "123456789012345678901234567890",
        "scale": 1,
        "min": "-0.5",
        "max": None,
        "unit": None,
        "firstAt": START,
        "lastAt": None,
        "simulated": False,
        "throughOffset": str(through),
        **other,
    }


def step(version: int, text: str, **other: object) -> dict[str, Any]:
    alert = {
        "id": "a1",
        "patientId": "p1",
        "ruleId": "hr",
        "ruleVersion": 1,
        "kind": "THRESHOLD",
        "code": None,
        "priority": "HIGH",
        "presence": "ON",
        "conditionPresent": True,
        "version": version,
        "onset": START,
        "raisedAt": START,
        "abatement": None,
        "shadow": False,
        "simulated": False,
        "derivedFrom": ["e", "f"],
        **other,
    }
    return {"schema": 1, "kind": "changed", "alert": alert, "step": {"text": text}, "commandId": None, "input": None}


def job(version: int, **other: object) -> dict[str, Any]:
    record = {
        "id": "j1",
        "kind": "ingest",
        "state": "RUNNING",
        "submittedBy": "me",
        "queuedAt": 1,
        "startedAt": None,
        "endedAt": None,
        "snapshotId": None,
        "version": version,
        "parameters": {"10": 1e21, "9": [0.00001, 1.0, -0.0, True], "b": {"\ud83d": None}},
        **other,
    }
    return {"schema": 1, "job": record}


class Log:
    """Events of both stores, partition by partition."""

    def __init__(self, both: BothProfiles) -> None:
        self.both = both
        self.ends: dict[str, list[int]] = {VITALS: [0, 0], WINDOWS: [0, 0], ALERTS: [0, 0], JOBS: [0]}

    def compact(self, **events: Sequence[tuple[int, object]]) -> dict[str, Any]:
        """Stages what each topic got since the last time, of which offsets have holes, and runs both jobs."""
        start = {topic: [str(end) for end in ends] for topic, ends in self.ends.items()}
        topics = {"vitals": VITALS, "windows": WINDOWS, "alerts": ALERTS, "jobs": JOBS}
        for name, topic in topics.items():
            lines: list[tuple[Place, str]] = []
            for partition, value in events.get(name, ()):
                offset = self.ends[topic][partition]
                self.ends[topic][partition] += 2
                line = {"partition": partition, "offset": str(offset), "at": START + offset, "value": value}
                lines.append(((partition, offset), json.dumps(line)))
            text = "".join(f"{line}\n" for _, line in sorted(lines))
            for store in self.both.stores.values():
                write_bytes(
                    FolderLake(str(store)), f"runs/job-{self.both.jobs + 1}/input/{topic}.ndjson", text.encode()
                )
        end = {topic: [str(next) for next in ends] for topic, ends in self.ends.items()}
        return self.both.run("compact-log", {"from": start, "to": end})


def test_every_table_over_several_compactions_with_repeats_versions_and_what_cannot_be_read(both: BothProfiles) -> None:
    log = Log(both)
    broken: list[object] = [
        reading("x", late="no"),
        reading("x", sequence=1.5),
        reading("x", input={"topic": "t", "partition": 0, "offset": "12345678901234567890"}),
        reading("x", quality=None),
        {**reading("x"), "schema": 0},
        "text",
        None,
        [],
    ]
    first = log.compact(
        vitals=[
            (0, reading("a")),
            (0, reading("a", value="99")),
            (1, reading("a", patientId="p2", value=None, flags=[], quality=[])),
            (0, reading("half \ud83d of a pair", code="x\ud83d")),
            *((1, value) for value in broken),
        ],
        windows=[(0, window(5)), (0, window(3)), (0, window(5, count=99)), (1, window(1, patientId="p2"))],
        alerts=[
            (0, step(1, "first")),
            (0, step(2, "second \u2028 \U0001f600")),
            (0, step(2, "a repeat")),
            (0, {"schema": 1, "kind": "refused", "commandId": "c"}),
            (1, step(1, "other", id="a2", patientId="p2", code="8867-4")),
            (1, {**step(1, "none", id="a3"), "step": None}),
        ],
        jobs=[(0, job(1)), (0, job(3)), (0, job(2)), (0, job(1, id="j2"))],
    )
    assert [file["ledger"]["records"] for file in first["files"]] == [
        {"read": 12, "accepted": 3, "filtered": {}, "quarantined": {"UNREADABLE_EVENT": 8}, "duplicates": 1},
        {"read": 4, "accepted": 2, "filtered": {"OVERTAKEN": 2}, "quarantined": {}, "duplicates": 0},
        {
            "read": 6,
            "accepted": 3,
            "filtered": {"NO_STEP": 1},
            "quarantined": {"UNREADABLE_EVENT": 1},
            "duplicates": 1,
        },
        {"read": 4, "accepted": 2, "filtered": {"OVERTAKEN": 2}, "quarantined": {}, "duplicates": 0},
    ]
    second = log.compact(
        vitals=[(0, reading("a", effectiveTime=START + 86_400_000)), (0, reading("b", replaces="a"))],
        windows=[(0, window(9, count=4)), (0, window(7)), (0, window(9, start=START + 3_600_000))],
        alerts=[(0, step(version, f"step {version}")) for version in range(3, 13)],
        jobs=[(0, job(4, endedAt=7, state="COMPLETE", snapshotId=1))],
    )
    assert second["remove"].keys() == {"vital_windows", "alerts", "jobs"}
    steps = {row[2]: [one["version"] for one in json.loads(row[-3])] for row in both.rows("spark", "alerts")}
    assert steps == {"a1": list(range(1, 13)), "a2": [1]}
