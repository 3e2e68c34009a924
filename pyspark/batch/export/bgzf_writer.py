"""Blocks that gzip and bgzip both read, as `src/bgzf.ts` cuts them."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

TEXT_BLOCK: Final = 0xFF00
"""Text per block, below 64 KiB so that even what does not compress fits."""
END_OF_FILE: Final = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_HEAD: Final = bytes([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0])


class BgzfWriter:
    """Cuts text into blocks of a file; the end-of-file block is not its own."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._pending = bytearray()

    def write(self, text: bytes) -> None:
        """Writes what fills blocks."""
        self._pending += text
        whole = len(self._pending) // TEXT_BLOCK * TEXT_BLOCK
        for at in range(0, whole, TEXT_BLOCK):
            self._file.write(_block(bytes(self._pending[at : at + TEXT_BLOCK])))
        del self._pending[:whole]

    def flush(self) -> None:
        """Writes what is left."""
        if self._pending:
            self._file.write(_block(bytes(self._pending)))
            self._pending.clear()


def bgzf_blocks(text: bytes) -> Iterator[bytes]:
    """Any text as whole blocks."""
    for at in range(0, len(text), TEXT_BLOCK):
        yield _block(text[at : at + TEXT_BLOCK])


def _block(text: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    data = deflater.compress(text) + deflater.flush()
    size = struct.pack("<H", len(_HEAD) + 2 + len(data) + 8 - 1)
    return _HEAD + size + data + struct.pack("<II", zlib.crc32(text), len(text))
