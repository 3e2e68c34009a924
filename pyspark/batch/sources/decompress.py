"""Plain text, gzip of one or more members, or BGZF, told by the first bytes; read from the start to the end."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from batch.refusal import Refusal
from batch.sources.bgzf import block_header, blocks, cut_off, damaged
from batch.sources.vcf.limits import LINE_BYTES

RATIO: Final = 200
"""Decompressed over compressed bytes, at most."""
RATIO_GRACE: Final = 16 << 20
"""Decompressed bytes that any file may have."""
SNIFF: Final = 18
"""Bytes that tell the kind of a file."""
_WINDOW: Final = 1 << 20

_FOREIGN: Final = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"PK\3\4": "a zip archive",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x1f\x9d": "compress (.Z)",
}
"""Formats people send by mistake, by their first bytes."""


def kind_of(head: bytes) -> str:
    """`plain`, `gzip` or `bgzf`, by the first bytes of a file.

    Raises:
        Refusal: The file is of another format.
    """
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            message = f"the file is {name}: expected plain text, gzip or bgzip"
            raise Refusal("INGEST_REJECTED", message, 1, "compression", "plain text, gzip or bgzip")
    if not head.startswith(b"\x1f\x8b"):
        return "plain"
    try:
        return "gzip" if block_header(head) is None else "bgzf"
    except Refusal:
        return "gzip"


def decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a whole file in pieces.

    Raises:
        Refusal: The file is of another format, damaged, cut off, or a small file that becomes a huge one.
    """
    source = iter(chunks)
    head = b""
    while len(head) < SNIFF:
        chunk = next(source, None)
        if chunk is None:
            break
        head += chunk
    kind = kind_of(head)
    whole = chain((head,), source)
    if kind == "plain":
        return (chunk for chunk in whole if chunk)
    return _limited(_bgzf(whole) if kind == "bgzf" else _gzip(whole))


def _limited(pieces: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    stored = count = 0
    for taken, text in pieces:
        stored += taken
        count += len(text)
        if is_beyond_ratio(stored, count):
            raise Refusal(
                "INGEST_REJECTED", "the file decompresses to more than the allowed ratio", None, "compression"
            )
        if text:
            yield text


def is_beyond_ratio(stored: int, count: int) -> bool:
    """Whether so many bytes became too many."""
    return count > RATIO_GRACE and count > stored * RATIO


def _bgzf(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    was_empty = False
    for _, stored, text in blocks(chunks):
        was_empty = not text
        yield stored, text
    if not was_empty:
        raise cut_off()


def _gzip(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    inflater = zlib.decompressobj(31)
    try:
        for chunk in chunks:
            data, taken = chunk, len(chunk)
            while data:
                if inflater.eof:
                    # Zeros behind a member are padding, and what follows them is no part of it.
                    if data[0] == 0:
                        return
                    inflater = zlib.decompressobj(31)
                text = inflater.decompress(data, 1 << 16)
                data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
                yield taken, text
                taken = 0
    except zlib.error as fault:
        raise damaged("gzip data") from fault
    if not inflater.eof:
        message = "the file is cut off: its gzip stream does not end"
        raise Refusal("INGEST_REJECTED", message, None, "compression", "a whole gzip stream")


def lines_of(pieces: Iterable[bytes], line_bytes: int = LINE_BYTES) -> Iterator[bytes]:
    """Whole lines without their line break; a line that outgrows the limit comes cut one byte past it.

    Lines come a window at a time: a fault of the compression ends a file after as many lines as in the other twin.
    """
    buffer = bytearray()
    skipping = False
    for piece in pieces:
        if skipping:
            end = piece.find(b"\n")
            if end < 0:
                continue
            skipping = False
            piece = piece[end + 1 :]
        buffer += piece
        if len(buffer) < _WINDOW:
            continue
        end = buffer.rfind(b"\n") + 1
        if end > 0:
            yield from bytes(buffer[: end - 1]).split(b"\n")
            del buffer[:end]
        if len(buffer) > line_bytes:
            yield bytes(buffer[: line_bytes + 1])
            skipping = True
            buffer.clear()
    if buffer:
        text = bytes(buffer)
        yield from (text[:-1] if text.endswith(b"\n") else text).split(b"\n")


def numbered_lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of a whole file, from 1 on.

    Raises:
        Refusal: As of `decompress`; it tells how far the file could be read.
    """
    line = 0
    try:
        for line, text in enumerate(lines_of(decompress(chunks)), 1):
            yield line, text
    except Refusal as refusal:
        if refusal.field != "compression":
            raise
        read = "before the first line" if line == 0 else f"after line {line}"
        raise Refusal(
            refusal.code, f"{refusal.message}; read {read}", max(1, line), refusal.field, refusal.expected
        ) from refusal
