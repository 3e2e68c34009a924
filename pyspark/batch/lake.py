"""The store: whole files under one root, over WebHDFS or in a local folder.

Paths are relative to the root, with `/`. A lake is small, can be pickled, and is used in driver and executors alike.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True)
class FileStat:
    """A whole file. `path` is relative to the root; `modified_at` is in milliseconds since the epoch."""

    path: str
    bytes: int
    modified_at: int


@dataclass(frozen=True)
class Written:
    """What was written: its length and the hexadecimal SHA-256 of it."""

    bytes: int
    sha256: str


CHUNK = 1 << 20
"""Bytes of one piece of a stream."""


class Lake(Protocol):
    """What jobs do with stored files. A file is seen whole or not at all, whoever writes it."""

    def stream(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of a file or of a range of it, cut at its end.

        Raises:
            JobFailure: NOT_FOUND when there is no such file; BACKEND_UNAVAILABLE when the store is out of reach.
        """
        ...

    def write(self, path: str, content: Iterable[bytes]) -> Written:
        """Writes a file whole, in the place of one that is there. Bounded memory."""
        ...

    def stat(self, path: str) -> FileStat | None:
        """None when there is no such file."""
        ...

    def list(self, folder: str) -> list[FileStat]:
        """Every file below a folder, in path order. An absent folder is empty."""
        ...

    def remove(self, path: str) -> None:
        """Removes a file, or a folder and all below it. What is not there is no error."""
        ...

    def uri(self, path: str) -> str:
        """The address by which Spark itself reads and writes this path."""
        ...


def read(lake: Lake, path: str, offset: int = 0, length: int | None = None) -> bytes:
    """A small file, or a range of one, as a whole."""
    return b"".join(lake.stream(path, offset, length))


def write_bytes(lake: Lake, path: str, content: bytes) -> Written:
    """Writes a small file."""
    return lake.write(path, (content,))


def open_lake(store: str, webhdfs: str | None, user: str) -> Lake:
    """The lake at `hdfs://host:port/root` (read and written through `webhdfs`), or in a local folder `file:///root`."""
    from batch.lake_folder import FolderLake
    from batch.lake_webhdfs import WebHdfsLake

    address = urlsplit(store)
    if address.scheme == "file":
        return FolderLake(address.path.rstrip("/"))
    if webhdfs is None:
        raise ValueError("a store in HDFS needs the address of WebHDFS")
    return WebHdfsLake(f"{address.scheme}://{address.netloc}", address.path.rstrip("/"), webhdfs.rstrip("/"), user)
