"""Numbers of the genotypes of one or three bytes, told from their bytes by tables."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_ALLELES: Final = ".0123456789"

SHAPES: Final = [
    *(first + separator + second for first in _ALLELES for separator in "/|" for second in _ALLELES),
    *_ALLELES,
]
"""Texts by number."""

NO_SHAPE: Final = len(SHAPES)
"""What is no such genotype has this number, or a greater one."""


def _table(symbols: str, step: int, start: int = 0) -> NDArray[np.int32]:
    """What a byte adds to the number of its genotype."""
    table = np.full(256, NO_SHAPE, dtype=np.int32)
    for number, symbol in enumerate(symbols):
        table[ord(symbol)] = start + number * step
    return table


FIRST: Final = _table(_ALLELES, 2 * len(_ALLELES))
SEPARATOR: Final = _table("/|", len(_ALLELES))
SECOND: Final = _table(_ALLELES, 1)
SINGLE: Final = _table(_ALLELES, 1, NO_SHAPE - len(_ALLELES))

GREATEST: Final = np.array(
    [max(_ALLELES.index(shape[0]), _ALLELES.index(shape[-1])) - 1 for shape in SHAPES] + [1 << 30], dtype=np.int32
)
"""The greatest allele of each number; that of what is no genotype is beyond any record."""
