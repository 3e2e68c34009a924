"""Builds BGZF files."""

import zlib

END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def block(text: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = deflater.compress(text) + deflater.flush()
    head = bytes.fromhex("1f8b08040000000000ff060042430200") + (18 + len(data) + 8 - 1).to_bytes(2, "little")
    return head + data + zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little")


def bgzip(text: bytes, size: int = 0xFF00) -> bytes:
    return b"".join(block(text[at : at + size]) for at in range(0, len(text), size)) + END_OF_FILE
