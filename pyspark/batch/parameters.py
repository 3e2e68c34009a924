"""Parameters of jobs, checked where they enter. The worker has checked them before; the messages are its own."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch.job_failure import JobFailure
from batch.lake import FileStat, Lake
from batch.refusal import Refusal

_RAW_ID = re.compile(r"raw:([0-9a-f]{64})/([^/\\\0]{1,255})", re.DOTALL)
_EXTENSION = re.compile(r"(?:\.[A-Za-z0-9]{1,8}){1,2}\Z")


@dataclass(frozen=True)
class RawId:
    """`raw:<sha256>/<name>`: where the bytes lie, and the name they came with."""

    sha256: str
    name: str
    path: str


def parse_raw_id(uri: str) -> RawId:
    """The parts of the id that `PUT /files` answered.

    Raises:
        JobFailure: BAD_USER_INPUT.
    """
    match = _RAW_ID.fullmatch(uri)
    if match is None:
        raise JobFailure("BAD_USER_INPUT", "not the id of an uploaded file")
    extension = _EXTENSION.search(match[2])
    suffix = extension[0].lower() if extension else ""
    return RawId(match[1], match[2], os.path.join("raw", match[1], f"data{suffix}"))


def stat_input(lake: Lake, uri: str) -> FileStat:
    """The stored file of an id.

    Raises:
        Refusal: NOT_FOUND names the file as it was uploaded.
    """
    raw = parse_raw_id(uri)
    found = lake.stat(raw.path)
    if found is None:
        raise Refusal("NOT_FOUND", f"no uploaded file has this id: {raw.name}", field="uri")
    return found


def expect_keys(parameters: Mapping[str, Any], wanted: set[str]) -> None:
    """Refuses parameters with a key too many or too few.

    Raises:
        JobFailure: BAD_USER_INPUT names the first.
    """
    for key in sorted(set(parameters) ^ wanted):
        raise JobFailure("BAD_USER_INPUT", f"{key}: is not a parameter, or is missing")
