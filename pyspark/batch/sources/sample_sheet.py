"""A tab-separated sample sheet with a header line.

The 1000 Genomes (IGSR) sheet, the phase 3 panel, or any sheet with a sample column. Two ancestries in one cell are
separated by a comma.
"""

import re
from typing import Final

from batch.domain.sample import SampleFacts
from batch.domain.text import trim
from batch.refusal import Refusal

_SAMPLE: Final = ("Sample name", "sample", "Sample", "sample_id", "SampleID")
_SEX: Final = ("Sex", "sex", "gender", "Gender")
_POPULATION: Final = ("Population code", "pop", "population", "Population")
_SUPERPOPULATION: Final = ("Superpopulation code", "super_pop", "superpopulation", "Superpopulation")

# Words and the PED codes; empty and `0` mean unknown.
_SEXES: Final = {
    **dict.fromkeys(("female", "f", "2"), "female"),
    **dict.fromkeys(("male", "m", "1"), "male"),
    **dict.fromkeys(("", "0", "unknown", "."), None),
}


def parse_sample_sheet(text: str, file: str) -> dict[str, SampleFacts]:
    """By name of the sample.

    Raises:
        Refusal: INGEST_REJECTED names the line and the column of the first fault.
    """
    lines = re.split("\r?\n", text.removeprefix("\ufeff"))
    header = [trim(name) for name in lines[0].split("\t")]
    sample_at, sex_at, population_at, superpopulation_at = (
        next((at for at, name in enumerate(header) if name in names), -1)
        for names in (_SAMPLE, _SEX, _POPULATION, _SUPERPOPULATION)
    )
    if sample_at < 0:
        raise _rejected(file, 1, "header", f"a tab-separated header with one of: {', '.join(_SAMPLE)}")
    facts: dict[str, SampleFacts] = {}
    for number, line in enumerate(lines[1:], 2):
        if trim(line) == "":
            continue
        cells = [trim(cell) for cell in line.split("\t")]
        sample_id = _cell(cells, sample_at)
        if sample_id == "":
            raise _rejected(file, number, header[sample_at], "a sample name")
        if sample_id in facts:
            raise _rejected(file, number, header[sample_at], "each sample once")
        sex = _cell(cells, sex_at).lower()
        if sex not in _SEXES:
            raise _rejected(file, number, header[sex_at], "male, female, M, F, 1, 2 or empty")
        populations, superpopulations = _codes(_cell(cells, population_at)), _codes(_cell(cells, superpopulation_at))
        facts[sample_id] = SampleFacts(sample_id, _SEXES[sex], populations, superpopulations)
    return facts


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if 0 <= column < len(cells) else ""


def _codes(cell: str) -> tuple[str, ...]:
    return tuple(code for code in map(trim, cell.split(",")) if code != "")


def _rejected(file: str, line: int, field: str, expected: str) -> Refusal:
    message = f"sample sheet {file}, line {line}, {field}: expected {expected}"
    return Refusal("INGEST_REJECTED", message, line, field, expected)
