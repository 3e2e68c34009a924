"""The statement a job carries: text and values apart, until they are rendered for Spark, which binds none."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from batch.domain.numbers import number_text
from batch.job_failure import JobFailure

Value = str | int | float | bool | None

_MOST_BYTES: Final = 64 << 20
_INT32: Final = 0x7FFFFFFF
_QUOTED: Final = re.compile("'[^']*'")
_FOREIGN: Final = re.compile(
    r"""[;"`\\]|/\*|--|\b(?:insert|overwrite|merge|transform|reflect|java_method|try_reflect|identifier|execute|immediate"""
    r"""|input_file_name)\b""",
    re.IGNORECASE,
)
"""What no statement of ours has outside quotes: `src/backend/cluster/spark/text.ts` tells why. A net, not a guard."""
_TABLE: Final = re.compile(r"\bsnap_(\d+)\.")


@dataclass(frozen=True)
class Statement:
    """One SELECT; a value stands between each two of its strings."""

    strings: Sequence[str]
    values: Sequence[Value]


def decode_statement(text: str) -> Statement:
    """The statement that `src/jobs/export/statement.ts` has encoded.

    Raises:
        JobFailure: BAD_USER_INPUT when it is none.
    """
    try:
        inflater = zlib.decompressobj(-15)
        inflated = inflater.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
        if not inflater.eof:
            raise _no_statement()
        value = json.loads(inflated)
        strings, values = value["strings"], value["values"]
        is_whole = len(strings) == len(values) + 1 and all(isinstance(part, str) for part in strings)
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError) as fault:
        raise _no_statement() from fault
    if not is_whole or any(isinstance(value, dict | list) for value in values):
        raise _no_statement()
    return Statement(strings, values)


def spark_text(statement: Statement, snapshot: int) -> str:
    """The statement for Spark, where the tables of the snapshot are views by their own names.

    Raises:
        JobFailure: BAD_USER_INPUT for a table of another snapshot, and for anything but one SELECT.
    """
    if any(int(found) != snapshot for text in statement.strings for found in _TABLE.findall(text)):
        raise _no_statement()
    texts = [_TABLE.sub("", text) for text in statement.strings]
    # A backslash in quotes is where the two engines differ on their end.
    plain = [text if "\\" in text else _QUOTED.sub("''", text) for text in texts]
    if not texts[0].startswith("SELECT ") or any(map(_FOREIGN.search, plain)):
        raise _no_statement()
    parts = [texts[0]]
    for value, text in zip(statement.values, texts[1:], strict=True):
        parts += [" ", literal_of(value), " ", text]
    return "".join(parts)


def literal_of(value: Value) -> str:
    """A value as text of Spark SQL, as `src/backend/cluster/spark/literal.ts` writes it.

    A text goes as hexadecimal: no sign of it can end the literal.

    >>> literal_of("it's"), literal_of(-1), literal_of(0.5), literal_of(2147483648), literal_of(None)
    ("CAST(X'69742773' AS STRING)", '(-1)', '0.5D', '2147483648D', 'NULL')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        try:
            return f"CAST(X'{value.encode().hex()}' AS STRING)"
        except UnicodeEncodeError as fault:
            raise JobFailure("BAD_USER_INPUT", "a value of the statement is text with half a character") from fault
    is_integer = isinstance(value, int) and abs(value) <= _INT32
    text = str(value) if is_integer else f"{number_text(float(value))}D"
    return f"({text})" if value < 0 else text


def _no_statement() -> JobFailure:
    return JobFailure("BAD_USER_INPUT", "statement: is none")
