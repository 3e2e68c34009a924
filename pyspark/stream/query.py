"""The query: accepted readings in, windows out.

Of each partition of accepted readings, what touches windows; readings added up per part; parts merged into windows of
every size. Two aggregations follow each other. Spark warns of that, as what the first lets out may be late for the
second. Here it never is: a reading on time lies in a part that ends behind its partition's watermark, so its longest
window begins less than an hour before the slowest partition's watermark, and windows are kept for two.

Kafka in, Kafka out, `update` mode, no `foreachBatch`, nothing that calls Python: the shape that Spark's Real-time Mode
takes. In Spark 4.1 that mode takes no aggregation, and PySpark has no trigger for it; aggregations come with 4.3. What
is then left to change is the trigger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery

from batch.context import Kafka
from stream.parts import add_up
from stream.readings import parse, touching
from stream.sizes import SIZES
from stream.topics import ACCEPTED, WINDOWED, read_partition
from stream.windows import merge, to_events


@dataclass(frozen=True)
class Pace:
    """How much is done at once.

    Attributes:
        every: Milliseconds from the start of a batch to that of the next, at least.
        most: Records of one partition in one batch.
    """

    every: int = 2_000
    most: int = 20_000


def start(
    session: SparkSession, kafka: Kafka, checkpoint: str, floors: Mapping[int, int | None], pace: Pace
) -> StreamingQuery:
    """Starts where the checkpoint left off; without one, at the beginning of the log.

    Args:
        session: As `stream.session` opens it.
        kafka: Where the log is.
        checkpoint: Address of a folder.
        floors: By partition, the time before which no window is computed; None where the log is whole.
        pace: How much is done at once.
    """
    parts = [
        touching(above(parse(read_partition(session, kafka, ACCEPTED, partition, pace.most)), floor))
        for partition, floor in floors.items()
    ]
    events = to_events(merge(add_up(reduce(DataFrame.unionByName, parts))))
    return (
        events.writeStream.queryName("windows")
        .format("kafka")
        .option("kafka.bootstrap.servers", kafka.servers)
        .option("topic", kafka.prefix + WINDOWED)
        .option("checkpointLocation", checkpoint)
        .outputMode("update")
        .trigger(processingTime=f"{pace.every} milliseconds")
        .start()
    )


def above(readings: DataFrame, floor: int | None) -> DataFrame:
    """Without those whose longest window begins before a time: some of its readings may be gone from the log."""
    if floor is None:
        return readings
    longest = SIZES[-1].ms
    return readings.where(F.expr(f"effectiveTime - pmod(effectiveTime, {longest}) >= {floor}"))
