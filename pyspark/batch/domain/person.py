"""Codes of what is on record of people."""

from collections.abc import Iterable
from typing import Final, NamedTuple

SUBJECT_SYSTEM: Final = "https://vitalome.org/subject"
"""The system of the ids of a subject table, where nothing else names them."""

ABSENT_UNKNOWN: Final = "unknown"
ABSENT_ERROR: Final = "error"
"""FHIR data-absent-reason codes this product states itself."""


class Code(NamedTuple):
    """A code of a vocabulary (FHIR Coding)."""

    system: str
    code: str
    display: str | None


def code_keys(codings: Iterable[Code]) -> str:
    r"""`\n` and `system|code` for each coding, and `\n` at the end: text in which one code is found whole."""
    return "\n" + "\n".join(f"{coding.system}|{coding.code}" for coding in codings) + "\n"
