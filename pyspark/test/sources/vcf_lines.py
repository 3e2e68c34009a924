"""Small files for the tests of the VCF reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from batch.sources.vcf import FileRules, RangeReader, Rejection, VcfHeader, VcfRecord, read_header, settle_ranges

META = (
    '##INFO=<ID=ONE,Number=1,Type=Integer,Description="one">',
    '##INFO=<ID=PER,Number=A,Type=Float,Description="per alternate">',
    '##INFO=<ID=LETTER,Number=1,Type=Character,Description="letter">',
    '##FORMAT=<ID=PAIR,Number=2,Type=Integer,Description="pair">',
    '##FORMAT=<ID=EACH,Number=R,Type=Float,Description="per allele">',
)


@dataclass
class Read:
    header: VcfHeader
    records: list[VcfRecord]
    rejections: list[Rejection]
    rounds: int


def vcf(records: Sequence[str], version: str = "4.3", meta: Sequence[str] = META, samples: int = 0) -> list[bytes]:
    """Spaces in a record stand for tabs unless it has tabs."""
    names = ["FORMAT", *(f"S{number}" for number in range(samples))] if samples else []
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", *names]
    lines = [record if "\t" in record else record.replace(" ", "\t") for record in records]
    return [line.encode() for line in [f"##fileformat=VCFv{version}", *meta, "\t".join(columns), *lines]]


def read(lines: Sequence[bytes], build: str | None = None, ranges: int = 1) -> Read:
    """Reads all lines in ranges, again where they ask for it."""
    header = read_header(iter(lines))
    body = list(enumerate(lines[header.lines :], header.lines + 1))
    rules: FileRules | None = None
    for rounds in range(1, 9):
        items, summaries = [], []
        for number in range(ranges):
            reader = RangeReader(header, build, rules)
            for line, raw in body[len(body) * number // ranges : len(body) * (number + 1) // ranges]:
                items.append(reader.read(line, raw))
            summaries.append(reader.summary)
        rules = settle_ranges(summaries, rules)
        if rules is None:
            records = [item for item in items if isinstance(item, VcfRecord)]
            return Read(header, records, [item for item in items if isinstance(item, Rejection)], rounds)
    raise AssertionError("the ranges never settle")
