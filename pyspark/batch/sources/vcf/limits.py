"""How large the parts of a file may be. The same as those of the TypeScript twin."""

from typing import Final

HEADER_BYTES: Final = 16 << 20
LINE_BYTES: Final = 8 << 20
ALLELE_BYTES: Final = 1 << 20
ALTERNATES: Final = 1_000
"""Alternates of one record: each is a row, with the counts of every group."""
SAMPLES: Final = 200_000
RAW_BYTES: Final = 64 << 10
"""Of a rejected line that are kept."""
FOUND_UNITS: Final = 200
"""UTF-16 units of what was found that are told."""
MAX_TEXTS: Final = 65_535
"""Different genotype texts of one file."""
MAX_TEXT_LENGTH: Final = 1024
