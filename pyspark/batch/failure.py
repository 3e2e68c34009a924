"""What a fault says to the outside: a code of the closed vocabulary, a message, and lines for the job's log."""

import re
from dataclasses import dataclass

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from batch.job_failure import JobFailure
from batch.refusal import Refusal

_FULL = re.compile(r"No space left on device|Disk quota exceeded|QuotaExceededException|STORAGE_FULL")
_CARRIED = re.compile(r"batch\.job_failure\.JobFailure: (?P<message>[^\n]{1,200})")
_RAISED = re.compile(r"^(?:\w+\.)*(\w{1,60}(?:Error|Exception)): ", re.MULTILINE)
_KNOWN = {
    "HDFS is out of reach": "BACKEND_UNAVAILABLE",
    "the store has no room left": "STORAGE_FULL",
    "the store does not let this job do that": "FORBIDDEN",
    "there is no such file in the store": "NOT_FOUND",
}
"""Faults of the store that an executor met: they come back as text."""


@dataclass(frozen=True)
class Failure:
    """How a job failed. Neither message nor log hold the text of a record, a path or a host."""

    code: str
    message: str
    log: tuple[str, ...]


def failure_of(thrown: BaseException) -> Failure:
    """Translates whatever ended the job."""
    if isinstance(thrown, JobFailure | Refusal):
        return Failure(thrown.code, thrown.message, ())
    text = str(thrown) if isinstance(thrown, PySparkException | Py4JJavaError | OSError) else ""
    if _FULL.search(text):
        message = "the disk of the store is full: nothing of this job is published"
        return Failure("STORAGE_FULL", message, ("no space is left where the job writes",))
    carried = _CARRIED.search(text)
    if carried is not None and (code := _KNOWN.get(carried["message"].strip())) is not None:
        return Failure(code, carried["message"].strip(), ())
    # The class of a fault is no one's data; its text may quote a record.
    names = [type(thrown).__name__]
    # What Python raised in an executor comes back as text, of which only the class is taken.
    raised = _RAISED.findall(text)
    if raised:
        names.append(raised[-1])
    condition = thrown.getCondition() if isinstance(thrown, PySparkException) else None
    if condition:
        names.append(str(condition))
    return Failure("EXECUTOR_ERROR", "the job failed; its log names the cause", (f"cause: {' '.join(names)}",))
