"""Cells that several layouts share."""

import re
from datetime import date

from batch.domain.allele import Allele, classify_alt, normalise_allele
from batch.domain.contig import canonical_contig, contig_length
from batch.domain.text import SPACE, utf16_length
from batch.refusal import Refusal
from batch.sources.annotations.table import RowFault

_CONTIG = re.compile(f"[^{SPACE}:,]+")
_POSITION = re.compile("[1-9][0-9]{0,9}")
_ISO = re.compile("([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_NAMED = re.compile("([A-Za-z]{3}) ([0-9]{1,2}), ([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAX = 0x7FFFFFFF


def contig_of(field: str, text: str | None) -> str:
    """Canonical name of a contig."""
    if text is None or not _CONTIG.fullmatch(text) or utf16_length(text) > 200:
        raise RowFault(field, "CONTIG_SYNTAX", "nothing" if text is None else text)
    return canonical_contig(text)


def position_of(field: str, text: str | None, build: str, contig: str) -> int:
    """A 1-based position on its contig."""
    if text is None or not _POSITION.fullmatch(text):
        raise RowFault(field, "POS_SYNTAX", "nothing" if text is None else text)
    pos = int(text)
    length = contig_length(build, contig) or _MAX
    if pos > length:
        raise RowFault(field, "POS_RANGE", f"{text}; {contig} of {build} has {length} bases")
    return pos


def allele_of(pos: int, ref: str, alt: str) -> Allele:
    """Upper case, trimmed to the shortest form at the same place: the form variants are stored in."""
    is_bases = classify_alt(ref) == "sequence" and classify_alt(alt) == "sequence"
    if not is_bases or ref.upper() == alt.upper():
        raise RowFault("REF, ALT", "ALLELE_SYNTAX", f"{ref} {alt}")
    return normalise_allele(Allele(pos, ref.upper(), alt.upper()), None)


def parse_date(text: str | None) -> str | None:
    """`2024-12-15`, `20241215` or `Dec 15, 2024` as ISO 8601; None for missing or no calendar day.

    >>> parse_date("Dec 5, 2024"), parse_date("2023-02-29")
    ('2024-12-05', None)
    """
    if text is None:
        return None
    iso = _ISO.fullmatch(text)
    if iso is not None:
        year, month, day = iso.groups()
    else:
        named = _NAMED.fullmatch(text)
        if named is None or named[1].lower() not in _MONTHS:
            return None
        year, month, day = named[3], f"{_MONTHS.index(named[1].lower()) + 1:02d}", named[2].rjust(2, "0")
    return f"{year}-{month}-{day}" if is_day(int(year), int(month), int(day)) else None


def is_day(year: int, month: int, day: int) -> bool:
    """Whether the day is in the Gregorian calendar, which repeats after 400 years; the year 0 is one of them."""
    try:
        date(year or 400, month, day)
    except ValueError:
        return False
    return True


def date_of(field: str, text: str | None) -> str | None:
    """A date that is missing or right."""
    day = parse_date(text)
    if text is not None and day is None:
        raise RowFault(field, "DATE_SYNTAX", text)
    return day


def stated_build(build: str | None) -> str:
    """The file is refused when nobody says which build its positions count in."""
    if build is not None:
        return build
    message = "the table does not tell the build: state it as assemblyId"
    raise Refusal("INGEST_REJECTED", message, 1, "assemblyId", "GRCh37 or GRCh38")
