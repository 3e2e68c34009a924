"""How deep lists and objects of a JSON text lie within each other."""

import re
from typing import Final

DEPTH: Final = 200
"""Levels in a record, far beyond what FHIR has: what reads and writes JSON calls itself per level."""

# A text that does not end goes on to the end.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{\[]|[}\]]', re.DOTALL)


def is_nested_deeper(text: str, levels: int) -> bool:
    """Whether they are open within each other at more levels than allowed, whether or not it is right JSON."""
    if text.count("{") + text.count("[") <= levels:
        return False
    depth = 0
    for match in _TOKEN.finditer(text):
        mark = text[match.start()]
        if mark in "{[":
            depth += 1
            if depth > levels:
                return True
        elif mark != '"':
            depth -= 1
    return False
