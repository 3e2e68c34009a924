"""Refusals of a file for its header."""

import json

from batch.domain.text import cut, escape_lone_surrogates
from batch.refusal import Refusal


def header_fault(line: int, field: str, expected: str, found: str) -> Refusal:
    """The refusal of a file for one line of its header."""
    shown = json.dumps(cut(found, 120), ensure_ascii=False)
    told = "" if found == "" else f", found {escape_lone_surrogates(shown)}"
    return Refusal("INGEST_REJECTED", f"line {line}, {field}: expected {expected}{told}", line, field, expected)


def header_limit(line: int, field: str, limit: str, most: int) -> Refusal:
    """The refusal of a file that goes past a limit."""
    message = f"line {line}, {field}: more than the limit {limit}"
    return Refusal("INGEST_REJECTED", message, line, field, f"at most {most}")


def missing_columns(line: int) -> Refusal:
    """The refusal of a file whose last line is still none of records."""
    return header_fault(line, "#CHROM", "a #CHROM line after the header", "")
