"""VCF 4.0 to 4.5: lines of text to records. Bytes, compression and line numbers are the caller's.

A file is read in three steps, of which the second may run in parallel over ranges of whole lines:

1. `read_header(lines)` on the driver: a `VcfHeader`, or a `Refusal` of the whole file.
2. `RangeReader(header, build, rules)` on each range: every line is one `VcfRecord`, one `Rejection`, or empty.
3. `settle_ranges(summaries)`: what no range can know alone. It answers None when what was read stands, which is so for
   every file whose contigs form blocks. Else it answers the `FileRules` with which all ranges must be read once more;
   what they give then stands, and is what one reader of the whole file would have given.
"""

from batch.sources.vcf.header import read_header
from batch.sources.vcf.range_reader import RangeReader
from batch.sources.vcf.settle_ranges import settle_ranges
from batch.sources.vcf.types import (
    FieldDefinition,
    FileRules,
    Genotypes,
    RangeSummary,
    Rejection,
    VcfHeader,
    VcfRecord,
)

__all__ = [
    "FieldDefinition",
    "FileRules",
    "Genotypes",
    "RangeReader",
    "RangeSummary",
    "Rejection",
    "VcfHeader",
    "VcfRecord",
    "read_header",
    "settle_ranges",
]
