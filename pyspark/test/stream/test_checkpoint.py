"""Whose checkpoint it is."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from batch.context import Kafka
from batch.lake import read, write_bytes
from batch.lake_folder import FolderLake
from stream.checkpoint import CheckpointUnfit, open_checkpoint
from stream.topics import Range

WHOLE = [Range(0, 10), Range(0, 0)]
KAFKA = Kafka("127.0.0.1:1", "")


def test_the_first_start_says_how_windows_are_computed_and_the_next_one_finds_the_same(
    session: SparkSession, lake: FolderLake
) -> None:
    first = open_checkpoint(session, lake, "c", KAFKA, WHOLE, 3)
    assert (first.stores, first.floors) == (3, {0: None, 1: None})
    assert open_checkpoint(session, lake, "c", KAFKA, WHOLE, 8) == first


def test_another_way_of_computing_is_refused_with_the_cure(session: SparkSession, lake: FolderLake) -> None:
    open_checkpoint(session, lake, "c", KAFKA, WHOLE, 1)
    marker = json.loads(read(lake, "c/marker.json"))
    write_bytes(lake, "c/marker.json", json.dumps({**marker, "sizes": {"PT1M": 1}}).encode())
    with pytest.raises(CheckpointUnfit, match=r"\(sizes\): vitalome stack rebuild-windows"):
        open_checkpoint(session, lake, "c", KAFKA, WHOLE, 1)


def test_a_checkpoint_without_its_marker_is_refused(session: SparkSession, lake: FolderLake, tmp_path: Path) -> None:
    write_bytes(lake, "c/offsets/0", b"v1")
    with pytest.raises(CheckpointUnfit, match="lost its marker"):
        open_checkpoint(session, lake, "c", KAFKA, WHOLE, 1)


def test_a_topic_of_other_partitions_is_refused(session: SparkSession, lake: FolderLake) -> None:
    open_checkpoint(session, lake, "c", KAFKA, WHOLE, 1)
    with pytest.raises(CheckpointUnfit, match="other partitions"):
        open_checkpoint(session, lake, "c", KAFKA, WHOLE[:1], 1)
