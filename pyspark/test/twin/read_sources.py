"""What the PySpark sources make of files of knowledge and of people, in the shape of `read-sources.mjs`."""

import gzip
import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from batch.domain.gene import Gene, GeneDisease
from batch.refusal import Refusal
from batch.sources.annotations import reader as annotations
from batch.sources.annotations.types import Clinical, LateRejection
from batch.sources.annotations.types import Filtered as FilteredAnnotation
from batch.sources.clinical import reader as clinical
from batch.sources.clinical.document import read_document
from batch.sources.clinical.types import ClinicalRecord, Filtered, KnownPerson, Outcome
from batch.sources.vcf import FileRules, Rejection, settle_ranges

SCRIPT = Path(__file__).parent / "read-sources.mjs"
Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """One file and how it is read; `known` is who is known by a subject's id."""

    source: str
    path: Path
    build: str | None = None
    sample_systems: tuple[str, ...] = ()
    known: dict[str, list[KnownPerson]] | None = field(default=None)

    def line(self) -> str:
        """As `read-sources.mjs` takes it."""
        known = (
            None
            if self.known is None
            else {
                subject: [{"patientId": one.patient_id, "gender": one.gender} for one in people]
                for subject, people in self.known.items()
            }
        )
        return json.dumps(
            {
                "source": self.source,
                "path": str(self.path),
                "build": self.build,
                "sampleSystems": list(self.sample_systems),
                "known": known,
            }
        )


def read(case: Source) -> Iterator[Row]:
    """Every outcome in order."""
    data = case.path.read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    rows: list[Row] = []
    try:
        source = read_annotations(case, lines) if case.source == "annotations" else read_clinical(case, data, lines)
        for row in source:
            rows.append(row)
            yield row
    except Refusal as fault:
        yield {
            "kind": "refused",
            **dict(zip(("code", "message", "line", "field", "expected"), fault.args, strict=True)),
        }


def read_annotations(case: Source, lines: list[bytes], ranges: int = 3) -> Iterator[Row]:
    layout = annotations.read_layout(lines, case.build)
    body = list(enumerate(lines[layout.head_lines :], layout.head_lines + 1))
    cuts = [len(body) * number // ranges for number in range(ranges + 1)]
    rules: FileRules | None = None
    while True:
        readers = [annotations.open_reader(layout, rules) for _ in range(ranges)]
        outcomes = [
            (line, outcome)
            for reader, start, end in zip(readers, cuts, cuts[1:], strict=False)
            for line, raw in body[start:end]
            if (outcome := reader.read(line, raw)) is not None
        ]
        summaries = [reader.summary for reader in readers if reader.summary is not None]
        again = settle_ranges(summaries, rules) if summaries else None
        if again is None:
            break
        rules = again
    for line, outcome in outcomes:
        if isinstance(outcome, Gene):
            yield {"kind": "record", "line": line, "record": {"kind": "gene", "gene": camel(outcome._asdict())}}
        elif isinstance(outcome, GeneDisease):
            record = {"kind": "geneDisease", "geneDisease": camel(outcome._asdict())}
            yield {"kind": "record", "line": line, "record": record}
        elif isinstance(outcome, Clinical):
            statements = [
                {**camel(one._asdict()), "conditions": [condition._asdict() for condition in one.conditions]}
                for one in outcome.statements
            ]
            yield {"kind": "record", "line": line, "record": {"kind": "clinical", "statements": statements}}
        elif isinstance(outcome, FilteredAnnotation):
            yield {"kind": "filter", "rule": outcome.rule}
        elif isinstance(outcome, LateRejection):
            yield {"kind": "reject", **outcome.rejection._asdict(), "raw": None}
        else:
            yield {"kind": "reject", **outcome._asdict()}
    yield {"kind": "summary", "recordsRead": len(outcomes), "layout": layout.name, "released": layout.released}


def read_clinical(case: Source, data: bytes, lines: list[bytes]) -> Iterator[Row]:
    layout = clinical.read_layout(lines)
    count = 0
    outcomes: Iterable[Outcome]
    if layout.name == "document":
        chunks = (data[at : at + 1000] for at in range(0, len(data), 1000))
        outcomes = read_document(chunks, case.sample_systems)
    else:
        known = None if case.known is None else lambda subject: (case.known or {}).get(subject, [])
        reader = clinical.LineReader(layout, case.sample_systems, known)
        outcomes = (outcome for line, raw in enumerate(lines, 1) for outcome in reader.read(line, raw))
    for outcome in outcomes:
        count += 1
        if isinstance(outcome, Filtered):
            yield {"kind": "filter", "rule": outcome.rule}
        elif isinstance(outcome, Rejection):
            yield {"kind": "reject", **outcome._asdict()}
        elif isinstance(outcome, ClinicalRecord):
            rows = [{"table": row.table, "row": dict(row.row)} for row in outcome.rows]
            yield {
                "kind": "record",
                "line": outcome.line,
                "lastUpdated": outcome.last_updated,
                "simulated": outcome.simulated,
                "rows": rows,
                "raw": outcome.raw,
            }
    yield {"kind": "summary", "recordsRead": count}


def camel(row: Row) -> Row:
    """Names as TypeScript has them."""
    named = {}
    for name, value in row.items():
        first, *rest = name.split("_")
        named[first + "".join(map(str.capitalize, rest))] = list(value) if isinstance(value, tuple) else value
    return named


def compare(cases: list[Source]) -> int:
    """Asserts that both give the same; answers the number of outcomes compared."""
    compared = 0
    lines = "".join(f"{case.line()}\n" for case in cases)
    ran = subprocess.run(["node", str(SCRIPT)], input=lines, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    printed = iter(ran.stdout.split("\n"))
    for case in cases:
        wanted = iter(lambda: next(printed), '{"kind":"end"}')
        for place, (row, expected) in enumerate(zip_longest(read(case), wanted)):
            assert expected is not None and row is not None, (str(case.path), place, row, expected)
            assert normal(row) == normal(json.loads(expected)), (str(case.path), place)
            compared += 1
    return compared


def normal(value: object) -> object:
    """Without cells that are null, which TypeScript leaves out here and Python there."""
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [normal(item) for item in value]
    return value
