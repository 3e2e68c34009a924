"""What the readers of records about people hand on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from batch.domain.json_text import ABSENT, json_text
from batch.domain.text import cut
from batch.sources.vcf.limits import FOUND_UNITS
from batch.sources.vcf.types import Rejection

CLINICAL_RULES: Final = {
    "LINE_TOO_LONG": "a record of at most 16 MiB",
    "ENCODING": "UTF-8 text",
    "JSON": "one JSON object a line, or a Bundle",
    "DEPTH": "JSON nested at most 200 levels deep",
    "RESOURCE_TYPE": "a resourceType",
    "ID": "an id of 1 to 64 letters, digits, - and .",
    "REFERENCE": "a reference to a Patient: Patient/<id>, or urn:uuid of an entry of the same Bundle",
    "CODE": "a code from the FHIR value set of the field",
    "CODING": "a CodeableConcept with a coding, or a text",
    "DATE": "a FHIR date or dateTime that exists",
    "NUMBER": "a finite number",
    "TYPE": "a value of the type FHIR R4 gives the field",
    "SUBJECT": "an id of 1 to 64 letters, digits, _, - and .",
    "SUBJECT_SEX": "male, female, M, F, 1, 2 or empty",
    "UNKNOWN_SUBJECT": "a subject that one person in the store is known by, in the system that was given",
    "AMBIGUOUS_SUBJECT": "a subject that one person alone is known by",
    "SEX_MISMATCH": "the sex that is known of the person",
    "CONFLICTING_DUPLICATE": "each id once, or repeats with the same content, or a later meta.lastUpdated",
}
"""Rules a record can break, and what each expects. A table adds the rules of its text."""

RAW_UNITS: Final = 64 << 10
"""UTF-16 units of a record's text that are kept for quarantine."""

Cells = Mapping[str, str | float | bool | None]
"""Cells of one row by column; one that is left out is null."""


class StagedRow(NamedTuple):
    """One row for one table."""

    table: str
    row: Cells


class ClinicalRecord(NamedTuple):
    """One record that breaks no rule.

    Attributes:
        line: Line of NDJSON or of a table, or number of the entry of a Bundle, from 1.
        raw: Its text: the line, or the entry of a Bundle as JSON.
        simulated: Labelled as test or simulated data by its source.
    """

    line: int
    raw: str
    last_updated: str | None
    simulated: bool
    rows: Sequence[StagedRow]


class Filtered(NamedTuple):
    """A record that holds nothing to keep: counted, by kind."""

    rule: str


Outcome = ClinicalRecord | Filtered | Rejection
"""Each record read ends in exactly one of these."""


class KnownPerson(NamedTuple):
    """Someone in the store a subject may be."""

    patient_id: str
    gender: str | None


KnownBy = Callable[[str], Sequence[KnownPerson]]
"""Who is known by a subject's id."""

Layout = Literal["lines", "document", "table"]


@dataclass(frozen=True)
class ClinicalLayout:
    """What the head of a file says: FHIR as lines or as one document, or a table of subjects and its columns."""

    name: Layout
    columns: tuple[str, ...] = ()


class ClinicalFault(Exception):
    """A rule broken inside one record; caught where the line is known, never outside this package."""

    def __init__(self, field: str, rule: str, found: object) -> None:
        """`found` is a JSON value, or `ABSENT`."""
        text = found if isinstance(found, str) else "nothing" if found is ABSENT else json_text(found)
        super().__init__(field, rule)
        self.field = field
        self.rule = rule
        self.found = cut(text, FOUND_UNITS)


def rejection_of(fault: ClinicalFault, line: int, raw: str, place: str = "") -> Rejection:
    """What a person needs to mend the record; `place` goes before the field."""
    return Rejection(
        line, f"{place}{fault.field}", fault.rule, CLINICAL_RULES[fault.rule], fault.found, cut(raw, RAW_UNITS)
    )
