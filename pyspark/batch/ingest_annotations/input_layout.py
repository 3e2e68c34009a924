"""What the head of one file of knowledge says, before its rows are read."""

from collections.abc import Iterator
from dataclasses import dataclass

from batch.ingest_variants.input_file import FileFacts, InputFile
from batch.lake import Lake, read
from batch.parameters import stat_input
from batch.refusal import Refusal
from batch.sources.annotations.reader import read_layout
from batch.sources.annotations.types import AnnotationLayout
from batch.sources.decompress import SNIFF, decompress, kind_of, lines_of, numbered_lines

_BEGINNING = 64


@dataclass(frozen=True)
class AnnotationFile:
    """A file that can be read. `facts` tell how it is cut into units."""

    facts: FileFacts
    layout: AnnotationLayout


def read_file_layout(lake: Lake, file: InputFile, build: str | None) -> AnnotationFile | Refusal:
    """Reads the head of one file; a fault of the file is the answer, faults of the machine are raised."""
    try:
        stat = stat_input(lake, file.uri)
        kind = kind_of(read(lake, file.raw.path, 0, SNIFF))
        layout = read_layout(_head_lines(lake, file), build)
        facts = FileFacts(file, stat.bytes, kind, layout.build or "", (), None)
        return AnnotationFile(facts, layout)
    except Refusal as refusal:
        return refusal


def _head_lines(lake: Lake, file: InputFile) -> Iterator[bytes]:
    """Only VCF tells with a fault of the compression how far it could be read."""
    beginning = b""
    for piece in decompress(lake.stream(file.raw.path)):
        beginning += piece[:_BEGINNING]
        if len(beginning) >= _BEGINNING:
            break
    if beginning.removeprefix(b"\xef\xbb\xbf").startswith(b"##fileformat=VCF"):
        return (raw for _, raw in numbered_lines(lake.stream(file.raw.path)))
    return lines_of(decompress(lake.stream(file.raw.path)))
