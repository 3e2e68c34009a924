"""A DataFrame together with the schema of record it keeps."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemas")

TYPES: Mapping[str, tuple[DataType, pa.DataType]] = {
    "string": (StringType(), pa.string()),
    "int": (IntegerType(), pa.int32()),
    "bigint": (LongType(), pa.int64()),
    "double": (DoubleType(), pa.float64()),
    "boolean": (BooleanType(), pa.bool_()),
    "date": (DateType(), pa.date32()),
    "array<int>": (ArrayType(IntegerType(), True), pa.list_(pa.int32())),
    "array<string>": (ArrayType(StringType(), True), pa.list_(pa.string())),
}
"""Every type a column may have, in Spark and in Arrow."""


@cache
def schema_of(table: str) -> Mapping[str, Any]:
    """The schema of record: `schemas/<table>.json`."""
    with open(os.path.join(SCHEMAS, f"{table}.json"), encoding="utf-8") as file:
        schema: Mapping[str, Any] = json.load(file)
    return schema


def spark_schema(table: str) -> StructType:
    """As Spark reads files of this table."""
    columns = schema_of(table)["columns"]
    return StructType([StructField(column["name"], TYPES[column["type"]][0], True) for column in columns])


def arrow_schema(table: str) -> pa.Schema:
    """As files of this table are written."""
    columns = schema_of(table)["columns"]
    return pa.schema([pa.field(column["name"], TYPES[column["type"]][1]) for column in columns])


@dataclass(frozen=True)
class Table:
    """Rows of one table; made by `table`, which checks the columns."""

    name: str
    frame: DataFrame


def table(name: str, frame: DataFrame) -> Table:
    """Takes a DataFrame as rows of a table: its columns and types are those of the schema, in that order.

    Raises:
        TypeError: A column is missing, or of another type, or there is one too many.
    """
    wanted = {field.name: field.dataType for field in spark_schema(name).fields}
    found = {field.name: field.dataType for field in frame.schema.fields}
    if set(wanted) != set(found):
        raise TypeError(f"{name}: columns {sorted(set(wanted) ^ set(found))} are missing or too many")
    wrong = [column for column, kind in wanted.items() if not _is_same(kind, found[column])]
    if wrong:
        raise TypeError(f"{name}: columns {wrong} are of another type than the schema's")
    return Table(name, frame.select(*wanted))


def empty(session: SparkSession, name: str) -> Table:
    """A table without rows."""
    return Table(name, no_rows(session, spark_schema(name)))


def no_rows(session: SparkSession, schema: StructType) -> DataFrame:
    """A DataFrame that Spark knows to be empty: what is joined with it is not computed."""
    return session.createDataFrame([], schema).limit(0)


def cast_to(name: str, columns: Mapping[str, Column]) -> list[Column]:
    """The columns of a table, in order, each cast and named: the one `select` of a source."""
    schema = spark_schema(name)
    return [columns[field.name].cast(field.dataType).alias(field.name) for field in schema.fields]


def _is_same(left: DataType, right: DataType) -> bool:
    """Whether elements of lists may be null does not matter."""
    if isinstance(left, ArrayType) and isinstance(right, ArrayType):
        return left.elementType == right.elementType
    return left == right
