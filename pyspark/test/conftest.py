"""One Spark session and one store folder for the whole run."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from pyspark.sql import SparkSession

from batch.base_snapshot import BaseSnapshot
from batch.context import JobContext, JobSpec
from batch.lake_folder import FolderLake
from batch.session import open_session


@pytest.fixture(scope="session")
def session() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config(
        "spark.sql.shuffle.partitions", "2"
    ).config("spark.driver.memory", "1g").config(
        "spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    ).getOrCreate()
    opened = open_session("test")
    yield opened
    opened.stop()


@pytest.fixture
def lake(tmp_path: Path) -> FolderLake:
    return FolderLake(str(tmp_path / "store"))


@pytest.fixture
def context(session: SparkSession, lake: FolderLake) -> Iterator[JobContext]:
    def ignore(*_: object) -> None:
        pass

    spec = JobSpec("job-1", "test", {}, 0)
    yield JobContext(spec, session, lake, BaseSnapshot(0, {}), ignore, ignore, Event())
    session.conf.unset("spark.vitalome.rowsPerFile")
