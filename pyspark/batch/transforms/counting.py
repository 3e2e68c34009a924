"""Genotype counts of one alternate for every group of a call set."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch.domain.counts import COUNT_FIELDS, COUNT_WIDTH, call_allele
from batch.domain.genotype import GenotypeText
from batch.domain.sample import Grouping
from batch.sources.vcf.types import Genotypes, Ints

_AC, _AN = COUNT_FIELDS.index("ac"), COUNT_FIELDS.index("an")
_MANY: Final = 256
"""Of so many genotype texts only those of the record are counted."""

# Counts are whole numbers far below 2 to the power of 53: sums of floats are exact, and fast.
Floats = NDArray[np.float64]


class GenotypeCounter:
    """Counts the genotypes of records of one range. Columns of the file are mapped to the call set's samples."""

    def __init__(self, grouping: Grouping, sample_of_column: Ints) -> None:
        self._cells = len(grouping.cell_sizes)
        self._cell_sizes = grouping.cell_sizes.astype(np.float64)
        self._cell_of_column = grouping.cell_of[sample_of_column].astype(np.intp)
        self._adds_to = np.zeros((len(grouping.groups), self._cells))
        for cell, groups in enumerate(grouping.groups_of_cell):
            self._adds_to[list(groups), cell] = 1
        # What each genotype text adds, by number of the alternate.
        self._weights: dict[int, Floats] = {}
        self._last: Genotypes | None = None
        self._by_group: Floats = np.empty((0, 0))
        self._codes: NDArray[np.intp] | None = None

    def count(self, genotypes: Genotypes, alt_index: int) -> Ints:
        """Flattened: group × COUNT_WIDTH. All zero when the record has no genotypes."""
        if genotypes is not self._last:
            self._count_texts(genotypes)
            self._last = genotypes
        weights = self._weights_of(genotypes, alt_index)
        used = weights[: self._by_group.shape[1]] if self._codes is None else weights[self._codes]
        return (self._by_group @ used).astype(np.int32).ravel()

    def _count_texts(self, genotypes: Genotypes) -> None:
        """How often each group has each genotype text: the same for all alternates of a record."""
        base, code, count = genotypes.base, genotypes.code.astype(np.intp), len(genotypes.texts)
        self._codes = None
        if count > _MANY:
            self._codes, code = np.unique(np.append(code, max(base, 0)), return_inverse=True)
            count, base, code = self._codes.size, int(code[-1]) if base >= 0 else -1, code[:-1]
        cell = self._cell_of_column[genotypes.sample]
        by_cell = np.bincount(cell * count + code, minlength=self._cells * count).reshape(self._cells, count)
        if base >= 0:
            by_cell[:, base] += (self._cell_sizes - by_cell.sum(axis=1)).astype(np.intp)
        self._by_group = self._adds_to @ by_cell

    def _weights_of(self, genotypes: Genotypes, alt_index: int) -> Floats:
        known = self._weights.get(alt_index)
        learned = 0 if known is None else len(known)
        if known is not None and learned >= len(genotypes.texts):
            return known
        new = _weights(genotypes.texts[learned:], alt_index)
        weights = new if known is None else np.concatenate([known, new])
        self._weights[alt_index] = weights
        return weights


def _weights(texts: Sequence[GenotypeText], alt_index: int) -> Floats:
    weights = np.zeros((len(texts), COUNT_WIDTH))
    for row, genotype in zip(weights, texts, strict=True):
        call = call_allele(genotype, alt_index)
        row[COUNT_FIELDS.index(call.genotype_class)] = 1
        row[_AC] = call.dosage
        row[_AN] = call.called
    return weights
