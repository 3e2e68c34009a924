"""Reads records about people: FHIR R4 as NDJSON or a Bundle, or a table with one person a line."""

from collections.abc import Iterable, Iterator, Sequence

from batch.domain.text import trim
from batch.sources.annotations.table import parse_header
from batch.sources.clinical.fhir import HEAD_BYTES, LINE_BYTES, layout_of, read_line, refused, without_mark
from batch.sources.clinical.subject_table import SubjectTable, check_columns
from batch.sources.clinical.types import ClinicalLayout, KnownBy, Outcome


def read_layout(lines: Iterable[bytes]) -> ClinicalLayout:
    """The first character that is not blank tells what a file is.

    Args:
        lines: From line 1 on, without their line break; no more are taken than needed.

    Raises:
        Refusal: It is none of these.
    """
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        raise refused("record", "FHIR R4 as NDJSON or a Bundle; the file is empty")
    behind = bytearray()
    while len(behind) < HEAD_BYTES and (line := next(rest, None)) is not None:
        behind += line[:HEAD_BYTES] + b"\n"
    first = first[: LINE_BYTES + 1]
    begin = trim(without_mark((first + b"\n" + behind)[:HEAD_BYTES].decode(errors="replace")))
    if begin == "" or begin[0] in "{[":
        return layout_of(first, bytes(behind[:HEAD_BYTES]))
    columns = parse_header(first)
    check_columns(columns)
    return ClinicalLayout("table", columns)


class LineReader:
    """Reads the lines of one range of NDJSON, or of a table."""

    def __init__(self, layout: ClinicalLayout, sample_systems: Sequence[str], known_by: KnownBy | None) -> None:
        """`known_by`: who is known by a subject of a table; None: subjects are people of their own."""
        self._sample_systems = sample_systems
        self._table = SubjectTable(layout.columns, sample_systems, known_by) if layout.name == "table" else None

    def read(self, line: int, raw: bytes) -> Iterator[Outcome]:
        """The outcomes of one line, without its line break: of one record, or of each entry of a Bundle."""
        if self._table is None:
            yield from read_line(line, raw, self._sample_systems)
        elif line > 1 and (outcome := self._table.read(line, raw)) is not None:
            yield outcome

    def subject_of(self, raw: bytes) -> str | None:
        """The subject that a line of a table names, if it is one that may be known."""
        return None if self._table is None else self._table.subject_of(raw)
