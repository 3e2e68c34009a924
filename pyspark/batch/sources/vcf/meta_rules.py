"""The rules of structured header lines."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from batch.domain.contig import StatedContig
from batch.domain.text import SPACE
from batch.refusal import Refusal
from batch.sources.vcf.header_fault import header_fault
from batch.sources.vcf.meta_line import MetaField
from batch.sources.vcf.reserved import reserved_format, reserved_info
from batch.sources.vcf.types import FieldDefinition
from batch.sources.vcf.version import is_since_43


class StructuredLine(NamedTuple):
    """One `##key=<…>` line of a file of some version."""

    key: str
    fields: tuple[MetaField, ...] | None
    line: int
    text: str
    version: str


_TYPES = ("Integer", "Float", "Flag", "Character", "String")
_FORMAT_TYPES = tuple(name for name in _TYPES if name != "Flag")
_ALT_PREFIXES = ("DEL", "INS", "DUP", "INV", "CNV", "BND", "CN", "NON_REF", "*", "CNV:TR", "TR")
_NUMBER = re.compile(r"[0-9]+|A|R|G|\.|P|LA|LR|LG|M")
_NUMBER_TEXT = "Number to be a count, A, R, G or a dot"
_ORDER = ("ID", "Number", "Type", "Description")
_UNFIT_FOR_ALT = re.compile(rf"[<>{SPACE},]")
_UNFIT_FOR_NAME = re.compile(rf"""[{SPACE},<>\[\]()"'`{{}}\\]""")
_DIGITS = re.compile("[0-9]+")
_NOT_BREAK = "[^\n\r\u2028\u2029]"
_ADDRESSES = (
    re.compile(rf"^(?:https?|ftp|file)://[A-Za-z][^{SPACE}:/]*(?::[0-9]+)?(?:/|\Z)"),
    re.compile(r"^(?:https?|ftp)://[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(?::[0-9]+)?(?:/|\Z)"),
    re.compile("^file:///"),
    re.compile(rf"^[^{SPACE}:<>]+\Z"),
)


def _refused(line: StructuredLine, expected: str) -> Refusal:
    return header_fault(line.line, f"##{line.key}", expected, line.text)


def _value_of(fields: Sequence[MetaField], name: str) -> str | None:
    return next((field.value for field in fields if field.key == name), None)


def _identified(line: StructuredLine) -> tuple[MetaField, ...]:
    if line.fields is None:
        raise _refused(line, "a structured value: <ID=…>")
    if line.fields[0].key != "ID" or line.fields[0].value == "":
        raise _refused(line, "ID as the first field")
    return line.fields


def _described(line: StructuredLine) -> tuple[MetaField, ...]:
    fields = _identified(line)
    if not any(field.key == "Description" and field.is_quoted for field in fields):
        raise _refused(line, "a Description in double quotes")
    return fields


def _check_order(line: StructuredLine, fields: Sequence[MetaField]) -> None:
    places = [_ORDER.index(field.key) for field in fields if field.key in _ORDER]
    if any(place <= before for before, place in pairwise(places)):
        raise _refused(line, "the fields ID, Number, Type, Description in this order, each once")


def field_definition(line: StructuredLine) -> FieldDefinition:
    """`##INFO` or `##FORMAT`. A key the specification reserves keeps its number and type."""
    fields = _described(line)
    _check_order(line, fields)
    number_text = _value_of(fields, "Number") or ""
    type_name = _value_of(fields, "Type") or ""
    if not _NUMBER.fullmatch(number_text):
        raise _refused(line, _NUMBER_TEXT)
    allowed = _TYPES if line.key == "INFO" else _FORMAT_TYPES
    if type_name not in allowed:
        raise _refused(line, f"Type to be one of {', '.join(allowed)}")
    number = _count(number_text) if _DIGITS.fullmatch(number_text) else number_text
    definition = FieldDefinition(_value_of(fields, "ID") or "", number, type_name)
    keys = reserved_info(line.version) if line.key == "INFO" else reserved_format(line.version)
    reserved = keys.get(definition.id)
    if reserved is None:
        return definition
    # A dot says less than the reserved number, nothing wrong: callers do write it.
    is_numbered = number == "." or number in reserved.numbers
    if not is_numbered or type_name not in reserved.types:
        numbers = " or ".join(map(str, reserved.numbers))
        raise _refused(line, f"{definition.id} to have Number={numbers}, Type={' or '.join(reserved.types)}")
    return definition


def _count(digits: str) -> int | str:
    """More than nine digits are more values than any line holds, and the text may be as long as a line."""
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= 9 else 10**9


def filter_definition(line: StructuredLine) -> tuple[str, str]:
    """ID and description of a `##FILTER`."""
    fields = _described(line)
    id = _value_of(fields, "ID") or ""
    if id == "0":
        raise _refused(line, "an ID other than 0")
    return id, _value_of(fields, "Description") or ""


def check_alt(line: StructuredLine) -> None:
    """`##ALT`."""
    fields = _described(line)
    _check_order(line, fields)
    id = _value_of(fields, "ID") or ""
    if _UNFIT_FOR_ALT.search(id):
        raise _refused(line, "an ID without white space, commas and angle brackets")
    if ":" in id and id.split(":")[0] not in _ALT_PREFIXES:
        raise _refused(line, "an ID that starts with DEL, INS, DUP, INV, CNV or BND")
    number, type_name = _value_of(fields, "Number"), _value_of(fields, "Type")
    if number is not None and not _NUMBER.fullmatch(number):
        raise _refused(line, _NUMBER_TEXT)
    if type_name is not None and type_name not in _TYPES:
        raise _refused(line, f"Type to be one of {', '.join(_TYPES)}")


def _check_name(line: StructuredLine, id: str) -> None:
    """HLA contigs of GRCh38 analysis sets carry `*` and `:` in their names; others may not."""
    if _UNFIT_FOR_NAME.search(id) or (("*" in id or ":" in id) and not id.startswith("HLA-")):
        raise _refused(line, "an ID of the characters the specification allows")


def contig_definition(line: StructuredLine) -> StatedContig:
    """`##contig`."""
    fields = _identified(line)
    id = _value_of(fields, "ID") or ""
    _check_name(line, id)
    length = _value_of(fields, "length")
    if length is not None and not re.fullmatch("[0-9]{1,15}", length):
        raise _refused(line, "length to be an integer")
    return StatedContig(id, None if length is None else int(length), _value_of(fields, "assembly"))


def check_sample(line: StructuredLine) -> None:
    """`##SAMPLE`."""
    fields = _identified(line)
    _check_name(line, _value_of(fields, "ID") or "")
    if is_since_43(line.version):
        return
    for name in ("Genomes", "Mixture"):
        if _value_of(fields, name) is None:
            raise _refused(line, f"a field {name}")
    _described(line)


def check_meta(line: StructuredLine) -> None:
    """`##META`."""
    fields = _identified(line)
    if not _NUMBER.fullmatch(_value_of(fields, "Number") or ""):
        raise _refused(line, "Number to be a count or a dot")
    if (_value_of(fields, "Type") or "") not in _TYPES:
        raise _refused(line, f"Type to be one of {', '.join(_TYPES)}")
    if not re.fullmatch(rf"\[{_NOT_BREAK}*\]", _value_of(fields, "Values") or ""):
        raise _refused(line, "Values in square brackets")


def check_pedigree(line: StructuredLine) -> None:
    """`##PEDIGREE`."""
    if line.fields is None:
        raise _refused(line, "a structured value")
    if is_since_43(line.version):
        _identified(line)


def check_address(line: StructuredLine, value: str) -> None:
    """`##assembly` and `##pedigreeDB`: a URL or a path."""
    address = value
    if line.key == "pedigreeDB":
        inner = re.fullmatch(f"<({_NOT_BREAK}*)>", value)
        address = value if inner is None else inner[1]
    if not any(pattern.search(address) for pattern in _ADDRESSES):
        raise _refused(line, "an address")
