"""What the rules in force must make of a recorded stay: worked out from the chart alone, one row an hour.

It shares nothing with the program it checks. Limits and delays stand here as a person read them in the chart of
NEWS2 (Royal College of Physicians, London 2017) and in the table of rules in force; what they mean where readings are
rare, as ADR 16 says it:

- a sensor's value counts for two hours (the source says so; an hour of its own is less), the record of oxygen too;
- a score is judged when one of its values comes; what is missing adds nothing, and what is known is the least it is;
- an alert of a score ends only when the points that are known, and those a sensor had that is gone now, break it no
  longer; oxygen is no sensor: it adds nothing once it is too old;
- a limit must be broken for its delay, and a value at or beyond the value that clears must hold for its own delay;
- a source that was silent for two hours is stale, until it is heard again;
- a value outside the ordinary range calls at once. It breaks limits, and ends nothing;
- a replayed stay numbers its values as a device does: one that is refused is missing among what was accepted, which
  calls after a minute, once, until numbers follow each other again.

Usage: stay_alerts.py STAY.psv ... prints a line of JSON for each stay: a list of [rule, code or null, RAISED or
CLEARED, seconds from the first row], in order of time.
"""

import decimal
import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

Step = tuple[str, str | None, str, int]
Say = Callable[[str, str | None, str, int], None]
Test = Callable[[Decimal | int], bool]
Points = dict[str, int]

HOUR = 3600
STALE = 2 * HOUR

HR, RESP, SPO2, SBP, DBP, MAP, TEMP = "8867-4", "9279-1", "2708-6", "8480-6", "8462-4", "8478-0", "8310-5"
OXYGEN = "3150-0"
COLUMNS = {
    "HR": HR,
    "Resp": RESP,
    "O2Sat": SPO2,
    "SBP": SBP,
    "DBP": DBP,
    "MAP": MAP,
    "Temp": TEMP,
    "FiO2": OXYGEN,
}
# Of these only that they came matters.
LABORATORY = ["BUN", "Creatinine", "Glucose", "Potassium", "Hgb", "WBC", "Platelets"]

# Below or above these, nobody measured it: such a value is refused.
POSSIBLE = {
    HR: (0, 1000),
    RESP: (0, 1000),
    SPO2: (0, 100),
    SBP: (0, 1000),
    DBP: (0, 1000),
    MAP: (0, 1000),
    TEMP: (0, 60),
    OXYGEN: (15, 100),
}
ORDINARY = {
    HR: (20, 300),
    RESP: (5, 80),
    SPO2: (50, 100),
    SBP: (40, 300),
    DBP: (20, 200),
    MAP: (30, 200),
    TEMP: (30, 45),
}

# Rule: code, what breaks it, what clears it, seconds until it calls, seconds until it ends.
LIMITS = {
    "spo2-low": (SPO2, lambda v: v < 90, lambda v: v >= 92, 15, 30),
    "spo2-critical": (SPO2, lambda v: v < 85, lambda v: v >= 88, 0, 30),
    "rr-low": (RESP, lambda v: v <= 8, lambda v: v >= 10, 30, 60),
    "rr-high": (RESP, lambda v: v > 23, lambda v: v <= 21, 300, 60),
    "hr-low": (HR, lambda v: v <= 40, lambda v: v >= 45, 15, 30),
    "hr-high": (HR, lambda v: v > 110, lambda v: v <= 105, 600, 60),
    "hr-very-high": (HR, lambda v: v > 130, lambda v: v <= 120, 300, 60),
    "sbp-low": (SBP, lambda v: v <= 90, lambda v: v >= 95, 0, 0),
    "sbp-high": (SBP, lambda v: v >= 220, lambda v: v <= 210, 0, 0),
    "temperature-low": (TEMP, lambda v: v <= 35, lambda v: v >= Decimal("35.5"), 0, 0),
    "temperature-high": (TEMP, lambda v: v >= Decimal("39.1"), lambda v: v <= Decimal("38.5"), 0, 0),
}
SCORES = {
    "news2-medium": lambda points: sum(points.values()) >= 5,
    "news2-high": lambda points: sum(points.values()) >= 7,
    "news2-red": lambda points: 3 in points.values(),
}
SCORED = [RESP, SPO2, OXYGEN, SBP, HR, TEMP]


def points_of(code: str, value: Decimal) -> int:
    """Points of the chart for one value, scale 1."""
    digits = Decimal("0.1" if code == TEMP else "1")
    if code != OXYGEN:
        value = value.quantize(digits, rounding=decimal.ROUND_HALF_UP)
    if code == RESP:
        return 3 if value <= 8 else 1 if value <= 11 else 0 if value <= 20 else 2 if value <= 24 else 3
    if code == SPO2:
        return 3 if value <= 91 else 2 if value <= 93 else 1 if value <= 95 else 0
    if code == OXYGEN:
        return 2 if value > 21 else 0
    if code == SBP:
        return 3 if value <= 90 else 2 if value <= 100 else 1 if value <= 110 else 0 if value <= 219 else 3
    if code == HR:
        if value <= 40 or value >= 131:
            return 3
        return 1 if value <= 50 else 0 if value <= 90 else 1 if value <= 110 else 2
    tenths = value * 10
    if tenths <= 350:
        return 3
    return 1 if tenths <= 360 else 0 if tenths <= 380 else 1 if tenths <= 390 else 2


def is_ordinary(code: str, value: Decimal | int) -> bool:
    """Whether a value lies within the ordinary range of its code."""
    low, high = ORDINARY.get(code, (value, value))
    return low <= value <= high


def is_extreme(code: str, value: Decimal | int) -> bool:
    """Whether a value lies outside the ordinary range of its code."""
    return not is_ordinary(code, value)


class Limit:
    """A limit with a value that clears it, and a delay for both."""

    def __init__(
        self, rule: str, code: str | None, breaks: Test, clears: Test, delay: int, clear_delay: int, say: Say
    ) -> None:
        self.rule, self.code, self.breaks, self.clears = rule, code, breaks, clears
        self.delay, self.clear_delay, self.say = delay, clear_delay, say
        self.onset: int | None = None
        self.calm: int | None = None
        self.called = False

    def read(self, at: int, value: Decimal | int) -> None:
        """A value of its code."""
        self.wait(at)
        if self.breaks(value):
            self.calm = None
            if not self.called and self.onset is None:
                self.onset = at
        else:
            self.onset = None
            if not self.called or not self.clears(value):
                self.calm = None
            elif self.calm is None:
                self.calm = at
        self.wait(at)

    def wait(self, now: int) -> None:
        """Whatever was due by now happens."""
        if self.onset is not None and self.onset + self.delay <= now:
            self.say(self.rule, self.code, "RAISED", self.onset + self.delay)
            self.called, self.onset = True, None
        if self.calm is not None and self.calm + self.clear_delay <= now:
            self.say(self.rule, self.code, "CLEARED", self.calm + self.clear_delay)
            self.called, self.calm = False, None


class Score:
    """A rule on NEWS2."""

    def __init__(self, rule: str, breaks: Callable[[Points], bool], say: Say) -> None:
        self.rule, self.breaks, self.say = rule, breaks, say
        self.called = False
        self.had: Points = {}

    def judge(self, at: int, points: Points) -> None:
        """The points of what is known at a time."""
        if self.breaks(points):
            self.had = points
            if not self.called:
                self.say(self.rule, None, "RAISED", at)
            self.called = True
        elif self.called:
            gone = {code: had for code, had in self.had.items() if code not in points and code != OXYGEN}
            if not self.breaks(points | gone):
                self.say(self.rule, None, "CLEARED", at)
                self.called = False


def rows_of(path: str) -> Iterator[tuple[int, list[tuple[str, Decimal]]]]:
    """Rows with their second, each the values that were recorded, in their order: column and number."""
    with open(path, encoding="ascii") as file:
        names, *lines = [line.split("|") for line in file.read().splitlines()]
    first = None
    for line in lines:
        row = dict(zip(names, line, strict=True))
        hour = int(row["ICULOS"])
        first = hour if first is None else first
        recorded = [name for name in names if (name in COLUMNS or name in LABORATORY) and row[name] != "NaN"]
        yield (hour - first) * HOUR, [(name, Decimal(row[name])) for name in recorded]


def alerts_of(path: str) -> list[Step]:
    """Every alert's beginning and end up to two hours behind the last row."""
    told: list[Step] = []

    def say(rule: str, code: str | None, event: str, at: int) -> None:
        told.append((rule, code, event, at))

    limits = [Limit(rule, *facts, say) for rule, facts in LIMITS.items()]
    for code in ORDINARY:
        limits.append(Limit("extreme-value", code, partial(is_extreme, code), partial(is_ordinary, code), 0, 10, say))
    scores = [Score(rule, breaks, say) for rule, breaks in SCORES.items()]
    numbers = Limit("sequence-gap", None, lambda missing: missing > 0, lambda missing: missing == 0, 60, 300, say)
    last: dict[str, tuple[int, Decimal]] = {}
    heard: int | None = None
    missing = skipped = 0
    for at, recorded in rows_of(path):
        numbers.wait(at)
        values = {}
        is_heard = False
        for name, value in recorded:
            measured = COLUMNS.get(name)
            value *= 100 if measured == OXYGEN else 1
            if measured is not None and not POSSIBLE[measured][0] <= value <= POSSIBLE[measured][1]:
                skipped += 1
                continue
            missing, skipped = skipped + (0 if numbers.called else missing), 0
            numbers.read(at, missing)
            is_heard = True
            if measured is not None:
                values[measured] = value
        for limit in limits:
            limit.wait(at)
            if limit.code in values and (limit.breaks(v := values[limit.code]) or not is_extreme(limit.code, v)):
                limit.read(at, v)
        if is_heard:
            if heard is not None and at >= heard + STALE:
                say("no-data", None, "RAISED", heard + STALE)
                say("no-data", None, "CLEARED", at)
            heard = at
        last |= {code: (at, values[code]) for code in SCORED if code in values}
        if any(code in values for code in SCORED):
            points = {code: points_of(code, value) for code, (since, value) in last.items() if at - since < STALE}
            for score in scores:
                score.judge(at, points)
    if heard is not None:
        for limit in limits:
            limit.wait(heard + STALE)
        say("no-data", None, "RAISED", heard + STALE)
    return sorted(told, key=lambda step: (step[3], step[0], step[1] or ""))


if __name__ == "__main__":
    for stay in sys.argv[1:]:
        print(json.dumps(alerts_of(stay)))
