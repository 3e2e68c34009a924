"""Samples, what a sheet says of them, and the groups they are counted in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch.domain.text import sorted_texts


class SampleFacts(NamedTuple):
    """One line of a sample sheet. Codes as in the sheet; several where the sheet gives several."""

    sample_id: str
    sex: str | None
    populations: tuple[str, ...]
    superpopulations: tuple[str, ...]


class SampleFlag(NamedTuple):
    """A fact about a sample that a reader must know before trusting its genotypes.

    `flag` is `multiAncestry` or `sexPloidyMismatch`.
    """

    sample_id: str
    flag: str
    detail: str


class SampleGroup(NamedTuple):
    """People counted together. None means: not restricted."""

    population: str | None
    sex: str | None


@dataclass(frozen=True)
class Grouping:
    """The groups of one set of samples, and how the smallest cells add up to them.

    Attributes:
        groups: Everybody first.
        cell_of: Cell of each sample.
        cell_sizes: Samples of each cell.
        groups_of_cell: Groups each cell adds to.
    """

    groups: tuple[SampleGroup, ...]
    cell_of: NDArray[np.int32]
    cell_sizes: NDArray[np.int32]
    groups_of_cell: tuple[tuple[int, ...], ...]


def group_samples(samples: Sequence[str], facts: Mapping[str, SampleFacts]) -> Grouping:
    """Groups: everybody; each sex; each population and superpopulation; each superpopulation by sex.

    A sample with two ancestries counts in the first, as the published counts do, and is flagged.
    """
    numbers: dict[SampleGroup, int] = {}
    for group in [SampleGroup(None, None), *_wanted_groups(samples, facts)]:
        numbers.setdefault(group, len(numbers))
    cells: dict[tuple[str | None, str | None, str | None], int] = {}
    cell_of = np.zeros(len(samples), dtype=np.int32)
    for index, sample in enumerate(samples):
        known = facts.get(sample)
        key = (
            (None, None, None)
            if known is None
            else (_first(known.populations), _first(known.superpopulations), known.sex)
        )
        cell_of[index] = cells.setdefault(key, len(cells))
    groups_of_cell = []
    for population, superpopulation, sex in cells:
        wanted = [SampleGroup(None, None), SampleGroup(None, sex)]
        wanted += [SampleGroup(population, None), SampleGroup(superpopulation, None)]
        if superpopulation is not None:
            wanted.append(SampleGroup(superpopulation, sex))
        groups_of_cell.append(tuple(dict.fromkeys(numbers[group] for group in wanted)))
    sizes = np.bincount(cell_of, minlength=len(cells)).astype(np.int32)
    return Grouping(tuple(numbers), cell_of, sizes, tuple(groups_of_cell))


def _first(codes: tuple[str, ...]) -> str | None:
    return codes[0] if codes else None


def _wanted_groups(samples: Sequence[str], facts: Mapping[str, SampleFacts]) -> list[SampleGroup]:
    """In a fixed order, so that the same people give the same groups: sexes, superpopulations, populations, by sex."""
    known = [facts[sample] for sample in samples if sample in facts]
    sexes = {fact.sex for fact in known if fact.sex is not None}
    superpopulations = {fact.superpopulations[0] for fact in known if fact.superpopulations}
    populations = {fact.populations[0] for fact in known if fact.populations}
    by_sex = {
        f"{fact.superpopulations[0]}\t{fact.sex}" for fact in known if fact.superpopulations and fact.sex is not None
    }
    groups = [SampleGroup(None, sex) for sex in sorted_texts(sexes)]
    groups += [SampleGroup(population, None) for population in sorted_texts(superpopulations)]
    groups += [SampleGroup(population, None) for population in sorted_texts(populations)]
    for key in sorted_texts(by_sex):
        population, _, sex = key.partition("\t")
        groups.append(SampleGroup(population, sex))
    return groups
