"""Writes one release of a source, in the place of the ones before. The twin of `ingest-annotations/release.ts`."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.base_snapshot import DataFile
from batch.context import JobContext
from batch.ingest_annotations.staged_tables import KNOWLEDGE_TABLES, ROW_KEYS
from batch.ingest_lines.staged_rows import StagedRows
from batch.sql_steps import select_step
from batch.table import table
from batch.write_tables import TableOutput

_KEYS = "table_name string, row_key string, content_hash bigint"


class Release(NamedTuple):
    """`released` is an ISO 8601 date, or None where nobody states it."""

    source: str
    version: str
    released: str | None

    def is_source_of(self, file: DataFile) -> bool:
        """Sources are told apart by name in any case."""
        return str(file.meta.get("source", "")).lower() == self.source.lower()


def bind_keys(context: JobContext, staged: StagedRows, release: Release) -> None:
    """Makes `staged_keys` and `existing_keys`: rows of this job, and those the base has of the same release."""
    session = context.session
    keys = [
        session.table(f"staged_{name}").select(
            f.lit(name).alias("table_name"), "row_index", "file_index", "line", "row_key", "content_hash"
        )
        for name in KNOWLEDGE_TABLES
        if staged.has(name) or name == KNOWLEDGE_TABLES[0]
    ]
    _union(keys).createOrReplaceTempView("staged_keys")
    existing = [session.createDataFrame([], _KEYS)]
    for name in KNOWLEDGE_TABLES:
        files = tuple(
            file
            for file in context.base.files(name)
            if release.is_source_of(file) and file.meta.get("version") == release.version
        )
        if files and staged.has(name):
            key = f.concat_ws("\t", *(f.col(column).cast("string") for column in ROW_KEYS[name]))
            rows = context.rows_of(name, files).frame
            existing.append(rows.select(f.lit(name).alias("table_name"), key.alias("row_key"), "content_hash"))
    _union(existing).createOrReplaceTempView("existing_keys")


def write_release(
    context: JobContext, staged: StagedRows, release: Release, output: TableOutput
) -> Mapping[str, list[str]]:
    """Writes what is kept, apart for each table and build, and answers the files it takes the place of.

    Those are other versions of the source in that table and build; a table or build the release says nothing about
    keeps what it has.
    """
    session = context.session
    day = None if release.released is None else date.fromisoformat(release.released)
    row = [(release.source, release.version, day)]
    session.createDataFrame(row, "source string, version string, released_at date").createOrReplaceTempView("release")
    remove: dict[str, list[str]] = {}
    plans = []
    for name in KNOWLEDGE_TABLES:
        if not staged.has(name):
            continue
        kept = select_step(session, name.replace("_", "-")).persist(StorageLevel.DISK_ONLY)
        plans.append((name, kept))
        builds = {None: kept.count()} if name == "gene_disease" else _rows_by_build(kept)
        for build, count in builds.items():
            rows = kept if build is None else kept.where(f.col("build") == build)
            meta = {"source": release.source, "version": release.version, "released": release.released, "build": build}
            if not output.write(table(name, rows), meta, count=count):
                continue
            older = [
                file.path
                for file in context.base.files(name)
                if release.is_source_of(file)
                and file.meta.get("version") != release.version
                and file.meta.get("build") == build
            ]
            if older:
                remove.setdefault(name, []).extend(older)
        kept.unpersist()
    context.keep_plan(*plans)
    return remove


def _rows_by_build(rows: DataFrame) -> dict[str | None, int]:
    return {row["build"]: row["count"] for row in rows.groupBy("build").count().orderBy("build").collect()}


def _union(frames: list[DataFrame]) -> DataFrame:
    first, *rest = frames
    for frame in rest:
        first = first.unionByName(frame)
    return first
