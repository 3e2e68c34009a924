"""Says that a job lives, and hears that it is cancelled, beside whatever Spark does."""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from batch.job_failure import JobFailure
from batch.lake import Lake, write_bytes

BEAT = 3.0
"""Seconds between two heartbeats; the runner expects one every 5."""
LOG_LINES = 1000
CANCEL_GRACE = 20.0
"""Seconds a cancelled job has to end by itself."""

Fraction = float | Callable[[], float] | None


class Heartbeat:
    """Writes `status.json` and `log.json` of a run, and looks for its `cancel`, in a thread of its own.

    Attributes:
        cancel: Set once the job is cancelled.
    """

    def __init__(self, lake: Lake, folder: str, on_cancel: Callable[[], None]) -> None:
        """`on_cancel` ends what Spark runs for the job."""
        self.cancel = threading.Event()
        self.application_id = ""
        self._lake, self._folder, self._on_cancel = lake, folder, on_cancel
        self._fraction: Fraction = None
        self._stage: str | None = None
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._has_news = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begins to beat."""
        self._thread.start()

    def progress(self, fraction: Fraction, stage: str) -> None:
        """How far the job is, or how to find out; without a fraction the one before stays."""
        self._fraction = self._fraction if fraction is None else fraction
        if stage != self._stage:
            self.log(stage)
        self._stage = stage

    def log(self, line: str) -> None:
        """Adds a line to the log, with the time in UTC."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._lines.append(f"{now} {line}")
        self._has_news = True

    def stop(self) -> None:
        """Ends the thread and writes the log a last time."""
        self._ended.set()
        self._thread.join()
        self._write_log()

    def _run(self) -> None:
        beaten = 0.0
        cancelled_at: float | None = None
        while not self._ended.wait(1.0 if beaten else 0.0):
            try:
                if time.monotonic() - beaten >= BEAT:
                    self._write_status()
                    self._write_log()
                    beaten = time.monotonic()
                if cancelled_at is None and self._lake.stat(f"{self._folder}/cancel") is not None:
                    cancelled_at = time.monotonic()
                    self.cancel.set()
                if cancelled_at is not None:
                    # Again and again: the job may have begun another step meanwhile.
                    self._on_cancel()
                    if time.monotonic() - cancelled_at > CANCEL_GRACE:
                        self._write_failure("CANCELED", "the job was cancelled")
                        os._exit(1)
            except JobFailure:
                # A store out of reach is noticed by the job itself, and by whoever waits for the next beat.
                continue

    def _write_status(self) -> None:
        self._write(
            "status.json",
            {
                "heartbeatAt": time.time_ns() // 1_000_000,
                "fraction": self._fraction() if callable(self._fraction) else self._fraction,
                "stage": self._stage,
                "applicationId": self.application_id,
            },
        )

    def _write_log(self) -> None:
        if self._has_news:
            self._has_news = False
            self._write("log.json", list(self._lines))

    def _write_failure(self, code: str, message: str) -> None:
        self._write("failure.json", {"code": code, "message": message})

    def fail(self, code: str, message: str) -> None:
        """Writes `failure.json`."""
        self._write_failure(code, message)

    def _write(self, name: str, value: Any) -> None:  # noqa: ANN401
        write_bytes(self._lake, f"{self._folder}/{name}", json.dumps(value, ensure_ascii=False).encode())
