"""What the windows query tells of itself, for whoever watches it: one small file in the lake."""

import json
import os
import threading
import time
from collections.abc import Mapping
from typing import Any, Literal

from batch.job_failure import JobFailure
from batch.lake import Lake, write_bytes

BEAT = 5.0
"""Seconds between two writes; whoever reads expects one every 30."""

State = Literal["waiting", "running", "failed", "stopped"]


class Status:
    """Writes a file of the store every five seconds, in a thread of its own: whatever the query waits for, it beats.

    `at` is by this process's clock. Beside `state` and `message` stand, of the last batch, its number, how long it
    took, and the next offset of each partition of accepted readings.
    """

    def __init__(self, lake: Lake, path: str, beat: str | None) -> None:
        """`path` is relative to the store; `beat` is a local file that says that this process is there."""
        self._lake, self._path, self._beat = lake, path, beat
        self._state: State = "waiting"
        self._message: str | None = "starting"
        self._batch: dict[str, Any] = {"batch": None, "batchMs": None, "next": {}}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status", daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def say(self, state: State, message: str | None = None) -> None:
        """What is to be told from now on."""
        self._state, self._message = state, message

    def batch(self, number: int, took: int, following: Mapping[int, int]) -> None:
        """A batch was committed: milliseconds it took, and by partition the next offset."""
        known = {**self._batch["next"], **{str(partition): offset for partition, offset in following.items()}}
        self._batch = {"batch": number, "batchMs": took, "next": known}

    def stop(self, state: State, message: str | None = None) -> None:
        """Writes a last time."""
        self._ended.set()
        self._thread.join()
        self.say(state, message)
        self._write()

    def _run(self) -> None:
        self._write()
        while not self._ended.wait(BEAT):
            self._write()

    def _write(self) -> None:
        now = {"at": time.time_ns() // 1_000_000, "state": self._state, "message": self._message}
        if self._beat is not None:
            # First, because it does not wait for HDFS.
            with open(f"{self._beat}.new", "w") as file:
                json.dump({"pid": os.getpid(), **now}, file)
            os.replace(f"{self._beat}.new", self._beat)
        try:
            write_bytes(self._lake, self._path, json.dumps({**now, **self._batch}).encode())
        except JobFailure:
            # A store out of reach is noticed by the query itself, and by whoever waits for the next beat.
            return
