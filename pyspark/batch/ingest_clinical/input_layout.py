"""What the head of one file about people says, before its records are read."""

from dataclasses import dataclass

from batch.ingest_variants.input_file import FileFacts, InputFile
from batch.lake import Lake, read
from batch.parameters import stat_input
from batch.refusal import Refusal
from batch.sources.clinical.fhir import LINE_BYTES
from batch.sources.clinical.reader import read_layout
from batch.sources.clinical.types import ClinicalLayout
from batch.sources.decompress import SNIFF, decompress, kind_of, lines_of


@dataclass(frozen=True)
class ClinicalFile:
    """A file that can be read. `facts` tell how it is cut into units."""

    facts: FileFacts
    layout: ClinicalLayout


def read_file_layout(lake: Lake, file: InputFile) -> ClinicalFile | Refusal:
    """Reads the head of one file; a fault of the file is the answer, faults of the machine are raised."""
    try:
        stat = stat_input(lake, file.uri)
        kind = kind_of(read(lake, file.raw.path, 0, SNIFF))
        layout = read_layout(lines_of(decompress(lake.stream(file.raw.path)), LINE_BYTES))
        return ClinicalFile(FileFacts(file, stat.bytes, kind, "", (), None), layout)
    except Refusal as refusal:
        return named(file, refusal)


def named(file: InputFile, refusal: Refusal) -> Refusal:
    """The refusal of a file, told with its name."""
    message = f"{file.raw.name}: {refusal.message}"
    return Refusal(refusal.code, message, refusal.line, refusal.field, refusal.expected)
