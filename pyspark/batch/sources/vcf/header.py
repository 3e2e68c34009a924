"""Reads the lines before the first record."""

import re
from collections.abc import Iterable

from batch.domain.contig import StatedContig, build_of_text, detect_build, is_known_length
from batch.domain.text import trim
from batch.sources.vcf.header_fault import header_fault, header_limit, missing_columns
from batch.sources.vcf.limits import HEADER_BYTES, LINE_BYTES, SAMPLES
from batch.sources.vcf.meta_line import MetaFault, MetaLine, parse_meta_line
from batch.sources.vcf.meta_rules import (
    StructuredLine,
    check_address,
    check_alt,
    check_meta,
    check_pedigree,
    check_sample,
    contig_definition,
    field_definition,
    filter_definition,
)
from batch.sources.vcf.reserved import ReservedField, reserved_format, reserved_info
from batch.sources.vcf.types import FieldDefinition, VcfHeader
from batch.sources.vcf.version import is_since_43

_FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_FILE_FORMAT = re.compile(r"##fileformat=VCFv(4\.[0-5])")
_CONTROL = re.compile("[\0-\x1f\x7f]")


def read_header(lines: Iterable[bytes]) -> VcfHeader:
    """Takes lines from the start of the file up to and including `#CHROM`, and not one more.

    Args:
        lines: From line 1 on, without their line break; a carriage return before it may stay. A line longer than
            `LINE_BYTES` (8 MiB) may be cut at `LINE_BYTES` + 2 bytes or later.

    Raises:
        Refusal: Every fault of the header refuses the file (INGEST_REJECTED), an empty file among them.
    """
    reader = _HeaderReader()
    for raw in lines:
        if reader.take(raw[:-1] if raw.endswith(b"\r") else raw):
            return reader.finish()
    if reader.line == 0:
        raise header_fault(1, "##fileformat", "a VCF file; this one is empty", "")
    raise missing_columns(reader.line)


class _HeaderReader:
    def __init__(self) -> None:
        self.line = 0
        self._length = 0
        self._version = ""
        self._source: str | None = None
        self._file_date: str | None = None
        self._samples: tuple[str, ...] = ()
        self._contigs: list[StatedContig] = []
        self._infos: dict[str, FieldDefinition] = {}
        self._formats: dict[str, FieldDefinition] = {}
        self._filters: dict[str, str] = {}
        # What `##reference` and `##assembly` say.
        self._references: list[str] = []

    def take(self, raw: bytes) -> bool:
        """True once `#CHROM` has been read."""
        self.line += 1
        self._length += len(raw) + 1
        if len(raw) > LINE_BYTES:
            raise header_limit(self.line, "header", "lineBytes", LINE_BYTES)
        if self._length > HEADER_BYTES:
            raise header_limit(self.line, "header", "headerBytes", HEADER_BYTES)
        if self.line == 1:
            self._take_file_format(raw)
            return False
        text = self._text_of(raw)
        if text.startswith("##"):
            try:
                meta = parse_meta_line(text)
            except MetaFault as fault:
                raise header_fault(self.line, "header", str(fault), text) from None
            self._take_meta(meta, text)
            return False
        if not text.startswith("#"):
            raise header_fault(self.line, "header", "a ## line or the #CHROM line", text)
        self._take_columns(text)
        return True

    def finish(self) -> VcfHeader:
        _add_reserved(self._infos, reserved_info(self._version))
        _add_reserved(self._formats, reserved_format(self._version))
        return VcfHeader(
            version=self._version,
            samples=self._samples,
            contigs=tuple(self._contigs),
            build=_build_of(self._contigs, self._references),
            source=self._source,
            file_date=self._file_date,
            filters=self._filters,
            infos=self._infos,
            formats=self._formats,
            lines=self.line,
        )

    def _take_file_format(self, raw: bytes) -> None:
        if raw.startswith(b"\xef\xbb\xbf"):
            raise header_fault(1, "##fileformat", "no byte order mark before ##fileformat", "")
        if raw.startswith(b"BCF"):
            raise header_fault(1, "##fileformat", "VCF text; this file is BCF", "")
        text = self._text_of(raw)
        found = _FILE_FORMAT.fullmatch(text)
        if found is None:
            raise header_fault(1, "##fileformat", "##fileformat=VCFv4.0 to VCFv4.5 on the first line", text)
        self._version = found[1]

    def _text_of(self, raw: bytes) -> str:
        if b"\0" in raw:
            raise header_fault(self.line, "header", "text without NUL bytes", "")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            # Before 4.3 the specification names no encoding; a sample name must be certain all the same.
            if self._version == "" or is_since_43(self._version) or not raw.startswith(b"##"):
                raise header_fault(self.line, "header", "UTF-8 text", raw.decode("latin-1")) from None
            return raw.decode("latin-1")

    def _take_meta(self, meta: MetaLine, text: str) -> None:
        key, value, fields = meta
        line = StructuredLine(key, fields, self.line, text, self._version)
        if (key == "source" or key.startswith("source_")) and self._source is None:
            self._source = value
        if key == "fileDate" and self._file_date is None:
            self._file_date = value
        if key in ("reference", "assembly"):
            self._references.append(value)
        if key == "INFO":
            self._define(self._infos, line)
        elif key == "FORMAT":
            self._define(self._formats, line)
        elif key == "FILTER":
            id, description = filter_definition(line)
            self._filters[id] = description
        elif key == "contig":
            self._contigs.append(contig_definition(line))
        elif key in ("assembly", "pedigreeDB"):
            check_address(line, value)
        elif key in _CHECKS:
            _CHECKS[key](line)

    def _define(self, definitions: dict[str, FieldDefinition], line: StructuredLine) -> None:
        definition = field_definition(line)
        if definition.id in definitions:
            raise header_fault(line.line, f"##{line.key}", "each ID once", line.text)
        definitions[definition.id] = definition

    def _take_columns(self, text: str) -> None:
        columns = text.split("\t")
        for index, name in enumerate(_FIXED):
            if index >= len(columns) or columns[index] != name:
                expected = f"column {index + 1} to be {name}, separated by tabs"
                raise header_fault(self.line, "#CHROM", expected, text)
        if len(columns) > 8 and columns[8] != "FORMAT":
            raise header_fault(self.line, "#CHROM", "column 9 to be FORMAT", text)
        if len(columns) == 9:
            raise header_fault(self.line, "#CHROM", "at least one sample after FORMAT", text)
        samples = columns[9:]
        if len(samples) > SAMPLES:
            raise header_limit(self.line, "#CHROM", "samples", SAMPLES)
        names: set[str] = set()
        for sample in samples:
            if trim(sample) == "" or _CONTROL.search(sample):
                raise header_fault(self.line, "#CHROM", "sample names that can be read", sample)
            if sample in names:
                raise header_fault(self.line, "#CHROM", f"each sample once; {sample} comes twice", text)
            names.add(sample)
        self._samples = tuple(samples)


_CHECKS = {"ALT": check_alt, "SAMPLE": check_sample, "META": check_meta, "PEDIGREE": check_pedigree}


def _add_reserved(definitions: dict[str, FieldDefinition], reserved: dict[str, ReservedField]) -> None:
    """A reserved key the header leaves out keeps its meaning, as far as there is but one."""
    for id, numbers, types in reserved.values():
        if len(types) == 1 and id not in definitions:
            definitions[id] = FieldDefinition(id, numbers[0], types[0])


def _build_of(contigs: list[StatedContig], references: list[str]) -> str | None:
    """Lengths decide; only a header without any is taken by the names it gives its reference."""
    if any(is_known_length(contig) for contig in contigs):
        return detect_build(contigs)
    named = [contig.assembly for contig in contigs if contig.assembly is not None] + references
    builds = {build for build in map(build_of_text, named) if build is not None}
    return builds.pop() if len(builds) == 1 else None
