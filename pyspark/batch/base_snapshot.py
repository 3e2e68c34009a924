"""The published snapshot a job reads."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from batch.job_failure import JobFailure
from batch.lake import Lake, read
from batch.table import Table, empty, spark_schema, table

FORMAT_VERSION = 2


@dataclass(frozen=True)
class DataFile:
    """One data file as the catalog lists it. `meta` holds facts to prune by, such as the call sets inside."""

    path: str
    rows: int
    bytes: int
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class BaseSnapshot:
    """The catalog of `spec.baseSnapshot`; snapshot 0 is the empty store."""

    snapshot: int
    tables: Mapping[str, tuple[DataFile, ...]]

    def files(self, name: str) -> tuple[DataFile, ...]:
        """The data files of one table, in the order of the catalog."""
        return self.tables.get(name, ())

    def rows(self, session: SparkSession, lake: Lake, name: str) -> Table:
        """All rows of one table."""
        return table(name, read_files(session, lake, name, self.files(name)))


def read_files(session: SparkSession, lake: Lake, name: str, files: tuple[DataFile, ...]) -> DataFrame:
    """The rows of some data files of one table. A column a file does not have is null."""
    if not files:
        return empty(session, name).frame
    return session.read.schema(spark_schema(name)).parquet(*(lake.uri(file.path) for file in files))


def read_base_snapshot(lake: Lake, snapshot: int) -> BaseSnapshot:
    """Reads and checks `snapshots/<n>.json`.

    Raises:
        JobFailure: SNAPSHOT_NOT_FOUND, STORAGE_CORRUPT for a damaged catalog, STORAGE_NEWER for one of a later release.
    """
    if snapshot == 0:
        return BaseSnapshot(0, {})
    try:
        text = read(lake, f"snapshots/{snapshot:012d}.json").decode()
    except JobFailure as failure:
        if failure.code != "NOT_FOUND":
            raise
        raise JobFailure("SNAPSHOT_NOT_FOUND", f"there is no snapshot {snapshot}") from failure
    match = re.fullmatch(r'\{"checksum":"([0-9a-f]{64})","catalog":(.*)\}\n', text, re.DOTALL)
    if match is None or hashlib.sha256(match[2].encode()).hexdigest() != match[1]:
        raise JobFailure("STORAGE_CORRUPT", f"the catalog of snapshot {snapshot} is damaged")
    catalog = json.loads(match[2])
    if catalog["formatVersion"] > FORMAT_VERSION:
        raise JobFailure(
            "STORAGE_NEWER", f"the store was written by a later release (format {catalog['formatVersion']})"
        )
    return BaseSnapshot(
        snapshot,
        {
            name: tuple(DataFile(file["path"], file["rows"], file["bytes"], file["meta"]) for file in entries["files"])
            for name, entries in catalog["tables"].items()
        },
    )
