"""CHROM to FILTER."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from batch.domain.text import SPACE, utf16_length
from batch.domain.variant import MAX_POSITION
from batch.sources.vcf.limits import ALLELE_BYTES, ALTERNATES
from batch.sources.vcf.rules import RecordFault

# IUPAC codes other than N are to be reduced to a base by the writer. Source: VCF 4.3, section 1.6.1, REF.
_BASES = re.compile("[ACGTNacgtn]+")
_ALT = re.compile(
    rf"[ACGTNacgtn]+|\*|<[^<>{SPACE},\0-\x1f]+>|\.[ACGTNacgtn]+|[ACGTNacgtn]+\."
    rf"|[ACGTNacgtn.]*[\[\]](?:[^\[\]<>{SPACE}\0-\x1f]+|<[^<>{SPACE}\0-\x1f]+>):[0-9]+[\[\]][ACGTNacgtn.]*"
)
# `t[p[`, `t]p]`, `]p]t`, `[p[t`: the brackets are equal and bases stand on exactly one side.
_BREAKEND = re.compile(r"([ACGTNacgtn.]*)([\[\]])([^\[\]]+)([\[\]])([ACGTNacgtn.]*)")
_CONTIG = re.compile(rf"""[^{SPACE}\0-\x1f,:*<>\[\]()"'`{{}}\\]+""")
# Contigs of the HLA genes in GRCh38 analysis sets, and contigs of the assembly file.
_OTHER_CONTIG = re.compile(rf"HLA-[^{SPACE}\0-\x1f,<>]+|<[^<>{SPACE}\0-\x1f,]+>")
_POSITION = re.compile("[0-9]{1,10}")
_QUAL = re.compile(
    r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|\+?(?:inf|infinity|nan)", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"[-+]?[0-9.]")
_UNPRINTABLE = re.compile(rf"[{SPACE}\0-\x1f\x7f]")


class FixedColumns(NamedTuple):
    """As in `VcfRecord`."""

    contig: str
    pos: int
    ids: tuple[str, ...]
    ref: str
    alts: tuple[str, ...]
    qual: float | None
    filters: tuple[str, ...] | None


class FixedColumnParser:
    """Parses the columns of one file."""

    def __init__(self, allows_empty: bool, contig_length: Callable[[str], int | None]) -> None:
        """Before VCF 4.3 an empty ID or QUAL is read as missing. `contig_length` is None where it is not known."""
        self._allows_empty = allows_empty
        self._contig_length = contig_length
        self._known = ""

    def parse(self, columns: list[str]) -> FixedColumns:
        """Checked from left to right.

        Raises:
            RecordFault: The first fault.
        """
        contig, position, id, reference, alt, quality, filter = columns
        if contig != self._known:
            if not _CONTIG.fullmatch(contig) and not _OTHER_CONTIG.fullmatch(contig):
                raise RecordFault("CHROM", "CHROM_SYNTAX", contig)
            self._known = contig
        pos = int(position) if _POSITION.fullmatch(position) else -1
        if pos < 0 or pos > MAX_POSITION:
            raise RecordFault("POS", "POS_SYNTAX", position)
        ids = () if id == "." or (id == "" and self._allows_empty) else _parse_ids(id)
        if utf16_length(reference) > ALLELE_BYTES:
            raise RecordFault("REF", "REF_SYNTAX", reference, "bases up to the limit of an allele")
        if not _BASES.fullmatch(reference):
            raise RecordFault("REF", "REF_SYNTAX", reference, "one or more of A, C, G, T, N")
        self._check_range(contig, pos, position, len(reference))
        ref = reference.upper()
        alts = () if alt == "." else _parse_alts(alt, ref)
        qual = None if quality == "." or (quality == "" and self._allows_empty) else _parse_qual(quality)
        return FixedColumns(contig, pos, ids, ref, alts, qual, _parse_filters(filter))

    def _check_range(self, contig: str, pos: int, position: str, bases: int) -> None:
        length = self._contig_length(contig)
        if length is not None and pos != length + 1 and pos + bases - 1 > length:
            expected = f"REF to end at {length}, the last base of {contig}, or before"
            raise RecordFault("POS", "POS_RANGE", position, expected)


def _parse_ids(text: str) -> tuple[str, ...]:
    ids = tuple(text.split(";"))
    if "" in ids or _UNPRINTABLE.search(text):
        raise RecordFault("ID", "ID_SYNTAX", text)
    if len(set(ids)) != len(ids):
        raise RecordFault("ID", "ID_SYNTAX", text, "each ID once")
    return ids


def _parse_alts(text: str, ref: str) -> tuple[str, ...]:
    alts = text.split(",")
    if len(alts) > ALTERNATES:
        raise RecordFault("ALT", "ALT_SYNTAX", text, f"at most {ALTERNATES} alternates")
    for alt in alts:
        if utf16_length(alt) > ALLELE_BYTES:
            raise RecordFault("ALT", "ALT_SYNTAX", alt, "bases up to the limit of an allele")
    seen: set[str] = set()
    values = []
    for alt in alts:
        if not _BASES.fullmatch(alt):
            _check_other_alt(alt)
            values.append(alt)
            continue
        bases = alt.upper()
        if bases == ref:
            raise RecordFault("ALT", "ALT_DUPLICATE", alt, "alternates that differ from REF")
        if bases in seen:
            raise RecordFault("ALT", "ALT_DUPLICATE", alt)
        seen.add(bases)
        values.append(bases)
    return tuple(values)


def _check_other_alt(alt: str) -> None:
    if not _ALT.fullmatch(alt):
        raise RecordFault("ALT", "ALT_SYNTAX", alt)
    if "[" in alt or "]" in alt:
        match = _BREAKEND.fullmatch(alt)
        if match is None or match[2] != match[4] or (match[1] == "") == (match[5] == ""):
            raise RecordFault("ALT", "ALT_SYNTAX", alt, "a breakend: bases, two equal brackets, a place")


def _parse_qual(text: str) -> float | None:
    if not _QUAL.fullmatch(text):
        raise RecordFault("QUAL", "QUAL_SYNTAX", text)
    value = float(text) if _NUMBER.match(text) else math.nan
    if value < 0:
        raise RecordFault("QUAL", "QUAL_SYNTAX", text, "a number of at least 0")
    return value if math.isfinite(value) else None


def _parse_filters(text: str) -> tuple[str, ...] | None:
    if text == "PASS":
        return ()
    if text == ".":
        return None
    filters = tuple(text.split(";"))
    if _UNPRINTABLE.search(text) or "," in text or "" in filters or "0" in filters:
        raise RecordFault("FILTER", "FILTER_SYNTAX", text)
    if len(filters) > 1 and (len(set(filters)) != len(filters) or "PASS" in filters):
        raise RecordFault("FILTER", "FILTER_SYNTAX", text, "each filter once, PASS alone")
    return filters
