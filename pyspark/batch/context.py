"""What a job may touch: the lake, Spark, and ways to say how far it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from pyspark.sql import SparkSession

from batch.base_snapshot import BaseSnapshot, DataFile, read_files
from batch.job_failure import canceled
from batch.lake import Lake
from batch.result import JobResult
from batch.table import Table, table


@dataclass(frozen=True)
class JobSpec:
    """`runs/<id>/spec.json`."""

    id: str
    kind: str
    parameters: Mapping[str, Any]
    base_snapshot: int


@dataclass(frozen=True)
class Kafka:
    """Where the log is: `host:port`, several by comma, and what stands before the name of every topic."""

    servers: str
    prefix: str


@dataclass(frozen=True)
class JobContext:
    """Handed to every job. The lake alone may be sent to executors.

    Attributes:
        session: The Spark session; its temporary views are the job's own.
        progress: Says how far the job is: a fraction from 0 to 1, how to find it out, or None; and a stage.
        log: Adds a line to the job's log: never the text of a record.
        cancel: Set when the job was cancelled.
        kafka: Where the log is; None where a job finds its part of it staged in the lake.
    """

    spec: JobSpec
    session: SparkSession
    lake: Lake
    base: BaseSnapshot
    progress: Callable[[float | Callable[[], float] | None, str], None]
    log: Callable[[str], None]
    cancel: Event
    kafka: Kafka | None = None

    def throw_if_cancelled(self) -> None:
        """Call between steps; a Spark job that runs is ended by the frame."""
        if self.cancel.is_set():
            raise canceled()

    def rows(self, name: str) -> Table:
        """All rows of one table of the base snapshot."""
        return self.base.rows(self.session, self.lake, name)

    def rows_of(self, name: str, files: tuple[DataFile, ...]) -> Table:
        """The rows of some of its data files."""
        return table(name, read_files(self.session, self.lake, name, files))

    def run_path(self, below: str) -> str:
        """A path of this run."""
        return f"runs/{self.spec.id}/{below}"

    def keep_plan(self, *steps: tuple[str, Any]) -> None:
        """Keeps how Spark runs some steps in `runs/<id>/plan.txt`; see `batch.plan`."""
        from batch.plan import write_plan

        write_plan(self.lake, self.run_path("plan.txt"), steps)


Job = Callable[[JobContext], JobResult]
"""Reads the lake and writes `runs/<id>/data/…`; what it answers is published by the worker, or nothing is."""
