"""Keeps the windows query running."""

import json
import threading
from collections.abc import Mapping
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from batch.context import Kafka
from batch.job_failure import JobFailure
from batch.lake import Lake
from stream.checkpoint import CURE, CheckpointUnfit, Marker, open_checkpoint
from stream.faults import judge
from stream.query import Pace, start
from stream.session import open_stream_session
from stream.status import Status
from stream.topics import ACCEPTED, WINDOWED, Range, read_ranges

REST = 5.0
"""Seconds before what was out of reach is tried again."""
TRIES = 3
"""How often a query may end for a reason nobody knows, without a batch in between."""
LOOK = 1
"""Seconds between two looks at a query that runs."""


class GiveUp(Exception):
    """Nothing goes on before somebody has acted; the message says what is wrong and names the cure."""


class Driver:
    """One query on one checkpoint: waits for topics, goes on after outages, gives up where waiting would not help."""

    def __init__(self, lake: Lake, kafka: Kafka, checkpoint: str, status: Status, stores: int, pace: Pace) -> None:
        """`checkpoint` is relative to the store; `stores` holds for a checkpoint that begins."""
        self._lake, self._kafka, self._checkpoint = lake, kafka, checkpoint
        self._stores, self._pace = stores, pace
        self._status = status
        self._stopping = threading.Event()
        self._batches = 0

    def stop(self) -> None:
        """Ends `run` within seconds; a batch under way is done again by the next one."""
        self._stopping.set()

    def run(self) -> None:
        """Returns when it was stopped.

        Raises:
            GiveUp: Waiting would not help.
        """
        self._status.start()
        session = open_stream_session("vitalome windows", self._stores)
        try:
            self._keep(session)
            self._status.stop("stopped")
        except GiveUp as thrown:
            self._status.stop("failed", str(thrown))
            raise
        finally:
            session.stop()

    def _keep(self, session: SparkSession) -> None:
        failed = 0
        while not self._stopping.is_set():
            done = self._batches
            try:
                self._follow(session)
            except CheckpointUnfit as thrown:
                raise GiveUp(str(thrown)) from thrown
            except (StreamingQueryException, Py4JJavaError, JobFailure) as thrown:
                text = str(thrown)
                verdict = judge(text)
                failed = 1 if self._batches > done else failed + 1
                if verdict == "damaged" or (verdict == "unknown" and failed >= TRIES):
                    print(text, flush=True)
                    raise GiveUp(f"the checkpoint of the windows cannot be continued: {CURE}") from thrown
                if verdict == "gone":
                    print(text, flush=True)
                    raise GiveUp(f"readings went from the log before they were read: {CURE}") from thrown
                self._status.say("waiting", "Kafka or HDFS does not answer" if verdict == "wait" else "begins anew")
                print(text[:2_000], flush=True)
                self._stopping.wait(REST)

    def _follow(self, session: SparkSession) -> None:
        """Runs the query until it ends by itself, which raises, or is stopped."""
        ranges = self._await_topics(session)
        if ranges is None:
            return
        marker = open_checkpoint(session, self._lake, self._checkpoint, self._kafka, ranges, self._stores)
        query = self._start(session, marker)
        self._status.say("running")
        try:
            while not self._stopping.is_set():
                query.awaitTermination(LOOK)
                self._look(query)
        finally:
            query.stop()

    def _start(self, session: SparkSession, marker: Marker) -> StreamingQuery:
        session.conf.set("spark.sql.shuffle.partitions", str(marker.stores))
        return start(session, self._kafka, self._lake.uri(self._checkpoint), marker.floors, self._pace)

    def _await_topics(self, session: SparkSession) -> list[Range] | None:
        while not self._stopping.is_set():
            ranges = read_ranges(session, self._kafka, ACCEPTED)
            if ranges is not None and read_ranges(session, self._kafka, WINDOWED) is not None:
                return ranges
            self._status.say("waiting", "the service has not made its topics yet")
            self._stopping.wait(LOOK)
        return None

    def _look(self, query: StreamingQuery) -> None:
        last = query.lastProgress
        # Its own fields hold offsets in the words of Python.
        progress = None if last is None else json.loads(last.json)
        if progress is None or "addBatch" not in progress["durationMs"]:
            return
        number, took = int(progress["batchId"]), int(progress["durationMs"]["triggerExecution"])
        self._batches = max(self._batches, number + 1)
        self._status.batch(number, took, following(progress["sources"]))


def following(sources: list[Mapping[str, Any]]) -> dict[int, int]:
    """By partition, the next offset to read, from what a query tells of its sources."""
    found: dict[int, int] = {}
    for source in sources:
        for offsets in (source["endOffset"] or {}).values():
            found.update({int(partition): int(offset) for partition, offset in offsets.items()})
    return found
