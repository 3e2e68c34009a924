"""Reads cases with both twins and compares all that came of them."""

import gzip
import json
import subprocess
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from twin.ingest_lines import Case, ingest

SCRIPT = Path(__file__).parent / "ingest-vcf.mjs"
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
"""The public data set that lies beside the checkout; tests of it are skipped where it is absent."""


def typescript(cases: Iterable[Case]) -> Iterator[list[dict[str, Any]]]:
    """The rows of each case in order."""
    lines = "".join(f"{case.line()}\n" for case in cases)
    ran = subprocess.run(["node", str(SCRIPT)], input=lines, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    rows: list[dict[str, Any]] = []
    for line in ran.stdout.split("\n"):
        row = json.loads(line, parse_int=_number) if line else {"kind": ""}
        if row["kind"] == "end":
            yield rows
            rows = []
        else:
            rows.append(row)


def _number(digits: str) -> float:
    """JavaScript writes a whole number without a point, however large."""
    return int(digits) if len(digits) < 16 else float(digits)


def is_compressed(row: dict[str, Any]) -> bool:
    """A fault of the compression is not the business of the reader of lines."""
    return row["kind"] == "fault" and row["field"] == "compression"


def compare(cases: list[Case], ranges: int) -> int:
    """Asserts that both give the same; answers the number of files compared."""
    compared = 0
    for case, wanted in zip(cases, typescript(cases), strict=True):
        if any(map(is_compressed, wanted)):
            continue
        data = case.path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        for place, (found, expected) in enumerate(zip_longest(ingest(case, data, ranges), wanted)):
            assert found == expected, (str(case.path), place)
        compared += 1
    return compared
