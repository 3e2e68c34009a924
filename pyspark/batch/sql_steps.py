"""Runs the relational steps of `sql/`, which DuckDB runs in the embedded profile, as Spark views."""

import os
import re

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from batch.session import FOLDER

_SQL = os.path.join(os.path.dirname(FOLDER), "sql")
_SHARED = (
    "CREATE OR REPLACE TEMPORARY FUNCTION list_extract(list ARRAY<INT>, place INT) RETURNS INT "
    "RETURN try_element_at(list, place)",
    "CREATE OR REPLACE TEMPORARY FUNCTION list_sort(list ARRAY<STRING>) RETURNS ARRAY<STRING> RETURN array_sort(list)",
    "CREATE OR REPLACE TEMPORARY FUNCTION array_to_string(list ARRAY<STRING>, between STRING) RETURNS STRING "
    "RETURN array_join(list, between)",
)
"""Functions of DuckDB by their name there. Places in a list count from 1."""
_HEAD = re.compile(r"\s*CREATE TABLE (\w+) AS\s", re.IGNORECASE)


def sql_file(name: str) -> str:
    """The text of a step, without its comments."""
    with open(os.path.join(_SQL, f"{name}.sql"), encoding="utf-8") as file:
        return "".join(line for line in file if not line.lstrip().startswith("--"))


def define_functions(session: SparkSession) -> None:
    """Makes the functions that steps use known to Spark."""
    for function in _SHARED:
        session.sql(function)


def select_step(session: SparkSession, name: str) -> DataFrame:
    """The rows of a step that is a SELECT; what it reads are temporary views of the session."""
    return session.sql(sql_file(name))


def run_step(session: SparkSession, name: str) -> DataFrame:
    """Runs a step that is a CREATE TABLE … AS SELECT: its rows become a temporary view of that name.

    The rows are computed once, when they are first wanted, and kept on disk until the session ends.
    """
    text = sql_file(name)
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"sql/{name}.sql makes no table")
    rows = session.sql(text[head.end() :]).persist(StorageLevel.DISK_ONLY)
    rows.createOrReplaceTempView(head[1])
    return rows
