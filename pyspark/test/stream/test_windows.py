"""Readings to windows, without a stream: the same frames over a table of readings."""

import json
from typing import Any

from pyspark.sql import SparkSession

from stream.parts import add_up
from stream.query import above
from stream.readings import parse, touching
from stream.session import SETTINGS
from stream.windows import merge, to_events

TEN = 1_767_261_600_000
"""2026-01-01T10:00Z."""


def accepted(event: str, at: int, value: str | None, **more: object) -> dict[str, Any]:
    return {
        "schema": 1,
        "eventId": event,
        "patientId": "p1",
        "code": "8867-4",
        "value": value,
        "comparator": None,
        "effectiveTime": TEN + at * 1_000,
        "late": False,
        "watermark": None,
        "flags": [],
        "status": "final",
        "replaces": None,
        "simulated": False,
        **more,
    }


def windows(session: SparkSession, readings: list[dict[str, Any]], floor: int | None = None) -> dict[Any, Any]:
    before = session.conf.get("spark.sql.mapKeyDedupPolicy")
    session.conf.set("spark.sql.mapKeyDedupPolicy", SETTINGS["spark.sql.mapKeyDedupPolicy"])
    try:
        rows = [(json.dumps(reading).encode(), offset) for offset, reading in enumerate(readings)]
        records = session.createDataFrame(rows, "value BINARY, offset BIGINT")
        events = to_events(merge(add_up(touching(above(parse(records), floor))))).collect()
    finally:
        session.conf.set("spark.sql.mapKeyDedupPolicy", before)
    found = [json.loads(event.value) for event in events]
    return {(window["code"], window["size"], (window["start"] - TEN) // 60_000): window for window in found}


def test_readings_of_the_known_answer_become_windows_of_every_size(session: SparkSession) -> None:
    known = [(5, "80"), (35, "82"), (70, "84"), (140, "120"), (290, "118")]
    found = windows(session, [accepted(str(at), at, value) for at, value in known])
    counts = {key[1:]: window["count"] for key, window in found.items()}
    assert counts == {
        ("PT1M", 0): 2,
        ("PT1M", 1): 1,
        ("PT1M", 2): 1,
        ("PT1M", 4): 1,
        ("PT5M", 0): 5,
        ("PT15M", 0): 5,
        ("PT1H", 0): 5,
    }
    assert found["8867-4", "PT5M", 0] == {
        **{"schema": 1, "patientId": "p1", "code": "8867-4", "size": "PT5M", "start": TEN, "end": TEN + 300_000},
        **{"count": 5, "sum": "484000", "sumOfSquares": "48504000000", "scale": 3, "min": "80", "max": "120"},
        **{"unit": "/min", "firstAt": TEN + 5_000, "lastAt": TEN + 290_000, "simulated": False, "throughOffset": "4"},
    }


def test_a_repeat_changes_nothing_and_the_last_correction_holds(session: SparkSession) -> None:
    found = windows(
        session,
        [
            accepted("x", 0, "180"),
            accepted("y", 1, "90"),
            accepted("x", 0, "180"),
            accepted("x@2", 0, "80", replaces="x", status="corrected"),
            accepted("x@3", 0, "81", replaces="x@2", status="corrected"),
            accepted("x@4", 0, "82", replaces="x", status="corrected"),
            accepted("z", 70, "70", code="2708-6"),
            accepted("z@2", 70, "70", code="2708-6", replaces="z", status="entered-in-error"),
        ],
    )
    corrected = found["8867-4", "PT1H", 0]
    assert (corrected["count"], corrected["sum"], corrected["max"], corrected["throughOffset"]) == (
        2,
        "172000",
        "90",
        "5",
    )
    empty = found["2708-6", "PT1M", 1]
    assert (empty["count"], empty["sum"], empty["min"], empty["firstAt"]) == (0, "0", None, None)


def test_what_is_late_or_no_plain_number_touches_nothing(session: SparkSession) -> None:
    others = [
        accepted("a", 1, "80", late=True),
        accepted("b", 1, "80", watermark=TEN + 60_000),
        accepted("c", 1, "0", flags=["EXTREME"]),
        accepted("d", 1, "80", comparator="<"),
        accepted("e", 1, None),
        accepted("f", 1, "80", status="entered-in-error"),
        accepted("g", 1, "1234567890"),
        {"schema": 1},
    ]
    found = windows(session, [*others, accepted("h", 1, "80", flags=["CLOCK_FAST"], simulated=True)])
    assert {(window["count"], window["throughOffset"], window["simulated"]) for window in found.values()} == {
        (1, "8", True)
    }


def test_no_window_is_computed_that_begins_before_the_log_does(session: SparkSession) -> None:
    readings = [accepted("a", -10, "80"), accepted("b", 0, "81"), accepted("c", 10, "82")]
    found = windows(session, readings, floor=TEN)
    assert {key[2] for key in found} == {0}
    assert found["8867-4", "PT1H", 0]["count"] == 2
