"""Whether the bytes of a line are text."""

from typing import Final

from batch.sources.vcf.rules import RecordFault

_CONTROLS: Final = bytes(byte for byte in range(32) if byte != 9)


def is_text(data: bytes) -> bool:
    """UTF-8 without control characters other than tabs."""
    return len(data.translate(None, _CONTROLS)) == len(data) and (data.isascii() or _is_utf8(data))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def encoding_fault(line: bytes) -> RecordFault:
    """What is wrong with a line that is no text."""
    if not _is_utf8(line):
        at = next(at for at, byte in enumerate(line) if byte > 127)
        return RecordFault("line", "ENCODING", line[at:].decode("latin-1"))
    at, byte = next((at, byte) for at, byte in enumerate(line) if byte in _CONTROLS)
    return RecordFault("line", "ENCODING", f"byte {byte} at {at + 1} of the line")
