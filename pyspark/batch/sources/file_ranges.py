"""Reads a large file in parallel: line breaks are counted range by range, then each range reads the lines it begins.

A line belongs to the range in which its first byte lies, and is read to its end beyond it. Line numbers are those of
the whole file. What is not as it should be is found while counting; such a file is then read as one, which tells why.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from batch.refusal import Refusal
from batch.sources.bgzf import BLOCK_BYTES, blocks, find_block
from batch.sources.decompress import RATIO, RATIO_GRACE
from batch.sources.vcf.limits import LINE_BYTES

RANGE_BYTES: Final = 8 << 20
"""Stored bytes of one range, unless set otherwise by `spark.vitalome.rangeBytes`."""

Read = Callable[[int, int | None], Iterator[bytes]]
"""The bytes of a stored file from an offset on, so many at most; None: to the end."""


class RangeCount(NamedTuple):
    """What one range of stored bytes holds.

    Attributes:
        first: Offset of the first block that begins in it; -1 where none does.
        end: Offset behind the last one.
        size: Bytes of text.
        breaks: Line breaks.
        last: The last byte of the text; -1 where there is none.
        excess: The most by which the text outgrew the allowed ratio on the way.
        is_closed: The last block is empty, as the one at the end of a file must be.
        is_sound: Nothing was damaged.
    """

    first: int
    end: int
    size: int = 0
    breaks: int = 0
    last: int = -1
    excess: int = 0
    is_closed: bool = False
    is_sound: bool = True


class LineRange(NamedTuple):
    """Where the text of a range lies, and the number of the first line that begins in it.

    `is_fresh`: its first byte begins a line; else a line of the range before ends in it.
    """

    start: int
    end: int
    first_line: int
    is_fresh: bool


def split(size: int, range_bytes: int) -> list[tuple[int, int]]:
    """Ranges of so many bytes each, in order."""
    return [(start, min(size, start + range_bytes)) for start in range(0, size, range_bytes)]


def count_range(read: Read, kind: str, size: int, start: int, end: int) -> RangeCount:
    """Counts the line breaks of one range of a plain or BGZF file of this size."""
    if kind == "plain":
        count = breaks = 0
        last = -1
        for text in read(start, end - start):
            count, breaks, last = count + len(text), breaks + text.count(b"\n"), text[-1]
        return RangeCount(start, end, count, breaks, last)
    first = start if start == 0 else _first_block(read, size, start, end)
    if first is None:
        return RangeCount(-1, -1)
    count = breaks = stored = 0
    excess = 0
    last = -1
    is_closed = False
    at = first
    try:
        for block in blocks(_pieces(read, first, end, size), first):
            if block.start >= end:
                break
            text = block.text
            at = block.start + block.stored
            stored += block.stored
            count += len(text)
            breaks += text.count(b"\n")
            last = text[-1] if text else last
            excess = max(excess, count - RATIO * stored)
            is_closed = not text
    except Refusal:
        return RangeCount(first, at, is_sound=False)
    return RangeCount(first, at, count, breaks, last, excess, is_closed)


def line_ranges(counts: Sequence[RangeCount], kind: str, size: int) -> list[LineRange] | None:
    """Where each range begins to read; None where the file is not sound and has to be read as one.

    Args:
        counts: Of all ranges, in order.
        kind: `plain` or `bgzf`.
        size: Stored bytes of the file.
    """
    ranges = []
    line, is_fresh = 1, True
    at = total = 0
    for count in counts:
        if not count.is_sound:
            return None
        if count.first < 0:
            continue
        # Blocks follow each other: else something lies between them, or what looked like a block was none.
        if count.first != at:
            return None
        if kind == "bgzf" and total + count.size > RATIO_GRACE and total - RATIO * at + count.excess > 0:
            return None
        ranges.append(LineRange(count.first, count.end, line if is_fresh else line + 1, is_fresh))
        at, total, line = count.end, total + count.size, line + count.breaks
        is_fresh = count.last == 10 if count.last >= 0 else is_fresh
    if at != size or (kind == "bgzf" and not counts[-1].is_closed):
        return None
    return ranges


def range_lines(
    read: Read, kind: str, size: int, lines: LineRange, line_bytes: int = LINE_BYTES
) -> Iterator[tuple[int, bytes]]:
    """The lines that begin in a range, with their numbers and without their line breaks.

    A line that outgrows the limit comes cut, at least two bytes past it.
    """
    line = lines.first_line
    pending = b""
    # Up to the next line break nothing is wanted: of a line of the range before, or of one that came cut.
    is_skipping = not lines.is_fresh
    for at, piece in _texts(read, kind, size, lines):
        text = piece
        is_beyond = at >= lines.end
        if is_beyond and not pending:
            return
        if is_skipping:
            found = text.find(b"\n")
            if found < 0:
                continue
            text, is_skipping = text[found + 1 :], False
        if is_beyond:
            found = text.find(b"\n")
            pending += text if found < 0 else text[:found]
            if found >= 0 or len(pending) > line_bytes + 1:
                yield line, pending
                return
            continue
        *whole, pending = (pending + text if pending else text).split(b"\n")
        for raw in whole:
            yield line, raw
            line += 1
        if len(pending) > line_bytes + 1:
            yield line, pending
            line, pending, is_skipping = line + 1, b"", True
    if pending:
        yield line, pending


def _first_block(read: Read, size: int, start: int, end: int) -> int | None:
    window = b"".join(read(start, min(size, end, start + BLOCK_BYTES) + BLOCK_BYTES - start))
    found = find_block(window)
    return None if found is None or start + found >= end else start + found


def _texts(read: Read, kind: str, size: int, lines: LineRange) -> Iterator[tuple[int, bytes]]:
    """Pieces of text by the offset at which they are stored; none lies on both sides of the end of the range."""
    if kind == "bgzf":
        for block in blocks(_pieces(read, lines.start, lines.end, size), lines.start):
            yield block.start, block.text
        return
    at = lines.start
    for piece in _pieces(read, lines.start, lines.end, size):
        inside = max(0, lines.end - at)
        if inside > 0:
            yield at, piece[:inside]
        if inside < len(piece):
            yield at + inside, piece[inside:]
        at += len(piece)


def _pieces(read: Read, start: int, end: int, size: int) -> Iterator[bytes]:
    """The bytes of a range and, as long as they are wanted, those behind it."""
    at, wanted = start, end - start + BLOCK_BYTES
    while at < size:
        yield from read(at, wanted)
        at += wanted
        wanted = min(wanted * 2, 1 << 20)
