"""Turns the events of a topic into rows. The twin of `src/jobs/compact-log/stage-topic.ts`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql.types import StringType, StructField, StructType

from batch.compact_log.log_tables import LogTable, log_table
from batch.compact_log.read_events import COLUMNS
from batch.compact_log.read_row import NEWER, Cell, ReadRow, Unreadable, field_at, read_row, step_of
from batch.context import JobContext
from batch.domain.json_text import ABSENT, NotJson, json_text, parse_json
from batch.domain.text import cut
from batch.job_failure import JobFailure
from batch.quarantine import quarantine_samples, write_quarantine
from batch.table import TYPES, schema_of
from batch.transforms.quarantine import quarantine_line

UNREADABLE: Final = "UNREADABLE_EVENT"
_PLACE: Final = ("log_partition", "log_offset")
_FOUND_UNITS: Final = 200


@dataclass(frozen=True)
class StagedTopic:
    """How many events there were, how many make no row, and how many are not what the topic carries.

    Attributes:
        samples: The first lines of the quarantine.
    """

    read: int
    others: int
    unreadable: int
    samples: Sequence[bytes]


def stage_topic(context: JobContext, name: str, index: int, events: DataFrame) -> StagedTopic:
    """Makes the view `staged_<table>`; what is not what the topic carries goes into quarantine.

    Raises:
        JobFailure: STORAGE_NEWER when a later release wrote an event.
    """
    fields = staged_fields(name)
    own = [field.name for field in fields]
    schema = StructType([StructField("what", StringType()), StructField("line", StringType()), *fields])
    parsed = events.mapInArrow(_reader(name, own), schema).persist(StorageLevel.DISK_ONLY)
    counts: Mapping[str, int] = {row["what"]: row["count"] for row in parsed.groupBy("what").count().collect()}
    if counts.get("newer", 0) > 0:
        raise JobFailure("STORAGE_NEWER", "a later release wrote an event of the log")
    parsed.where(f.col("what") == "row").select(*own).createOrReplaceTempView(f"staged_{name}")
    unreadable = counts.get("unreadable", 0)
    samples: Sequence[bytes] = ()
    if unreadable > 0:
        text = f.encode(f.col("line"), "UTF-8").alias("text")
        rejected = parsed.where(f.col("what") == "unreadable").select(f.lit(index).alias("file_index"), *_PLACE, text)
        write_quarantine(context, rejected, _PLACE, unreadable)
        samples = quarantine_samples(rejected, _PLACE).get(index, [])
    return StagedTopic(sum(counts.values()), counts.get("other", 0), unreadable, samples)


def staged_fields(name: str) -> list[StructField]:
    """Columns of a staged row: those of the table, and of an alert its step in the place of its history."""
    fields = [StructField(column["name"], TYPES[column["type"]][0]) for column in schema_of(name)["columns"]]
    return [StructField("step", StringType()) if field.name == "steps" else field for field in fields]


def _reader(name: str, own: Sequence[str]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    types = {field.name: _arrow_type(field) for field in staged_fields(name)}

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        table = log_table(name)
        for batch in batches:
            columns: dict[str, list[Cell]] = {column: [] for column in ("what", "line", *own)}
            cells_of = partial(_cells_of, table, own)
            for place in zip(*(batch.column(column).to_pylist() for column in COLUMNS), strict=True):
                for column, cell in zip(columns, cells_of(*place), strict=True):
                    columns[column].append(cell)
            arrays = [pa.array(values, types.get(column, pa.string())) for column, values in columns.items()]
            yield pa.RecordBatch.from_arrays(arrays, list(columns))

    return read


def _arrow_type(field: StructField) -> pa.DataType:
    return next(arrow for spark, arrow in TYPES.values() if spark == field.dataType)


def _cells_of(
    table: LogTable, own: Sequence[str], partition: int | None, offset: int | None, at: int | None, text: bytes
) -> list[Cell]:
    """What the event is, its line of quarantine if it is unreadable, and the cells of its row."""
    place, value = _event_of(partition, offset, at, text)
    row: ReadRow = read_row(table, value)
    if isinstance(row, list) and table.name == "alerts":
        step = step_of(*place, value)
        row = step if isinstance(step, Unreadable) else [*row, step]
    nothing: list[Cell] = [None] * (len(own) - len(_PLACE))
    where: list[Cell] = list(place[:2])
    if isinstance(row, list):
        return ["row", None, *row, *where]
    if isinstance(row, Unreadable):
        return ["unreadable", _line_of(table.topic, place, row, value), *nothing, *where]
    return ["newer" if row is NEWER else "other", None, *nothing, *where]


def _event_of(
    partition: int | None, offset: int | None, at: int | None, text: bytes
) -> tuple[tuple[int, int, int], object]:
    """Where the event lies, when the log took it, and its value."""
    held = text.decode(errors="replace")
    if partition is not None and offset is not None and at is not None:
        try:
            return (partition, offset, at), parse_json(held)
        except NotJson:
            # As every reader of the log gets it.
            return (partition, offset, at), {"notJson": held}
    line: Any = parse_json(held)
    return (int(line["partition"]), int(line["offset"]), int(line["at"])), line["value"]


def _line_of(topic: str, place: tuple[int, int, int], unreadable: Unreadable, value: object) -> str:
    found = field_at(value, unreadable.field.split("."))
    told = "nothing" if found is ABSENT else cut(json_text(found), _FOUND_UNITS)
    line = quarantine_line(
        {
            "source": topic,
            "position": f"partition {place[0]}, offset {place[1]}",
            "line": None,
            "field": unreadable.field,
            "rule": UNREADABLE,
            "expected": unreadable.expected,
            "found": told,
            "raw": json_text(value),
        }
    )
    return line.decode()
