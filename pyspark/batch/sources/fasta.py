"""An uncompressed FASTA file with random access: bases by 1-based closed coordinates, upper case."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from batch.domain.allele import ReferenceBases
from batch.domain.contig import canonical_contig
from batch.domain.text import split_at_space
from batch.refusal import Refusal

_WINDOW: Final = 1 << 16

ReadAt = Callable[[int, int], bytes]
"""Bytes of the file from an offset on, at most so many; fewer only where the file ends."""


class ContigLayout(NamedTuple):
    """Where the bases of one contig lie in the file, in bytes."""

    start: int
    line_bases: int
    line_bytes: int
    length: int


FastaIndex = Mapping[str, ContigLayout]
"""By canonical name of the contig. Small enough to travel to every executor."""


class Fasta:
    """Bases of the contigs of one file. Reads a window at a time, so that neighbours cost nothing."""

    def __init__(self, index: FastaIndex, read_at: ReadAt) -> None:
        """`index` as `index_fasta` answers it."""
        self._index = index
        self._read_at = read_at
        self._window = b""
        self._window_start = 0

    def bases_of(self, contig: str) -> ReferenceBases | None:
        """None where the file does not have the contig."""
        layout = self._index.get(canonical_contig(contig))
        if layout is None:
            return None
        return lambda start, end: self._bases(layout, start, end)

    def _bases(self, layout: ContigLayout, start: int, end: int) -> str:
        first, last = max(1, start) - 1, min(end, layout.length) - 1
        pieces = []
        while first <= last:
            line, at = divmod(first, layout.line_bases)
            count = min(layout.line_bases - at, last - first + 1)
            pieces.append(self._bytes(layout.start + line * layout.line_bytes + at, count))
            first += count
        return b"".join(pieces).decode("latin-1").upper()

    def _bytes(self, offset: int, count: int) -> bytes:
        at = offset - self._window_start
        if at < 0 or at + count > len(self._window):
            # Indels are shifted to the left: half of a window lies before what is asked for.
            self._window_start = max(0, offset - _WINDOW // 2)
            self._window = self._read_at(self._window_start, offset - self._window_start + max(count, _WINDOW // 2))
            at = offset - self._window_start
        return self._window[at : at + count]


def open_fasta(path: Path, name: str) -> Fasta:
    """A file on this machine. `name` is what a refusal calls it."""
    with path.open("rb") as file:
        index = index_fasta(iter(lambda: file.read(1 << 20), b""), name)

    def read_at(offset: int, count: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(count)

    return Fasta(index, read_at)


def index_fasta(chunks: Iterable[bytes], name: str) -> FastaIndex:
    """Reads the file once to find where each contig lies.

    Raises:
        Refusal: INGEST_REJECTED where lines differ in length, or a contig comes twice.
    """
    contigs: dict[str, ContigLayout] = {}
    current: _Contig | None = None
    number = 0
    for number, (offset, line, line_bytes) in enumerate(_lines(chunks), 1):
        if line[:1] == b">":
            _finish(contigs, current, name, number)
            current = _Contig(line, offset + line_bytes)
        elif current is None:
            raise _refused(name, number, "a line that starts with >")
        elif not current.take(len(line), line_bytes):
            raise _refused(name, number, "sequence lines of one length")
    _finish(contigs, current, name, number)
    if not contigs:
        raise _refused(name, 1, "at least one contig")
    return contigs


class _Contig:
    def __init__(self, line: bytes, start: int) -> None:
        self.name = canonical_contig(split_at_space(line[1:].decode("latin-1"))[0])
        self.start = start
        self.line_bases = 0
        self.line_bytes = 0
        self.length = 0
        self._is_last = False

    def take(self, bases: int, line_bytes: int) -> bool:
        """False where a line differs in length from those before it, and is not the last."""
        if bases == 0:
            self._is_last = True
            return True
        if self._is_last:
            return False
        if self.line_bases == 0:
            self.line_bases, self.line_bytes = bases, line_bytes
        if bases > self.line_bases:
            return False
        # A place is computed from the length of a line: one that is shorter, or ends otherwise, must be the last.
        self._is_last = bases < self.line_bases or line_bytes != self.line_bytes
        self.length += bases
        return True


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes, int]]:
    """Offset, text without its line break, and length with it."""
    offset = 0
    carried = b""
    for chunk in chunks:
        *lines, carried = (carried + chunk).split(b"\n")
        for line in lines:
            yield offset, line[:-1] if line.endswith(b"\r") else line, len(line) + 1
            offset += len(line) + 1
    if carried:
        yield offset, carried[:-1] if carried.endswith(b"\r") else carried, len(carried)


def _finish(contigs: dict[str, ContigLayout], contig: _Contig | None, name: str, line: int) -> None:
    if contig is None:
        return
    if contig.name in contigs:
        raise _refused(name, line, "each contig once")
    contigs[contig.name] = ContigLayout(contig.start, contig.line_bases, contig.line_bytes, contig.length)


def _refused(file: str, line: int, expected: str) -> Refusal:
    message = f"reference {file}, line {line}: expected {expected}"
    return Refusal("INGEST_REJECTED", message, line, "FASTA", expected)
