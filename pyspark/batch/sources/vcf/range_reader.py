"""Reads the records of one range of whole lines."""

from batch.domain.text import cut
from batch.sources.vcf.contig_lengths import ContigLengths
from batch.sources.vcf.encoding import encoding_fault, is_text
from batch.sources.vcf.fixed_columns import FixedColumnParser
from batch.sources.vcf.format_plan import FormatPlan, plan_format
from batch.sources.vcf.genotype_texts import GenotypeTexts
from batch.sources.vcf.genotype_words import WordReader
from batch.sources.vcf.genotypes import FEW, GenotypeReader
from batch.sources.vcf.info import InfoChecker
from batch.sources.vcf.limits import FOUND_UNITS, LINE_BYTES, RAW_BYTES
from batch.sources.vcf.rules import RecordFault
from batch.sources.vcf.types import (
    ContigLines,
    FileRules,
    Genotypes,
    RangeSummary,
    Rejection,
    VcfHeader,
    VcfRecord,
)
from batch.sources.vcf.version import is_since_43

_FIXED = 7
_MAX_PLANS = 1000


class RangeReader:
    """Turns lines into records or rejections, as one reader of the whole file would.

    Attributes:
        summary: What this range tells about its file so far. It can be pickled.
    """

    def __init__(self, header: VcfHeader, build: str | None, rules: FileRules | None = None) -> None:
        """`build` is the stated one, for contigs whose length the header leaves out; the header's own goes first.

        Without `rules` the range is read as if nothing stood before it; see `settle_ranges`.
        """
        rules = FileRules() if rules is None else rules
        self.summary = RangeSummary()
        self._formats = header.formats
        self._samples = len(header.samples)
        lengths = ContigLengths(header.contigs, header.build or build)
        self._fixed = FixedColumnParser(not is_since_43(header.version), lengths.of)
        self._info = InfoChecker(header)
        texts = GenotypeTexts(rules.genotypes, self.summary.genotypes)
        self._genotypes = GenotypeReader(header.samples, texts)
        self._words = WordReader(self._samples, texts)
        self._plans: dict[str, FormatPlan] = {}
        self._ends = rules.contig_ends
        self._contig = ""
        self._lines = ContigLines()

    def read(self, line: int, raw: bytes) -> VcfRecord | Rejection | None:
        """One line; None where it is empty, which is no record.

        Args:
            line: 1-based, in the decompressed text of the whole file.
            raw: The line without its line break; a carriage return before it may stay. A line longer than
                `LINE_BYTES` (8 MiB) may be cut at `LINE_BYTES` + 2 bytes or later.
        """
        if raw.endswith(b"\r"):
            raw = raw[:-1]
        if not raw:
            return None
        self.summary.records_read += 1
        try:
            record = self._take(line, raw)
        except RecordFault as fault:
            self.summary.rejected += 1
            found = cut(fault.found, FOUND_UNITS)
            text = raw[:RAW_BYTES].decode(errors="replace")
            return Rejection(line, fault.field, fault.rule, fault.expected, found, text)
        self.summary.accepted += 1
        if self._lines.first == 0:
            self._lines.first = line
        return record

    def _take(self, line: int, raw: bytes) -> VcfRecord:
        if len(raw) > LINE_BYTES:
            raise RecordFault("line", "LINE_TOO_LONG", raw[:FOUND_UNITS].decode(errors="replace"))
        wanted = _FIXED if self._samples == 0 else _FIXED + 2
        columns = raw.split(b"\t", wanted)
        is_whole = len(columns) > wanted
        samples = columns.pop() if is_whole and self._samples > 0 else b""
        # A fault of the encoding goes before any other, but most samples need no look of their own.
        if not is_text(raw[: len(raw) - len(samples)]):
            raise encoding_fault(raw)
        try:
            if not is_whole:
                raise self._count_fault(f"{len(columns)} columns")
            return self._read_columns(line, raw, [column.decode() for column in columns], samples)
        except RecordFault:
            if not is_text(samples):
                raise encoding_fault(raw) from None
            raise

    def _read_columns(self, line: int, raw: bytes, columns: list[str], samples: bytes) -> VcfRecord:
        """The bytes of `samples` are not known to be text."""
        info = columns[_FIXED]
        if self._samples == 0 and "\t" in info:
            raise self._count_fault("more than 8 columns")
        contig, pos, ids, ref, alts, qual, filters = self._fixed.parse(columns[:_FIXED])
        self._enter(contig, line)
        end_pos = self._info.check(info, len(alts))
        genotypes = self._genotypes.none
        if self._samples > 0:
            genotypes = self._read_samples(line, raw, columns[_FIXED + 1], samples, len(alts))
        shown = "" if info == "." else info
        return VcfRecord(line, contig, pos, ids, ref, alts, qual, filters, shown, end_pos, genotypes)

    def _count_fault(self, found: str) -> RecordFault:
        expected = f"9 fixed columns and {self._samples} samples, separated by tabs"
        return RecordFault("columns", "COLUMN_COUNT", found, "8 columns" if self._samples == 0 else expected)

    def _enter(self, contig: str, line: int) -> None:
        """Where the record stands among those of its contig."""
        if contig != self._contig:
            self._contig = contig
            self._lines = self.summary.contigs.setdefault(contig, ContigLines())
        end = self._ends.get(contig)
        if end is None or line < end:
            self._lines.last = line
            return
        if self._lines.refused == 0:
            self._lines.refused = line
        raise RecordFault("CHROM", "CHROM_CONTIGUOUS", contig)

    def _read_samples(self, line: int, raw: bytes, format: str, samples: bytes, alternates: int) -> Genotypes:
        plan = self._plan_of(format)
        if self._samples > FEW and plan.has_genotype and len(plan.fields) == 1:
            genotypes = self._words.read(samples, alternates, line)
            if genotypes is not None:
                return genotypes
        if not is_text(samples):
            raise encoding_fault(raw)
        return self._genotypes.read(samples, plan, alternates, line)

    def _plan_of(self, format: str) -> FormatPlan:
        plan = self._plans.get(format)
        if plan is None:
            plan = plan_format(format, self._formats)
            if len(self._plans) < _MAX_PLANS:
                self._plans[format] = plan
        return plan
