"""Rows of `calls` and `calls_by_sample` from the columns of bytes in which calls were staged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from batch.domain.genotype import parse_genotype
from batch.transforms.genotype_facts import GenotypeFacts, genotype_facts

CHUNK: Final = 200_000
"""About how many rows are made at once."""

Longs = NDArray[np.int64]


@dataclass(frozen=True)
class SampleNames:
    """The samples of all call sets of a job, one call set after the other in the order of ids.

    `offsets` is where those of each call set begin.
    """

    names: Sequence[str]
    offsets: Mapping[str, int]


@dataclass
class CallChunk:
    """Some rows, not yet spelt out: what differs between them is numbers, what they share is in lists.

    Attributes:
        place: Place of each row's sample in `SampleNames`: with `variant_row`, the order of `calls_by_sample`.
        variant_row: Of each row.
    """

    place: Longs
    variant_row: Longs
    variant: Longs
    fact: Longs
    numbers: dict[str, Longs]
    texts: dict[str, tuple[Longs, list[str]]]
    variants: Mapping[str, list[Any]]
    facts: Sequence[GenotypeFacts]
    samples: SampleNames

    def batch(self, rows: Longs | slice) -> pa.RecordBatch:
        """The rows wanted, in the columns and order of the table."""
        variant = self.variant[rows]
        columns: dict[str, pa.Array] = {"variant_row": pa.array(self.variant_row[rows].astype(np.int32))}
        for name in ("call_set_id", "build", "contig"):
            columns[name] = _named(self.variants[name], variant)
        for name in ("contig_rank", "pos"):
            columns[name] = pa.array(np.array(self.variants[name], dtype=np.int32)[variant])
        for name in ("ref", "alt"):
            columns[name] = _named(self.variants[name], variant)
        place = self.place[rows]
        starts = np.array([self.samples.offsets[name] for name in self.variants["call_set_id"]], dtype=np.int64)
        columns["sample_index"] = pa.array((place - starts[variant]).astype(np.int32))
        columns["sample_id"] = _named(self.samples.names, place)
        columns |= self._genotypes(self.fact[rows])
        columns["phase_set"] = self._text("phase_set", rows)
        for name in ("dp", "gq", "ad_ref", "ad_alt"):
            column = self.numbers[name][rows].astype(np.int32)
            columns[name] = pa.array(column, mask=column < 0)
        columns["filters"] = self._text("filters", rows)
        return pa.RecordBatch.from_pydict(columns)

    def _genotypes(self, fact: Longs) -> dict[str, pa.Array]:
        is_called = np.array([facts.dosage is not None for facts in self.facts], dtype=bool)[fact]

        def integers(name: str) -> NDArray[np.int32]:
            return np.array([getattr(facts, name) or 0 for facts in self.facts], dtype=np.int32)[fact]

        return {
            "gt": _named([facts.text for facts in self.facts], fact),
            "dosage": pa.array(integers("dosage"), mask=~is_called),
            "other_alt_dosage": pa.array(integers("other_alt_dosage"), mask=~is_called),
            "ploidy": pa.array(integers("ploidy")),
            "phased": pa.array(np.array([facts.phased for facts in self.facts], dtype=bool)[fact]),
            "genotype_class": _named([facts.genotype_class for facts in self.facts], fact),
        }

    def _text(self, name: str, rows: Longs | slice) -> pa.Array:
        codes, texts = self.texts[name]
        return _named(texts, codes[rows])


def call_chunks(batches: Iterable[pa.RecordBatch], samples: SampleNames) -> Iterator[CallChunk]:
    """Takes rows of staged calls beside their variant's key, and makes chunks of calls in the same order."""
    facts: list[GenotypeFacts] = []
    known: dict[tuple[str, int], int] = {}

    def fact_of(text: str, alt_index: int) -> int:
        place = known.get((text, alt_index))
        if place is None:
            genotype = parse_genotype(text)
            if genotype is None:
                raise ValueError("a staged genotype is none")
            place = known[text, alt_index] = len(facts)
            facts.append(genotype_facts([genotype], alt_index)[0])
        return place

    for batch in batches:
        for rows in _slices(batch):
            yield _chunk(rows.to_pydict(), samples, fact_of, facts)


def _slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    start = waiting = 0
    for at, blob in enumerate(batch.column("sample_index")):
        waiting += len(blob.as_buffer()) // 4
        if waiting >= CHUNK:
            yield batch.slice(start, at + 1 - start)
            start, waiting = at + 1, 0
    if start < batch.num_rows:
        yield batch.slice(start)


def _chunk(
    rows: Mapping[str, list[Any]],
    samples: SampleNames,
    fact_of: Any,  # noqa: ANN401
    facts: list[GenotypeFacts],
) -> CallChunk:
    counts = np.array([len(blob) // 4 for blob in rows["sample_index"]], dtype=np.int64)
    variant = np.repeat(np.arange(counts.size), counts)
    starts = np.array([samples.offsets[call_set] for call_set in rows["call_set_id"]], dtype=np.int64)
    local = [
        [fact_of(text, alt_index) for text in texts]
        for texts, alt_index in zip(rows["gt_texts"], rows["alt_index"], strict=True)
    ]
    fact = _translated(_joined(rows["gt"], counts), local, variant)
    return CallChunk(
        _joined(rows["sample_index"], counts) + starts[variant],
        np.array(rows["variant_row"], dtype=np.int64)[variant],
        variant,
        fact,
        {name: _joined(rows[name], counts) for name in ("dp", "gq", "ad_ref", "ad_alt")},
        {name: _texts(rows[name], rows[f"{name}_texts"], counts, variant) for name in ("phase_set", "filters")},
        rows,
        list(facts),
        samples,
    )


def _joined(blobs: Sequence[bytes | None], counts: Longs) -> Longs:
    """One column of all rows; -1 where a row has none."""
    pieces = [
        np.full(count, -1, dtype=np.int32) if blob is None else np.frombuffer(blob, dtype="<i4")
        for blob, count in zip(blobs, counts.tolist(), strict=True)
    ]
    return np.concatenate(pieces).astype(np.int64) if pieces else np.empty(0, dtype=np.int64)


def _translated(codes: Longs, local: Sequence[Sequence[int]], variant: Longs) -> Longs:
    """Codes of each row's own list, as those of a list for all; -1 stays."""
    starts = np.cumsum([0, *map(len, local)])
    everywhere = np.array([place for places in local for place in places] or [-1], dtype=np.int64)
    return np.where(codes < 0, -1, everywhere[np.where(codes < 0, 0, codes + starts[variant])])


def _texts(
    blobs: Sequence[bytes | None], lists: Sequence[list[str] | None], counts: Longs, variant: Longs
) -> tuple[Longs, list[str]]:
    places: dict[str, int] = {}
    local = [[places.setdefault(text, len(places)) for text in texts or ()] for texts in lists]
    return _translated(_joined(blobs, counts), local, variant), list(places)


def _named(names: Sequence[str], places: Longs) -> pa.Array:
    """Texts by their place in a list, each kept once; a place of -1 is null."""
    used, codes = np.unique(places, return_inverse=True)
    kept: dict[str, int] = {}
    compact = np.array(
        [-1 if at < 0 else kept.setdefault(names[at], len(kept)) for at in used.tolist()], dtype=np.int32
    )
    indices = compact[codes] if used.size else np.empty(0, dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), pa.array(list(kept), pa.string()))
