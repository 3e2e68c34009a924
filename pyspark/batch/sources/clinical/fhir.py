"""FHIR R4 as NDJSON: one resource, or one Bundle, a line."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from batch.domain.json_text import ABSENT, NotJson, json_text, parse_json
from batch.domain.text import SPACE, cut, trim
from batch.refusal import Refusal
from batch.sources.clinical.nesting import DEPTH, is_nested_deeper
from batch.sources.clinical.resources import ResourceContext, is_simulated, rows_of_resource
from batch.sources.clinical.types import (
    RAW_UNITS,
    ClinicalFault,
    ClinicalLayout,
    ClinicalRecord,
    Filtered,
    Outcome,
    rejection_of,
)
from batch.sources.clinical.values import Json, date_at, object_at, text_at

LINE_BYTES: Final = 16 << 20
HEAD_BYTES: Final = 4096
"""Bytes that are looked at before and behind the first line break, to tell lines from one document."""
_GOES_ON = re.compile(f"[{{\\[,:][{SPACE}]*\\Z")


def layout_of(first: bytes, rest: bytes) -> ClinicalLayout:
    """A first line that is a whole JSON value makes lines; one that only begins an object makes one document.

    Args:
        first: The first line, without its line break; cut at `LINE_BYTES` + 1 bytes.
        rest: The `HEAD_BYTES` behind its line break.

    Raises:
        Refusal: It is neither.
    """
    head = without_mark((first + b"\n" + rest)[:HEAD_BYTES].decode(errors="replace"))
    if not trim(head).startswith("{"):
        raise refused("record", "FHIR R4 as NDJSON or a Bundle: a line that begins with {")
    if len(first) > LINE_BYTES:
        return ClinicalLayout("document")
    text = without_mark(first.decode(errors="replace"))
    try:
        parse_json(text)
    except NotJson:
        # A first line that is damaged is one record; one that ends inside an object goes on in the next.
        is_record = trim(rest.decode(errors="replace")).startswith("{") and not _GOES_ON.search(text)
        return ClinicalLayout("lines" if is_record else "document")
    return ClinicalLayout("lines")


def read_line(line: int, raw: bytes, sample_systems: Sequence[str]) -> Iterator[Outcome]:
    """The outcome of the record on one line, or of every entry of the Bundle on it; none for a blank line.

    Args:
        line: 1-based.
        raw: Without its line break; one longer than `LINE_BYTES` may be cut behind them.
        sample_systems: Identifier systems whose values are names of samples.

    Raises:
        Refusal: A Bundle that has no list of entries refuses the file.
    """
    is_too_long = len(raw) > LINE_BYTES
    text = without_mark(raw[: LINE_BYTES + 1].decode(errors="replace"))
    if trim(text) == "":
        return
    is_deep = is_nested_deeper(text, DEPTH)
    try:
        is_json = not is_too_long and not is_deep
        parsed = parse_json(text) if is_json else None
    except NotJson:
        parsed, is_json = None, False
    if isinstance(parsed, dict) and parsed.get("resourceType") == "Bundle":
        yield from read_bundle(parsed, sample_systems)
        return

    def value() -> object:
        if is_too_long:
            raise ClinicalFault("record", "LINE_TOO_LONG", "a longer one")
        if "\ufffd" in text:
            raise ClinicalFault("record", "ENCODING", "other bytes")
        if is_deep:
            raise ClinicalFault("record", "DEPTH", text)
        if not is_json:
            raise ClinicalFault("record", "JSON", text)
        return parsed

    yield take(line, text, value, ResourceContext({}, sample_systems))


def read_bundle(bundle: Json, sample_systems: Sequence[str]) -> Iterator[Outcome]:
    """The outcome of every entry, in order."""
    entries = bundle.get("entry")
    entries = [] if entries is None else entries
    if not isinstance(entries, list):
        raise refused("entry", "a list of entries")
    ids: dict[str, str] = {}
    for entry in entries:
        note_entry(entry, ids)
    context = ResourceContext(ids, sample_systems)
    for index, entry in enumerate(entries):
        yield take_entry(index, entry, context)


def note_entry(entry: object, ids: dict[str, str]) -> None:
    """Notes the `fullUrl` of an entry as `Type/id`, so that references inside the Bundle can be followed."""
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(resource, dict):
        return
    full_url, type, id = entry.get("fullUrl"), resource.get("resourceType"), resource.get("id")
    if isinstance(full_url, str) and isinstance(type, str) and isinstance(id, str):
        ids[full_url] = f"{type}/{id}"


def take_entry(index: int, entry: object, context: ResourceContext) -> Outcome:
    """The outcome of one entry; its line is its number."""
    resource = entry.get("resource", ABSENT) if isinstance(entry, dict) else entry
    raw = json_text(entry if resource is None or resource is ABSENT else resource)
    return take(index + 1, raw, lambda: resource, context, f"entry[{index}].")


def take(line: int, raw: str, read: Callable[[], object], context: ResourceContext, place: str = "") -> Outcome:
    """The outcome of one record: what breaks a rule inside goes to quarantine."""
    try:
        resource = read()
        if not isinstance(resource, dict):
            raise ClinicalFault("record", "JSON", resource)
        return _convert(line, raw, resource, context)
    except ClinicalFault as fault:
        return rejection_of(fault, line, raw, place)


def _convert(line: int, raw: str, resource: Json, context: ResourceContext) -> Outcome:
    rows = rows_of_resource(resource, context)
    if rows is None:
        return Filtered(f"UNSUPPORTED_RESOURCE: {cut(text_at(resource, 'resourceType') or '', 64)}")
    if not rows:
        return Filtered("NO_SAMPLE_IDENTIFIER")
    meta = object_at(resource, "meta")
    last_updated = None if meta is None else date_at(meta, "lastUpdated", "meta.lastUpdated")
    return ClinicalRecord(line, cut(raw, RAW_UNITS), last_updated, is_simulated(resource), rows)


def without_mark(text: str) -> str:
    """Without a byte order mark."""
    return text.removeprefix("\ufeff")


def refused(field: str, expected: str) -> Refusal:
    """The refusal of a file that is no FHIR."""
    return Refusal("INGEST_REJECTED", f"{field}: expected {expected}", 1, field, expected)
