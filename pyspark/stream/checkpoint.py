"""What a checkpoint belongs to: beside Spark's own files lies one that says how its windows are computed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from batch.context import Kafka
from batch.lake import Lake, read, write_bytes
from batch.reference import read_reference
from stream.readings import parse
from stream.sizes import SCALES, SIZES
from stream.topics import ACCEPTED, Range, read_records
from stream.watermarked import KEPT

FORMAT = 1
"""Grows when what the query keeps is another than before."""

CURE = (
    "vitalome stack rebuild-windows computes all windows anew from the readings in the log; on a cluster of your own, "
    "stop the query, remove checkpoints/windows from the store, and start it again"
)

_LOOK = 1_000
"""Records looked at to find the first of a partition: between them lie markers of transactions."""


class CheckpointUnfit(Exception):
    """The checkpoint is damaged, or of another version; the message says so and names the cure."""


@dataclass(frozen=True)
class Marker:
    """`marker.json` of a checkpoint.

    Attributes:
        stores: Into how many parts what is kept is split.
        floors: By partition, the time before which no window is computed; None where the log was whole at the start.
    """

    stores: int
    floors: Mapping[int, int | None]


def open_checkpoint(
    session: SparkSession, lake: Lake, folder: str, kafka: Kafka, ranges: list[Range], stores: int
) -> Marker:
    """The marker of the checkpoint there is, or of the one that begins.

    Raises:
        CheckpointUnfit: Nothing can be continued here.
    """
    path = f"{folder}/marker.json"
    if lake.stat(path) is not None:
        return _read(json.loads(read(lake, path)), len(ranges))
    if lake.list(folder):
        raise CheckpointUnfit(f"the checkpoint of the windows has lost its marker: {CURE}")
    floors = {
        partition: None if range_.start == 0 else _floor(session, kafka, partition, range_)
        for partition, range_ in enumerate(ranges)
    }
    marker = {**_how(), "stores": stores, "floors": {str(partition): floor for partition, floor in floors.items()}}
    write_bytes(lake, path, json.dumps(marker).encode())
    return Marker(stores, floors)


def _read(found: dict[str, Any], partitions: int) -> Marker:
    how = _how()
    other = [name for name, value in how.items() if found.get(name) != value]
    if other:
        raise CheckpointUnfit(f"windows are computed in another way than before ({', '.join(other)}): {CURE}")
    floors = {int(partition): floor for partition, floor in found["floors"].items()}
    if sorted(floors) != list(range(partitions)):
        raise CheckpointUnfit(f"accepted readings lie in other partitions than before: {CURE}")
    return Marker(found["stores"], floors)


def _how() -> dict[str, object]:
    return {
        "format": FORMAT,
        "sizes": {size.name: size.ms for size in SIZES},
        "decimals": SCALES,
        "kept": KEPT,
    }


def _floor(session: SparkSession, kafka: Kafka, partition: int, range_: Range) -> int | None:
    """What had gone from it was measured before: at most the allowed lateness above the watermark by then."""
    records = read_records(session, kafka, ACCEPTED, partition, range_.start, min(range_.end, range_.start + _LOOK))
    first = parse(records).orderBy("offset").select("watermark").first()
    if first is None or first.watermark is None:
        return None
    return int(first.watermark) + int(read_reference("live")["allowedLatenessMs"]["value"])
