"""BGZF: gzip in blocks of at most 64 KiB, each with its length and checksum. Source: SAMv1, section 4.1."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from batch.refusal import Refusal

BLOCK_BYTES: Final = 65_536
"""Of a block, stored or inflated, at most."""
MAGIC: Final = b"\x1f\x8b\x08\x04"
_MEMBER_HEADER: Final = 12
_TRAILER: Final = 8


class BlockHeader(NamedTuple):
    """`size` is that of the whole block."""

    size: int
    data_at: int


class Block(NamedTuple):
    """One block of a file: where it begins, how many bytes it takes there, and its text."""

    start: int
    stored: int
    text: bytes


def damaged(expected: str) -> Refusal:
    """A compressed file that is not as its format has it."""
    message = f"the compressed file is damaged: expected {expected}"
    return Refusal("INGEST_REJECTED", message, None, "compression", expected)


def block_header(data: bytes | memoryview, at: int = 0) -> BlockHeader | None:
    """The header of the gzip member that begins at `at`; None where bytes are missing.

    Raises:
        Refusal: It is another kind of member.
    """
    available = len(data) - at
    if available < _MEMBER_HEADER:
        return None
    if bytes(data[at : at + 4]) != MAGIC:
        raise damaged("a BGZF block")
    data_at = _MEMBER_HEADER + int.from_bytes(data[at + 10 : at + 12], "little")
    if available < data_at:
        return None
    field = _MEMBER_HEADER
    while field + 4 <= data_at:
        length = int.from_bytes(data[at + field + 2 : at + field + 4], "little")
        if bytes(data[at + field : at + field + 2]) == b"BC" and length == 2 and field + 6 <= data_at:
            size = int.from_bytes(data[at + field + 4 : at + field + 6], "little") + 1
            if size < data_at + _TRAILER:
                break
            return BlockHeader(size, data_at)
        field += 4 + length
    raise damaged("a BGZF block")


def inflate_block(data: bytes | memoryview, at: int, header: BlockHeader) -> bytes:
    """The text of a block, checked against its length and CRC-32.

    Raises:
        Refusal: It is damaged.
    """
    end = at + header.size
    length = int.from_bytes(data[end - 4 : end], "little")
    if length > BLOCK_BYTES:
        raise damaged("a block of at most 64 KiB")
    inflater = zlib.decompressobj(-15)
    try:
        text = inflater.decompress(data[at + header.data_at : end - _TRAILER], BLOCK_BYTES)
    except zlib.error as fault:
        raise damaged("deflated data") from fault
    if not inflater.eof:
        raise damaged("deflated data")
    if len(text) != length or zlib.crc32(text) != int.from_bytes(data[end - 8 : end - 4], "little"):
        raise damaged("data that match their checksum")
    return text


def blocks(chunks: Iterable[bytes], start: int = 0) -> Iterator[Block]:
    """The blocks of a stream of bytes whose first byte, at `start` of the file, begins a block.

    Raises:
        Refusal: A block is damaged, or the stream ends within one.
    """
    pending = b""
    base = start
    for chunk in chunks:
        pending = pending + chunk if pending else chunk
        at = 0
        while (header := block_header(pending, at)) is not None and len(pending) - at >= header.size:
            yield Block(base + at, header.size, inflate_block(pending, at, header))
            at += header.size
        pending = pending[at:]
        base += at
    if pending:
        raise cut_off()


def cut_off() -> Refusal:
    """The end of a file is not there."""
    message = "the file is cut off: the BGZF end-of-file block is missing"
    return Refusal("INGEST_REJECTED", message, None, "compression", "the BGZF end-of-file block")


def find_block(window: bytes) -> int | None:
    """Where the first block begins in bytes cut from the middle of a file; None where none begins and ends in them.

    The text of a block may hold the bytes of a header by chance: what is found also inflates to its own checksum.
    """
    at = window.find(MAGIC)
    while at >= 0:
        try:
            header = block_header(window, at)
            if header is not None and len(window) - at >= header.size:
                inflate_block(window, at, header)
                return at
        except Refusal:
            pass
        at = window.find(MAGIC, at + 1)
    return None
