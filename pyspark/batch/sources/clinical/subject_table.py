"""A tab-separated table with one person a line: a column Subject id, or the sample column of a sample sheet.

Every other cell that is not empty is an observation without a unit, because such tables state none. An Excel error, and
a number below 0 where none can be, are kept without a value, with the reason `error`.
"""

import math
import re
from collections.abc import Sequence
from typing import Final

from batch.domain.json_text import json_of_texts
from batch.domain.person import ABSENT_ERROR, ABSENT_UNKNOWN, SUBJECT_SYSTEM, Code, code_keys
from batch.domain.text import cut
from batch.reference import read_reference
from batch.refusal import Refusal
from batch.sources.annotations import table
from batch.sources.annotations.table import TableRow
from batch.sources.clinical.types import (
    RAW_UNITS,
    Cells,
    ClinicalFault,
    ClinicalRecord,
    KnownBy,
    Outcome,
    StagedRow,
    rejection_of,
)
from batch.sources.vcf.limits import LINE_BYTES

COLUMN_SYSTEM: Final = "https://vitalome.org/subject-column"
"""The system of observations that are cells of a subject table: the code is the name of the column."""

_NAMES = ("eid", "accession", "ega sample id", "biosample id", "data collections", "sample name", "sample")
"""Columns that name the row, not something seen of the person."""
_SUBJECT_COLUMNS = ("subject id", "sample name", "sample")
_SAMPLE_COLUMNS = ("sample name", "sample")
_SEXES = {
    "male": "male",
    "m": "male",
    "1": "male",
    "female": "female",
    "f": "female",
    "2": "female",
    "0": None,
    "unknown": None,
}
_NOT_NEGATIVE = frozenset(name.lower() for name in read_reference("subject-columns")["notNegative"])
_SUBJECT = re.compile("[A-Za-z0-9_.-]{1,64}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INSTANCE = re.compile(r"-[0-9]+\.[0-9]+\Z")
_SHEET_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", re.ASCII | re.IGNORECASE)


def check_columns(columns: tuple[str, ...]) -> None:
    """Refuses a table that has no column of subjects.

    Raises:
        Refusal: INGEST_REJECTED.
    """
    if table.column_finder(columns)(*_SUBJECT_COLUMNS) < 0:
        expected = "FHIR R4 (NDJSON or a Bundle), or a tab-separated table with a column Subject id or Sample name"
        raise Refusal("INGEST_REJECTED", f"header: expected {expected}", 1, "header", expected)


class SubjectTable:
    """Reads lines after the header.

    Args:
        columns: Of the header.
        sample_systems: Identifier systems whose values are names of samples.
        known_by: Who is known by a subject's id; None: subjects are people of their own.
    """

    def __init__(self, columns: tuple[str, ...], sample_systems: Sequence[str], known_by: KnownBy | None) -> None:
        find = table.column_finder(columns)
        self._columns = columns
        self._subject = find(*_SUBJECT_COLUMNS)
        self._sex = find("sex", "gender")
        self._age = find("age at recruitment-0.0", "age at recruitment", "age")
        self._known_by = known_by
        subject = columns[self._subject]
        self._is_linked = subject.lower() in _SAMPLE_COLUMNS or SUBJECT_SYSTEM in sample_systems
        self._seen = [
            (at, _Column(name))
            for at, name in enumerate(columns)
            if at not in (self._subject, self._sex) and name.lower() not in _NAMES
        ]

    def subject_of(self, raw: bytes) -> str | None:
        """The subject a line names, if it is one that may be known; its row is read later."""
        try:
            row = table.parse_row(0, table.line_text(raw[: LINE_BYTES + 1]), len(self._columns), len(raw) > LINE_BYTES)
            return self._subject_at(row)
        except (table.RowFault, ClinicalFault):
            return None

    def read(self, line: int, raw: bytes) -> Outcome | None:
        """The outcome of one line, without its line break; None where it is empty, which is no record."""
        text = table.line_text(raw[: LINE_BYTES + 1])
        if text == "":
            return None
        try:
            row = table.parse_row(line, text, len(self._columns), len(raw) > LINE_BYTES)
            return ClinicalRecord(line, cut(text, RAW_UNITS), None, False, self._rows_of(row))
        except table.RowFault as broken:
            return table.rejection_of(broken, line, text)
        except ClinicalFault as fault:
            return rejection_of(fault, line, text)

    def _subject_at(self, row: TableRow) -> str:
        subject = row.text(self._subject)
        if subject is None or not _SUBJECT.fullmatch(subject):
            raise ClinicalFault(self._columns[self._subject], "SUBJECT", subject or "")
        return subject

    def _rows_of(self, row: TableRow) -> list[StagedRow]:
        subject = self._subject_at(row)
        gender = _sex_of(row.text(self._sex), self._columns[self._sex] if self._sex >= 0 else "Sex")
        patient_id, rows = self._person_of(subject, gender, row.text(self._age))
        for at, column in self._seen:
            cell = row.text(at)
            if cell is not None:
                rows.append(StagedRow("observations", column.observation(patient_id, subject, cell)))
        return rows

    def _person_of(self, subject: str, gender: str | None, age: str | None) -> tuple[str, list[StagedRow]]:
        field = self._columns[self._subject]
        if self._known_by is not None:
            known = self._known_by(subject)
            if not known:
                raise ClinicalFault(field, "UNKNOWN_SUBJECT", subject)
            if len(known) > 1:
                raise ClinicalFault(field, "AMBIGUOUS_SUBJECT", f"{subject}: {len(known)} people")
            only = known[0]
            if gender is not None and only.gender is not None and only.gender != gender:
                sex = self._columns[self._sex] if self._sex >= 0 else "Sex"
                raise ClinicalFault(sex, "SEX_MISMATCH", f"{gender}; known as {only.gender}")
            return only.patient_id, []
        patient = {
            "patient_id": subject,
            "id": subject,
            "gender": gender,
            "birth_date": None,
            "birth_date_absent": ABSENT_ERROR if age is not None and _is_sheet_error(age) else ABSENT_UNKNOWN,
            "identifiers": json_of_texts([{"system": SUBJECT_SYSTEM, "value": subject}]),
        }
        rows = [StagedRow("patients", patient)]
        if self._is_linked:
            link = {"patient_id": subject, "id": subject, "system": SUBJECT_SYSTEM, "stated_by": field}
            rows.append(StagedRow("links", link))
        return subject, rows


class _Column:
    """What a column gives for each of its cells."""

    def __init__(self, column: str) -> None:
        name = _INSTANCE.sub("", column)
        coding = Code(COLUMN_SYSTEM, column, name)
        self._column = column
        self._is_never_negative = name.lower() in _NOT_NEGATIVE
        self._coded = {
            **coding._asdict(),
            "codings": json_of_texts([coding._asdict()]),
            "code_keys": code_keys([coding]),
            "status": "unknown",
        }

    def observation(self, patient_id: str, subject: str, cell: str) -> Cells:
        """The cells of one observation."""
        number = float(cell) if _NUMBER.fullmatch(cell) else None
        is_impossible = number is not None and ((number < 0 and self._is_never_negative) or not math.isfinite(number))
        is_error = is_impossible or (number is None and _is_sheet_error(cell))
        return {
            "patient_id": patient_id,
            "id": f"{subject}.{self._column}",
            **self._coded,
            "value": None if is_error else number,
            # What the cell holds stays readable where it is no value.
            "value_text": cell if is_error or number is None else None,
            "data_absent_reason": ABSENT_ERROR if is_error else None,
        }


def _is_sheet_error(cell: str) -> bool:
    """Error values a spreadsheet leaves in a cell."""
    return _SHEET_ERROR.fullmatch(cell) is not None


def _sex_of(cell: str | None, field: str) -> str | None:
    if cell is None or _is_sheet_error(cell):
        return None
    if cell.lower() not in _SEXES:
        raise ClinicalFault(field, "SUBJECT_SEX", cell)
    return _SEXES[cell.lower()]
