"""Reads lines whose every sample is a genotype of one or three bytes, such as `0|0`, or `0` of a man on X."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch.sources.vcf.genotype_shapes import FIRST, GREATEST, NO_SHAPE, SECOND, SEPARATOR, SHAPES, SINGLE
from batch.sources.vcf.genotype_texts import GenotypeTexts
from batch.sources.vcf.types import Genotypes, Ints

_TAB: Final = 9


class WordReader:
    """Reads the sample columns of one range of one file."""

    def __init__(self, samples: int, texts: GenotypeTexts) -> None:
        self._samples = samples
        self._texts = texts
        self._code_of_shape = np.full(NO_SHAPE + 1, -1, dtype=np.int32)
        self._base = -1
        self._base_word = np.uint32(0)

    def read(self, samples: bytes, alternates: int, line: int) -> Genotypes | None:
        """None when the line has another shape, or a fault: the reader of text decides."""
        if len(samples) != self._samples * 4 - 1:
            return self._read_short(samples, alternates, line)
        # Three bytes and a tab are one word of 32 bits: most are the word of the most common genotype.
        data = samples + b"\t"
        words = np.frombuffer(data, dtype="<u4")
        symbols = np.frombuffer(data, dtype=np.uint8).reshape(-1, 4)
        if words[0] != self._base_word or self._base < 0:
            code = self._codes_of_words(symbols, alternates, line)
            genotypes = None if code is None else self._listed(code)
            if genotypes is not None and code is not None and genotypes.base >= 0:
                self._base, self._base_word = genotypes.base, words[int((code == genotypes.base).argmax())]
            return genotypes
        listed = (words != self._base_word).nonzero()[0]
        if listed.size == 0:
            return Genotypes(self._texts.texts, self._base, listed, listed.astype(np.int32))
        code = self._codes_of_words(symbols[listed], alternates, line)
        return None if code is None else Genotypes(self._texts.texts, self._base, listed, code)

    def _read_short(self, samples: bytes, alternates: int, line: int) -> Genotypes | None:
        """Genotypes of one and of three bytes between each other."""
        symbols = np.frombuffer(samples + b"\t\t\t", dtype=np.uint8)
        ends = (symbols[: len(samples) + 1] == _TAB).nonzero()[0]
        if ends.size != self._samples:
            return None
        starts = np.concatenate([[0], ends[:-1] + 1])
        lengths = ends - starts
        is_single = lengths == 1
        if not (is_single | (lengths == 3)).all():
            return None
        first = symbols[starts]
        shapes = FIRST[first] + SEPARATOR[symbols[starts + 1]] + SECOND[symbols[starts + 2]]
        code = self._codes_of(np.where(is_single, SINGLE[first], np.minimum(shapes, NO_SHAPE)), alternates, line)
        return None if code is None else self._listed(code)

    def _codes_of_words(self, symbols: NDArray[np.uint8], alternates: int, line: int) -> Ints | None:
        """`symbols`: three bytes and a tab of each sample."""
        if (symbols[:, 3] != _TAB).any():
            return None
        shapes = FIRST[symbols[:, 0]] + SEPARATOR[symbols[:, 1]] + SECOND[symbols[:, 2]]
        return self._codes_of(np.minimum(shapes, NO_SHAPE), alternates, line)

    def _codes_of(self, shapes: Ints, alternates: int, line: int) -> Ints | None:
        """None when one of them is no genotype that the record may have."""
        if GREATEST[shapes].max() > alternates:
            return None
        code = self._code_of_shape[shapes]
        if code.min() < 0:
            if not self._learn(shapes[code < 0], line):
                return None
            code = self._code_of_shape[shapes]
        return code

    def _learn(self, shapes: Ints, line: int) -> bool:
        """False when there are too many texts."""
        for shape in dict.fromkeys(shapes.tolist()):
            code = self._texts.code_of(SHAPES[shape], line)
            if code < 0:
                return False
            self._code_of_shape[shape] = code
        return True

    def _listed(self, code: Ints) -> Genotypes:
        """The base is that of the first sample that is homozygous reference."""
        is_hom_ref = np.array(self._texts.hom_ref, dtype=bool)[code]
        first = int(is_hom_ref.argmax())
        if not is_hom_ref[first]:
            return Genotypes(self._texts.texts, -1, np.arange(code.size), code)
        base = int(code[first])
        listed = (code != base).nonzero()[0]
        return Genotypes(self._texts.texts, base, listed, code[listed])
