"""A FHIR resource or Bundle as one JSON document of many lines."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from batch.domain.json_text import DECODER, NotJson, parse_json
from batch.sources.clinical.fhir import (
    LINE_BYTES,
    note_entry,
    read_bundle,
    refused,
    take,
    take_entry,
    without_mark,
)
from batch.sources.clinical.nesting import DEPTH, is_nested_deeper
from batch.sources.clinical.resources import ResourceContext
from batch.sources.clinical.types import CLINICAL_RULES, Outcome

DOCUMENT_BYTES: Final = 256 << 20
_SPACES = frozenset(" \t\n\r")


def read_document(chunks: Iterable[bytes], sample_systems: Sequence[str]) -> Iterator[Outcome]:
    """The outcomes of a whole document, entry by entry.

    A document is one task: only its end tells that it is JSON, and an entry may refer to any other. Memory holds its
    text (at most 256 MiB; four times as much where it has letters beyond the basic plane), one entry at a time, and
    the id of each entry.

    Raises:
        Refusal: It is too large, or no JSON, or its entries are no list.
    """
    text = without_mark(_whole(chunks))
    if is_nested_deeper(text, DEPTH):
        raise refused("Bundle", CLINICAL_RULES["DEPTH"])
    try:
        entries = _entries_of(text)
    except (NotJson, ValueError, RecursionError) as fault:
        raise refused("Bundle", "JSON") from fault
    if entries is None:
        document = parse_json(text)
        if isinstance(document, dict) and document.get("resourceType") == "Bundle":
            yield from read_bundle(document, sample_systems)
            return
        yield take(1, text, lambda: document, ResourceContext({}, sample_systems))
        return
    ids: dict[str, str] = {}
    for entry in _list_items(text, entries):
        note_entry(entry, ids)
    context = ResourceContext(ids, sample_systems)
    for index, entry in enumerate(_list_items(text, entries)):
        yield take_entry(index, entry, context)


def _whole(chunks: Iterable[bytes]) -> str:
    held = bytearray()
    line_start = 0
    for chunk in chunks:
        newline = chunk.rfind(b"\n")
        before = len(held)
        held += chunk
        if len(held) > DOCUMENT_BYTES:
            raise _too_large()
        first = chunk.find(b"\n")
        if (len(held) if first < 0 else before + first) - line_start > LINE_BYTES:
            raise _too_large()
        if newline >= 0:
            line_start = before + newline + 1
    return held.decode(errors="replace")


def _too_large() -> Exception:
    return refused("Bundle", "lines of at most 16 MiB, 256 MiB in all: give larger data as NDJSON")


def _entries_of(text: str) -> int | None:
    """Where the list of entries of a Bundle begins; None for whatever is to be read whole.

    The whole text has been checked to be JSON when this answers. The last of fields of one name counts.
    """
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise NotJson
    type: object = None
    entries: int | None = None
    at = _skip(text, at + 1)
    is_first = True
    while not (is_first and text[at : at + 1] == "}"):
        is_first = False
        name, at = _name(text, at)
        if name == "entry" and text[at : at + 1] == "[":
            entries, at = at, _end_of_list(text, at)
        else:
            value, at = DECODER.raw_decode(text, at)
            entries = None if name == "entry" else entries
            type = value if name == "resourceType" else type
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            break
        at = _after(",", text, at)
    if _skip(text, at + 1) != len(text):
        raise NotJson
    return entries if type == "Bundle" else None


def _name(text: str, at: int) -> tuple[object, int]:
    """A name and where its value begins."""
    if text[at : at + 1] != '"':
        raise NotJson
    name, at = DECODER.raw_decode(text, at)
    return name, _after(":", text, _skip(text, at))


def _end_of_list(text: str, at: int) -> int:
    end = at + 1
    for _, item_end in _items(text, at):
        end = item_end
    return _skip(text, end) + 1


def _after(mark: str, text: str, at: int) -> int:
    if text[at : at + 1] != mark:
        raise NotJson
    return _skip(text, at + 1)


def _list_items(text: str, at: int) -> Iterator[object]:
    return (item for item, _ in _items(text, at))


def _items(text: str, at: int) -> Iterator[tuple[object, int]]:
    """Each item of the list that begins here, and where it ends."""
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        item, at = DECODER.raw_decode(text, at)
        yield item, at
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return
        at = _after(",", text, at)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACES:
        at += 1
    return at
