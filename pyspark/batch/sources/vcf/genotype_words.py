"""Reads lines whose every sample is a genotype of three bytes, such as `0|0`: one word of 32 bits with its tab."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch.sources.vcf.genotype_texts import GenotypeTexts
from batch.sources.vcf.types import Columns, Genotypes

_TAB: Final = 9
# A shape numbers the genotypes of three bytes: 11 alleles, a separator, 11 alleles. The last shape is no genotype.
_ALLELES: Final = ".0123456789"
_SHAPES: Final = [first + separator + second for first in _ALLELES for separator in "/|" for second in _ALLELES]
_NONE: Final = len(_SHAPES)


def _table(symbols: str, step: int) -> NDArray[np.int32]:
    """What a byte adds to the number of its shape."""
    table = np.full(256, _NONE, dtype=np.int32)
    for number, symbol in enumerate(symbols):
        table[ord(symbol)] = number * step
    return table


_FIRST: Final = _table(_ALLELES, 2 * len(_ALLELES))
_SEPARATOR: Final = _table("/|", len(_ALLELES))
_SECOND: Final = _table(_ALLELES, 1)
_GREATEST: Final = np.array(
    [max(_ALLELES.index(shape[0]), _ALLELES.index(shape[2])) - 1 for shape in _SHAPES] + [1 << 30], dtype=np.int32
)


class WordReader:
    """Reads the sample columns of one range of one file."""

    def __init__(self, samples: int, texts: GenotypeTexts) -> None:
        self._length = samples * 4 - 1
        self._texts = texts
        self._code_of_shape = np.full(_NONE + 1, -1, dtype=np.int32)
        self._base = -1
        self._base_word = np.uint32(0)

    def read(self, samples: bytes, alternates: int, line: int) -> Genotypes | None:
        """None when the line has another shape, such as haploid males on X, or a fault: the reader of text decides."""
        if len(samples) != self._length:
            return None
        data = samples + b"\t"
        words = np.frombuffer(data, dtype="<u4")
        if words[0] != self._base_word or self._base < 0:
            return self._read_all(data, words, alternates, line)
        listed = (words != self._base_word).nonzero()[0]
        if listed.size == 0:
            return Genotypes(self._texts.texts, self._base, listed, listed.astype(np.int32))
        code = self._codes_of(data, listed, alternates, line)
        return None if code is None else Genotypes(self._texts.texts, self._base, listed, code)

    def _read_all(self, data: bytes, words: NDArray[np.uint32], alternates: int, line: int) -> Genotypes | None:
        """The base is that of the first sample that is homozygous reference, which is not known beforehand."""
        code = self._codes_of(data, None, alternates, line)
        if code is None:
            return None
        is_hom_ref = np.array(self._texts.hom_ref, dtype=bool)[code]
        first = int(is_hom_ref.argmax())
        if not is_hom_ref[first]:
            return Genotypes(self._texts.texts, -1, np.arange(code.size), code)
        base = int(code[first])
        self._base, self._base_word = base, words[first]
        listed = (code != base).nonzero()[0]
        return Genotypes(self._texts.texts, base, listed, code[listed])

    def _codes_of(self, data: bytes, listed: Columns | None, alternates: int, line: int) -> NDArray[np.int32] | None:
        """Codes of some samples, or of all; None when one of them is no genotype that the record may have."""
        table = np.frombuffer(data, dtype=np.uint8).reshape(-1, 4)
        symbols = table if listed is None else table[listed]
        if (symbols[:, 3] != _TAB).any():
            return None
        shapes = _FIRST[symbols[:, 0]] + _SEPARATOR[symbols[:, 1]] + _SECOND[symbols[:, 2]]
        np.minimum(shapes, _NONE, out=shapes)
        if _GREATEST[shapes].max() > alternates:
            return None
        code = self._code_of_shape[shapes]
        if code.min() < 0:
            if not self._learn(shapes[code < 0], line):
                return None
            code = self._code_of_shape[shapes]
        return code

    def _learn(self, shapes: NDArray[np.int32], line: int) -> bool:
        """False when there are too many texts."""
        for shape in dict.fromkeys(shapes.tolist()):
            code = self._texts.code_of(_SHAPES[shape], line)
            if code < 0:
                return False
            self._code_of_shape[shape] = code
        return True
