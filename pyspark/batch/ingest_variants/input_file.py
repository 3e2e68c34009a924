"""One input file of the job, and what is known of it before its records are read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from batch.lake import Lake, read
from batch.parameters import RawId, parse_raw_id, stat_input
from batch.refusal import Refusal
from batch.sources.decompress import SNIFF, kind_of, numbered_lines
from batch.sources.file_ranges import Read
from batch.sources.vcf import VcfHeader, read_header
from batch.transforms.ingest_file import build_of, caller_of


@dataclass(frozen=True)
class InputFile:
    """A file as the job was given it; `index` is its place among all."""

    index: int
    uri: str

    @property
    def raw(self) -> RawId:
        """Where it lies, and its name."""
        return parse_raw_id(self.uri)

    def reader(self, lake: Lake) -> Read:
        """Reads ranges of its stored bytes."""
        return partial(lake.stream, self.raw.path)


@dataclass(frozen=True)
class FileFacts:
    """What the beginning of a file says. `bytes` are stored ones; `kind` is `plain`, `gzip` or `bgzf`."""

    file: InputFile
    bytes: int
    kind: str
    build: str
    samples: tuple[str, ...]
    caller: str | None


def read_facts(lake: Lake, file: InputFile, assembly: str | None) -> FileFacts | Refusal:
    """Reads the header of one file; a fault of the file is the answer, faults of the machine are raised."""
    try:
        stat = stat_input(lake, file.uri)
        header, _ = begin(lake, file)
        kind = kind_of(read(lake, file.raw.path, 0, SNIFF))
        build = build_of(header, assembly, file.raw.name)
        return FileFacts(file, stat.bytes, kind, build, header.samples, caller_of(header))
    except Refusal as refusal:
        return refusal


def begin(lake: Lake, file: InputFile) -> tuple[VcfHeader, Iterator[tuple[int, bytes]]]:
    """The header of a file, and the numbered lines behind it.

    Raises:
        Refusal: Of the header, or of the compression so far.
    """
    lines = numbered_lines(lake.stream(file.raw.path))
    header = read_header(raw for _, raw in lines)
    return header, lines
