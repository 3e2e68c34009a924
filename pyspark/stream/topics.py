"""Topics of the log in Kafka."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from batch.context import Kafka

ACCEPTED = "vitals.accepted.v1"
WINDOWED = "vitals.windowed.v1"


@dataclass(frozen=True)
class Range:
    """Of one partition, the first offset that is there and the one the next event gets."""

    start: int
    end: int


def read_ranges(session: SparkSession, kafka: Kafka, topic: str) -> list[Range] | None:
    """One range per partition; None while there is no such topic."""
    jvm: Any = session._jvm
    settings = jvm.java.util.Properties()
    settings.put("bootstrap.servers", kafka.servers)
    settings.put("default.api.timeout.ms", "15000")
    settings.put("request.timeout.ms", "10000")
    admin = jvm.org.apache.kafka.clients.admin.AdminClient.create(settings)
    try:
        name = kafka.prefix + topic
        if not admin.listTopics().names().get().contains(name):
            return None
        described = admin.describeTopics(jvm.java.util.Collections.singleton(name)).allTopicNames().get().get(name)
        count = described.partitions().size()
        start, end = (_offsets(jvm, admin, name, count, spec) for spec in ("earliest", "latest"))
        return [Range(*both) for both in zip(start, end, strict=True)]
    finally:
        admin.close()


def _offsets(jvm: Any, admin: Any, name: str, count: int, spec: str) -> list[int]:  # noqa: ANN401
    places = [jvm.org.apache.kafka.common.TopicPartition(name, partition) for partition in range(count)]
    asked = jvm.java.util.HashMap()
    for place in places:
        asked.put(place, getattr(jvm.org.apache.kafka.clients.admin.OffsetSpec, spec)())
    found = admin.listOffsets(asked).all().get()
    return [found.get(place).offset() for place in places]


def read_partition(session: SparkSession, kafka: Kafka, topic: str, partition: int, most: int) -> DataFrame:
    """One partition from its start, then live: what its producers have committed, so many records at once at most."""
    name = kafka.prefix + topic
    return (
        session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", kafka.servers)
        .option("kafka.isolation.level", "read_committed")
        .option("assign", f'{{"{name}": [{partition}]}}')
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", most)
        .load()
    )


def read_records(session: SparkSession, kafka: Kafka, topic: str, partition: int, start: int, end: int) -> DataFrame:
    """What there is of one partition between two offsets."""
    name = kafka.prefix + topic
    return (
        session.read.format("kafka")
        .option("kafka.bootstrap.servers", kafka.servers)
        .option("kafka.isolation.level", "read_committed")
        .option("assign", f'{{"{name}": [{partition}]}}')
        .option("startingOffsets", f'{{"{name}": {{"{partition}": {start}}}}}')
        .option("endingOffsets", f'{{"{name}": {{"{partition}": {end}}}}}')
        .load()
    )
