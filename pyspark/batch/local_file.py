"""Files in the scratch folder of an executor, on their way to the lake."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from batch.lake import CHUNK


@dataclass(frozen=True)
class FileChunks:
    """The bytes of a local file; may be read again from the start."""

    path: str

    def __iter__(self) -> Iterator[bytes]:
        with open(self.path, "rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


@contextmanager
def scratch_file() -> Iterator[str]:
    """The path of a new empty file, removed at the end however it comes."""
    # Spark names its own scratch folders, which it removes with the application.
    folders = (os.environ.get("SPARK_LOCAL_DIRS") or "").split(",")
    descriptor, path = tempfile.mkstemp(prefix="vitalome-", dir=folders[0] or None)
    os.close(descriptor)
    try:
        yield path
    finally:
        os.unlink(path)
