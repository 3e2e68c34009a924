"""The events of a range of the log, straight from Kafka, or as they were staged in the lake."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext

COLUMNS: Final = ("partition", "offset", "at", "text")
"""The text is bytes. A staged line says itself where its event lies: then nothing else is there."""

_READ: Final[Mapping[str, str]] = {
    # What a transaction wrote that was given up is no event; its offsets, and those of markers, are holes.
    "kafka.isolation.level": "read_committed",
    "failOnDataLoss": "true",
    "includeHeaders": "false",
    # A broker that restarts is waited for.
    "fetchOffset.numRetries": "10",
    "fetchOffset.retryIntervalMs": "1000",
    "kafkaConsumer.pollTimeoutMs": "60000",
}
_EVENTS_PER_TASK: Final = 250_000


def read_events(context: JobContext, topic: str, start: Sequence[int], end: Sequence[int]) -> DataFrame:
    """Columns `COLUMNS`: the events at `start` or above and below `end`, by partition."""
    if context.kafka is None:
        lines = context.session.read.text(context.lake.uri(context.run_path(f"input/{topic}.ndjson")), lineSep="\n")
        kinds = {"partition": "int", "offset": "bigint", "at": "bigint"}
        nothing = [f.lit(None).cast(kind).alias(name) for name, kind in kinds.items()]
        return lines.select(*nothing, f.col("value").cast("binary").alias("text"))
    name = f"{context.kafka.prefix}{topic}"
    offsets = [{name: {str(partition): at for partition, at in enumerate(side)}} for side in (start, end)]
    events = sum(last - first for first, last in zip(start, end, strict=True))
    reader = (
        context.session.read.format("kafka")
        .options(**_READ)
        .option("kafka.bootstrap.servers", context.kafka.servers)
        .option("subscribe", name)
        .option("startingOffsets", json.dumps(offsets[0]))
        .option("endingOffsets", json.dumps(offsets[1]))
        .option("minPartitions", str(max(1, -(-events // _EVENTS_PER_TASK))))
    )
    return reader.load().select(
        f.col("partition"),
        f.col("offset"),
        f.unix_millis("timestamp").alias("at"),
        # A null value, with which a foreign producer removes a key, is JSON's null.
        f.coalesce(f.col("value"), f.lit(b"null")).alias("text"),
    )
