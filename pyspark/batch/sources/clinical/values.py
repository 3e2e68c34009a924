"""Looks into JSON of unknown content: nothing of it is trusted before it is looked at."""

import re
from collections.abc import Mapping, Sequence

from batch.domain.json_text import ABSENT, json_of_texts
from batch.domain.person import Code, code_keys
from batch.domain.text import trim
from batch.sources.clinical.types import ClinicalFault

Json = Mapping[str, object]
"""A JSON object."""

_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)
_REFERENCE = re.compile(r"(?:^|/)([A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def found_at(parent: Json, field: str) -> object:
    """The value as it is, for a fault to tell."""
    return parent.get(field, ABSENT)


def object_at(parent: Json, field: str, path: str | None = None) -> Json | None:
    """An object, or None where there is none."""
    value = parent.get(field)
    if value is None or isinstance(value, dict):
        return value
    raise ClinicalFault(path or field, "TYPE", value)


def list_at(parent: Json, field: str, path: str | None = None) -> Sequence[Json]:
    """A list of objects; empty where there is none."""
    value = parent.get(field)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ClinicalFault(path or field, "TYPE", value)
    return value


def text_at(parent: Json, field: str, path: str | None = None) -> str | None:
    """Trimmed text; None where there is none, or nothing in it."""
    value = parent.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ClinicalFault(path or field, "TYPE", value)
    if "\0" in value:
        raise ClinicalFault(path or field, "ENCODING", value)
    return trim(value) or None


def boolean_at(parent: Json, field: str, path: str | None = None) -> bool | None:
    """True, false, or None where there is none."""
    value = parent.get(field)
    if value is None or isinstance(value, bool):
        return value
    raise ClinicalFault(path or field, "TYPE", value)


def number_at(parent: Json, field: str, path: str | None = None) -> float | None:
    """A finite number, or None where there is none."""
    value = parent.get(field)
    if value is None:
        return None
    if not isinstance(value, float) or value in (float("inf"), float("-inf")):
        raise ClinicalFault(path or field, "NUMBER", value)
    return value


def code_at(parent: Json, field: str, allowed: Sequence[str]) -> str | None:
    """A code of a closed value set; None when the field is absent and may be."""
    value = text_at(parent, field)
    if value is not None and value not in allowed:
        raise ClinicalFault(field, "CODE", value)
    return value


def date_at(parent: Json, field: str, path: str | None = None) -> str | None:
    """FHIR date, dateTime or instant, as given: a year stays a year. The day must exist, in the year 100 or later."""
    value = text_at(parent, field, path)
    if value is None:
        return None
    match = _DATE.fullmatch(value)
    if match is None:
        raise ClinicalFault(path or field, "DATE", value)
    year, month, day, hour, minute, second = (
        int(part or standard) for part, standard in zip(match.groups(), "011000", strict=True)
    )
    if not _is_day(year, month, day) or hour > 23 or minute > 59 or second > 60:
        raise ClinicalFault(path or field, "DATE", value)
    return value


def _is_day(year: int, month: int, day: int) -> bool:
    if year < 100 or not 1 <= month <= 12:
        return False
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= (29 if month == 2 and is_leap else _DAYS[month - 1])


def codings_of(concept: Json | None, path: str) -> tuple[Code, ...]:
    """The codings of a concept that have a code."""
    if concept is None:
        return ()
    codings = []
    for index, coding in enumerate(list_at(concept, "coding", f"{path}.coding")):
        at = f"{path}.coding[{index}]"
        code = text_at(coding, "code", f"{at}.code")
        if code is not None:
            system = text_at(coding, "system", f"{at}.system") or ""
            codings.append(Code(system, code, text_at(coding, "display", f"{at}.display")))
    return tuple(codings)


def codings_text(codings: Sequence[Code]) -> str:
    """Codings as they are stored."""
    return json_of_texts([coding._asdict() for coding in codings])


def coded_cells(concept: Json | None, path: str) -> dict[str, str | None]:
    """The cells of a coded column: the first coding is the code, all of them are kept."""
    codings = codings_of(concept, path)
    text = None if concept is None else text_at(concept, "text", f"{path}.text")
    if not codings and text is None:
        raise ClinicalFault(path, "CODING", concept)
    first = codings[0] if codings else Code("", "", None)
    return {
        "system": first.system if codings else None,
        "code": first.code if codings else None,
        "display": text if first.display is None else first.display,
        "codings": codings_text(codings) if codings else None,
        "code_keys": code_keys(codings) if codings else None,
    }


def first_code(parent: Json, field: str) -> str | None:
    """The code of a concept's first coding."""
    codings = codings_of(object_at(parent, field), field)
    return codings[0].code if codings else None


def referenced_id(parent: Json, field: str, type: str, entries: Mapping[str, str]) -> str | None:
    """`Patient/x`, an absolute URL that ends so, or `urn:uuid:` of an entry of the same Bundle."""
    reference = object_at(parent, field)
    text = None if reference is None else text_at(reference, "reference", f"{field}.reference")
    if text is None:
        return None
    match = _REFERENCE.search(entries.get(text, text))
    return match[2] if match is not None and match[1] == type else None
