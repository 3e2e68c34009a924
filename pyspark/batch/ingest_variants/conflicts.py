"""Fetches the text of records that contradict what is known: only the ranges that hold them are read again."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

import pyarrow as pa
from pyspark.sql import DataFrame

from batch.ingest_variants.units import Unit
from batch.job_failure import JobFailure
from batch.lake import Lake
from batch.sources.decompress import numbered_lines
from batch.sources.file_ranges import range_lines
from batch.transforms.quarantine import CONFLICT, Quarantined, conflicting, quarantine_line

Describe = Callable[[str, int, bytes], Quarantined]

_PLACED = "place int, line int"
_TEXTS = "file_index int, line int, rule string, text binary"


def conflict_texts(
    lake: Lake, conflicts: DataFrame, units: Sequence[Unit], describe: Describe = conflicting
) -> DataFrame:
    """One quarantine row per conflicting record: `file_index`, `line`, `rule`, `text`.

    Args:
        lake: Where the files lie.
        conflicts: `file_index` and `line` of each.
        units: How the files were read, in the order of files and lines.
        describe: Makes the record of quarantine from the name of a file, a line and its bytes.
    """
    by_file: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        by_file.setdefault(unit.file.index, []).append(place)
    firsts = {
        file: [0 if (lines := units[place].lines) is None else lines.first_line for place in places]
        for file, places in by_file.items()
    }
    placed = conflicts.select("file_index", "line").mapInArrow(partial(_place, by_file, firsts), _PLACED)
    ordered = placed.repartition("place").sortWithinPartitions("place", "line")
    return ordered.mapInArrow(partial(_fetch, lake, tuple(units), describe), _TEXTS)


def _place(
    by_file: Mapping[int, Sequence[int]], firsts: Mapping[int, Sequence[int]], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        files, lines = (batch.column(at).to_pylist() for at in range(2))
        places = [
            by_file[file][max(0, bisect_right(firsts[file], line) - 1)] for file, line in zip(files, lines, strict=True)
        ]
        yield pa.RecordBatch.from_arrays([pa.array(places, pa.int32()), batch.column(1)], ["place", "line"])


def _fetch(
    lake: Lake, units: Sequence[Unit], describe: Describe, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))
    for place, wanted in groupby(rows, key=lambda row: row[0]):
        unit = units[place]
        name = unit.file.raw.name
        for line, raw in _lines(lake, unit, (line for _, line in wanted)):
            text = quarantine_line(describe(name, line, raw))
            cells = [[unit.file.index], [line], [CONFLICT], [text]]
            types = [pa.int32(), pa.int32(), pa.string(), pa.binary()]
            yield pa.RecordBatch.from_arrays(
                [pa.array(cell, kind) for cell, kind in zip(cells, types, strict=True)],
                ["file_index", "line", "rule", "text"],
            )


def _lines(lake: Lake, unit: Unit, wanted: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """The wanted lines of a unit, which come in order."""
    if unit.lines is None:
        lines = numbered_lines(lake.stream(unit.file.raw.path))
    else:
        lines = range_lines(unit.file.reader(lake), unit.kind, unit.size, unit.lines)
    for line in wanted:
        for number, raw in lines:
            if number == line:
                yield line, raw
                break
        else:
            raise JobFailure("STORAGE_CORRUPT", "a stored file no longer has the lines it had")
