"""The store in a local folder: for tests, and for a run beside the embedded profile."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from batch.job_failure import JobFailure
from batch.lake import CHUNK, FileStat, Written


@dataclass(frozen=True)
class FolderLake:
    """Files below `root`. See `batch.lake.Lake`."""

    root: str

    def stream(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of a file or of a range of it."""
        try:
            file = open(self._at(path), "rb")  # noqa: SIM115
        except FileNotFoundError as thrown:
            raise JobFailure("NOT_FOUND", "there is no such file in the store") from thrown
        with file:
            file.seek(offset)
            left = length
            while left is None or left > 0:
                chunk = file.read(CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk

    def write(self, path: str, content: Iterable[bytes]) -> Written:
        """Writes a temporary file and renames it."""
        scratch = self._at(f"scratch/{uuid.uuid4().hex}")
        os.makedirs(os.path.dirname(scratch), exist_ok=True)
        digest = hashlib.sha256()
        count = 0
        with open(scratch, "wb") as file:
            for chunk in content:
                digest.update(chunk)
                count += len(chunk)
                file.write(chunk)
        target = self._at(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(scratch, target)
        return Written(count, digest.hexdigest())

    def stat(self, path: str) -> FileStat | None:
        """None for an absent file, and for a folder."""
        target = self._at(path)
        if not os.path.isfile(target):
            return None
        found = os.stat(target)
        return FileStat(path, found.st_size, found.st_mtime_ns // 1_000_000)

    def list(self, folder: str) -> list[FileStat]:
        """Every file below a folder, in path order."""
        found = []
        for base, _, names in os.walk(self._at(folder)):
            found += [self.stat(os.path.relpath(os.path.join(base, name), self.root)) for name in names]
        return sorted((file for file in found if file is not None), key=lambda file: file.path)

    def remove(self, path: str) -> None:
        """Removes a file or a folder."""
        target = self._at(path)
        if os.path.isdir(target):
            shutil.rmtree(target)
        elif os.path.exists(target):
            os.remove(target)

    def uri(self, path: str) -> str:
        """`file://` and the place."""
        return f"file://{self._at(path)}"

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}"
