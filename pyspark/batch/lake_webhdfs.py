"""The store in HDFS, over WebHDFS, with nothing but Python's own HTTP client."""

import hashlib
import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from batch.job_failure import JobFailure
from batch.lake import CHUNK, FileStat, Written

TIMEOUT = 60
"""Seconds one call may stay silent."""
PATIENCE = 60.0
"""Seconds in which a NameNode may restart or leave safe mode before the job gives up."""

Answer = TypeVar("Answer")


class _Passing(Exception):
    """A fault that may be over when the call is made again."""


@dataclass(frozen=True)
class WebHdfsLake:
    """Files below `root` of the file system at `hdfs`. See `batch.lake.Lake`.

    Attributes:
        hdfs: Such as `hdfs://127.0.0.1:8020`, as Spark reads it.
        root: Absolute path of the store.
        webhdfs: Such as `http://127.0.0.1:9870`.
        user: On whose behalf.
    """

    hdfs: str
    root: str
    webhdfs: str
    user: str

    def stream(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of a file or of a range of it. A connection that breaks is taken up where it broke."""
        if length == 0:
            return
        done = 0
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                for chunk in self._open(path, offset + done, None if length is None else length - done):
                    done += len(chunk)
                    yield chunk
                    deadline = time.monotonic() + PATIENCE
                return
            except _Passing as passing:
                _pause(passing, deadline)

    def write(self, path: str, content: Iterable[bytes]) -> Written:
        """Writes a temporary file and renames it over what is there.

        What fails on the way is tried again, unless the content can be read only once, as a generator can.
        """
        name = f"scratch/{uuid.uuid4().hex}"
        target = self._absolute(path)
        if iter(content) is not content:
            written = _retrying(lambda: self._create(name, content))
        else:
            try:
                written = self._create(name, content)
            except _Passing as passing:
                raise _out_of_reach() from passing
        self._call("PUT", target.rsplit("/", 1)[0], op="MKDIRS")
        try:
            self._call("PUT", self._absolute(name), op="RENAME", destination=target, renameoptions="OVERWRITE")
        except JobFailure as failure:
            # The answer of a rename that was made may be lost, and its repeat finds nothing to rename.
            found = self.stat(path) if failure.code == "NOT_FOUND" else None
            if found is None or found.bytes != written.bytes:
                raise
        return written

    def stat(self, path: str) -> FileStat | None:
        """None for an absent file, and for a folder."""
        try:
            found = self._call("GET", self._absolute(path), op="GETFILESTATUS")["FileStatus"]
        except JobFailure as failure:
            if failure.code == "NOT_FOUND":
                return None
            raise
        return None if found["type"] != "FILE" else FileStat(path, found["length"], found["modificationTime"])

    def list(self, folder: str) -> list[FileStat]:
        """Every file below a folder, in path order."""
        try:
            entries = self._call("GET", self._absolute(folder), op="LISTSTATUS")["FileStatuses"]["FileStatus"]
        except JobFailure as failure:
            if failure.code == "NOT_FOUND":
                return []
            raise
        found: list[FileStat] = []
        for entry in entries:
            path = f"{folder}/{entry['pathSuffix']}".lstrip("/")
            if entry["type"] == "FILE":
                found.append(FileStat(path, entry["length"], entry["modificationTime"]))
            else:
                found += self.list(path)
        return sorted(found, key=lambda file: file.path)

    def remove(self, path: str) -> None:
        """Removes a file or a folder."""
        self._call("DELETE", self._absolute(path), op="DELETE", recursive="true")

    def uri(self, path: str) -> str:
        """`hdfs://` and the place."""
        return f"{self.hdfs}{self._absolute(path)}"

    def _absolute(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _url(self, absolute: str, **parameters: str) -> str:
        query = urlencode({**parameters, "user.name": self.user})
        return f"{self.webhdfs}/webhdfs/v1{quote(absolute)}?{query}"

    def _call(self, method: str, absolute: str, **parameters: str) -> Any:  # noqa: ANN401
        def once() -> Any:  # noqa: ANN401
            with _Exchange(method, self._url(absolute, **parameters)) as answer:
                text = answer.read()
            return json.loads(text) if text else None

        return _retrying(once)

    def _open(self, path: str, offset: int, length: int | None) -> Iterator[bytes]:
        parameters = {"op": "OPEN", "offset": str(offset)}
        if length is not None:
            parameters["length"] = str(length)
        try:
            place = self._redirect("GET", self._url(self._absolute(path), **parameters))
        except _BeyondEnd:
            return
        with _Exchange("GET", place) as answer:
            expected = answer.length
            read = 0
            while chunk := answer.read(CHUNK):
                read += len(chunk)
                yield chunk
            if expected is not None and read < expected:
                raise _Passing("a stream was cut off")

    def _create(self, path: str, content: Iterable[bytes]) -> Written:
        absolute = self._absolute(path)
        place = self._redirect("PUT", self._url(absolute, op="CREATE", overwrite="true"))
        digest = hashlib.sha256()
        count = 0

        def counted() -> Iterator[bytes]:
            nonlocal count
            for chunk in content:
                if not chunk:
                    continue
                digest.update(chunk)
                count += len(chunk)
                yield chunk

        with _Exchange("PUT", place, counted()) as answer:
            answer.read()
        stored = self._call("GET", absolute, op="GETFILESTATUS")["FileStatus"]["length"]
        if stored != count:
            raise _Passing(f"{stored} bytes were stored of {count}")
        return Written(count, digest.hexdigest())

    def _redirect(self, method: str, url: str) -> str:
        """The DataNode that the NameNode names."""
        with _Exchange(method, url, redirect=True) as answer:
            place = answer.headers["Location"]
        if place is None:
            raise _Passing("no DataNode was named")
        return place


class _BeyondEnd(Exception):
    """The range starts at the end of the file or past it."""


class _Exchange:
    """One request and its answer; faults become `JobFailure`, or `_Passing` where another try may help."""

    def __init__(self, method: str, url: str, body: Iterator[bytes] | None = None, redirect: bool = False) -> None:
        self._method, self._url, self._body, self._redirect = method, url, body, redirect
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> http.client.HTTPResponse:
        address = urlsplit(self._url)
        client = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        try:
            self._connection = client(address.netloc, timeout=TIMEOUT)
            headers = {"Content-Type": "application/octet-stream"} if self._body is not None else {}
            target = f"{address.path}?{address.query}"
            self._connection.request(self._method, target, self._body, headers, encode_chunked=self._body is not None)
            answer = self._connection.getresponse()
            if answer.status in ((307, 302) if self._redirect else (200, 201)):
                return answer
            raise _fault(answer.status, answer.read(1 << 16))
        except (OSError, http.client.HTTPException) as thrown:
            self.close()
            raise _Passing(type(thrown).__name__) from thrown
        except BaseException:
            self.close()
            raise

    def __exit__(self, kind: type[BaseException] | None, thrown: BaseException | None, _: object) -> None:
        self.close()
        if isinstance(thrown, OSError | http.client.HTTPException):
            raise _Passing(type(thrown).__name__) from thrown

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


_FULL = ("DSQuotaExceededException", "NSQuotaExceededException", "QuotaExceededException", "DiskOutOfSpaceException")


def _fault(status: int, body: bytes) -> Exception:
    """What a refusal means. Detail stays here: it names hosts and paths."""
    try:
        remote = json.loads(body)["RemoteException"]
        kind, text = str(remote.get("exception", "")), str(remote.get("message", ""))
    except (ValueError, KeyError, TypeError):
        kind, text = "", ""
    if kind == "FileNotFoundException":
        return JobFailure("NOT_FOUND", "there is no such file in the store")
    if kind in ("AccessControlException", "SecurityException"):
        return JobFailure("FORBIDDEN", "the store does not let this job do that")
    if kind in _FULL or "No space left" in text:
        return JobFailure("STORAGE_FULL", "the store has no room left")
    if "Offset=" in text and "out of the range" in text:
        return _BeyondEnd()
    if status >= 500 or kind in ("StandbyException", "RetriableException", "SafeModeException"):
        return _Passing(f"{status} {kind}")
    # A NameNode in safe mode answers 403, and one that just starts 404 without a cause.
    if kind == "" or "safe mode" in text:
        return _Passing(f"{status}")
    return JobFailure("EXECUTOR_ERROR", f"the store refused a request ({kind})")


def _out_of_reach() -> JobFailure:
    return JobFailure("BACKEND_UNAVAILABLE", "HDFS is out of reach")


def _pause(passing: _Passing, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise _out_of_reach() from passing
    time.sleep(0.5)


def _retrying(work: Callable[[], Answer]) -> Answer:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except _Passing as passing:
            _pause(passing, deadline)
