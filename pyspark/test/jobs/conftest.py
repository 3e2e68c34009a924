"""Both profiles side by side."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from twin.both_jobs import BothProfiles, Embedded


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    started = Embedded()
    yield started
    started.close()


@pytest.fixture
def both(embedded: Embedded, session: SparkSession, tmp_path: Path) -> BothProfiles:
    return BothProfiles(embedded, session, tmp_path)
