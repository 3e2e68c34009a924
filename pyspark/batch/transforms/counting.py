"""Genotype counts of one alternate for every group of a call set."""

import numpy as np
from numpy.typing import NDArray

from batch.domain.counts import COUNT_FIELDS, COUNT_WIDTH, call_allele
from batch.domain.sample import Grouping
from batch.sources.vcf.types import Genotypes, Ints

_AC, _AN = 0, 1


class GenotypeCounter:
    """Counts the genotypes of records of one range. Columns of the file are mapped to the call set's samples."""

    def __init__(self, grouping: Grouping, sample_of_column: Ints) -> None:
        self._cells = len(grouping.cell_sizes)
        self._cell_sizes = grouping.cell_sizes.astype(np.int64)
        self._cell_of_column = grouping.cell_of[sample_of_column].astype(np.intp)
        # Counts are whole numbers far below 2 to the power of 53: sums of floats are exact, and fast.
        self._adds_to = np.zeros((len(grouping.groups), self._cells))
        for cell, groups in enumerate(grouping.groups_of_cell):
            self._adds_to[list(groups), cell] = 1
        # By number of the alternate: field, dosage and called alleles of each genotype text.
        self._weights: dict[int, NDArray[np.intp]] = {}

    def count(self, genotypes: Genotypes, alt_index: int) -> Ints:
        """Flattened: group × COUNT_WIDTH. All zero when the record has no genotypes."""
        weights = self._weights_of(genotypes, alt_index)
        by_cell = np.zeros((self._cells, COUNT_WIDTH))
        listed_in_cell = np.zeros(self._cells, dtype=np.int64)
        if genotypes.sample.size > 0:
            cell = self._cell_of_column[genotypes.sample]
            field, dosage, called = weights[:, genotypes.code]
            size = self._cells * COUNT_WIDTH
            by_cell += np.bincount(cell * COUNT_WIDTH + field, minlength=size).reshape(by_cell.shape)
            by_cell[:, _AC] += np.bincount(cell, dosage, self._cells)
            by_cell[:, _AN] += np.bincount(cell, called, self._cells)
            listed_in_cell = np.bincount(cell, minlength=self._cells)
        if genotypes.base >= 0:
            field, _, called = weights[:, genotypes.base]
            unlisted = self._cell_sizes - listed_in_cell
            by_cell[:, _AN] += unlisted * called
            by_cell[:, field] += unlisted
        return (self._adds_to @ by_cell).astype(np.int32).ravel()

    def _weights_of(self, genotypes: Genotypes, alt_index: int) -> NDArray[np.intp]:
        known = self._weights.get(alt_index)
        learned = 0 if known is None else known.shape[1]
        if known is not None and learned >= len(genotypes.texts):
            return known
        calls = [call_allele(genotype, alt_index) for genotype in genotypes.texts[learned:]]
        rows = [(COUNT_FIELDS.index(call.genotype_class), call.dosage, call.called) for call in calls]
        new = np.array(rows, dtype=np.intp).reshape(-1, 3).T
        weights = new if known is None else np.concatenate([known, new], axis=1)
        self._weights[alt_index] = weights
        return weights
