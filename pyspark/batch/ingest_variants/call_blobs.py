"""The calls of one alternate as columns of bytes, so that millions of them move as thousands of rows."""

from collections.abc import Sequence

import numpy as np

from batch.sources.vcf.types import Ints
from batch.transforms.staged_rows import CallColumns

Cell = bytes | list[str] | None


class CallBlobs:
    """Makes the cells of `staged_tables.COLUMNS["calls"]` behind `vi`; the order is that of samples.

    The columns of a file come in any order: they are put into that of the call set.
    """

    def __init__(self, sample_of_column: Ints) -> None:
        self._is_ordered = bool(np.all(np.diff(sample_of_column) > 0))

    def cells(self, calls: CallColumns) -> list[Cell]:
        """The cells of one alternate's calls."""
        order = None if self._is_ordered else np.argsort(calls.sample_index, kind="stable").astype(np.int32)

        def ordered(column: Ints) -> Ints:
            return column if order is None else column[order]

        used, codes = np.unique(ordered(calls.gt), return_inverse=True)
        cells: list[Cell] = [
            _blob(ordered(calls.sample_index)),
            _blob(codes.astype(np.int32)),
            [calls.texts[code].text for code in used.tolist()],
        ]
        for column in (calls.dp, calls.gq, calls.ad_ref, calls.ad_alt):
            cells.append(None if column is None else _blob(ordered(column)))
        for texts in (calls.phase_set, calls.filters):
            cells += _coded(texts, order)
        return cells


def _coded(texts: Sequence[str | None] | None, order: Ints | None) -> list[Cell]:
    if texts is None:
        return [None, None]
    places: dict[str, int] = {}
    codes = [-1 if text is None else places.setdefault(text, len(places)) for text in texts]
    column = np.array(codes, dtype=np.int32)
    return [_blob(column if order is None else column[order]), list(places)]


def _blob(column: Ints) -> bytes:
    return np.ascontiguousarray(column, dtype="<i4").tobytes()
