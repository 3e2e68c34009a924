"""What the query tells of itself."""

import json
import os
from pathlib import Path

from batch.lake import read
from batch.lake_folder import FolderLake
from stream.driver import following
from stream.status import Status


def test_the_last_word_holds_the_places_of_every_batch(lake: FolderLake, tmp_path: Path) -> None:
    beat = tmp_path / "beat.json"
    status = Status(lake, "status.json", str(beat))
    status.start()
    status.batch(1, 900, {0: 5, 1: 7})
    status.batch(2, 800, {1: 9})
    status.stop("failed", "why")
    said = json.loads(read(lake, "status.json"))
    assert {name: said[name] for name in ("state", "message", "batch", "batchMs", "next")} == {
        "state": "failed",
        "message": "why",
        "batch": 2,
        "batchMs": 800,
        "next": {"0": 5, "1": 9},
    }
    assert json.loads(beat.read_text())["pid"] == os.getpid()


def test_places_are_read_from_all_sources_of_a_query() -> None:
    sources = [{"endOffset": {"x.accepted": {"0": 12}}}, {"endOffset": {"x.accepted": {"3": 4}}}, {"endOffset": None}]
    assert following(sources) == {0: 12, 3: 4}
