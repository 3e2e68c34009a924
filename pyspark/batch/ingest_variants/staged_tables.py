"""The staging tables: Parquet below `runs/<id>/scratch/`, where rows wait until duplicates are known."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa
from pyspark.sql.types import BinaryType, DataType, StructField, StructType

from batch.table import TYPES

_ROW: Final = {"unit": "int", "vi": "bigint", "file_index": "int"}
_PLACE: Final = {"call_set_id": "string", "build": "string", "contig": "string", "contig_rank": "int"}
_RECORD: Final = {
    "sample_count": "int",
    "groups_id": "string",
    "group_counts": "array<int>",
    "content_hash": "bigint",
}

Tables = Mapping[str, Mapping[str, str]]
"""Columns and their types by kind of row."""

COLUMNS: Final[Tables] = {
    "variants": {
        **_ROW,
        "line": "int",
        "alt_index": "int",
        **_PLACE,
        "pos": "int",
        "ref": "string",
        "alt": "string",
        "variant_type": "string",
        "normalisation": "string",
        "ids": "string",
        "qual": "double",
        "filters": "string",
        "info": "string",
        "original_pos": "int",
        "original_ref": "string",
        "original_alts": "string",
        "base_gt": "string",
        **_RECORD,
    },
    "structural": {
        **_ROW,
        "line": "int",
        "alt_index": "int",
        **_PLACE,
        "pos": "int",
        "end_pos": "int",
        "ref": "string",
        "alt": "string",
        "sv_type": "string",
        "sv_len": "int",
        "ci_pos": "string",
        "ci_end": "string",
        "mate_id": "string",
        "imprecise": "boolean",
        "copy_number": "double",
        "ids": "string",
        "qual": "double",
        "filters": "string",
        "info": "string",
        **_RECORD,
    },
    "blocks": {
        **_ROW,
        "line": "int",
        "call_set_id": "string",
        "sample_id": "string",
        "build": "string",
        "contig": "string",
        "contig_rank": "int",
        "start_pos": "int",
        "end_pos": "int",
        "ref": "string",
        "gt": "string",
        "min_gq": "int",
        "min_dp": "int",
        "content_hash": "bigint",
    },
    # One row per alternate: its calls as columns of 32-bit integers, little-endian, in the order of samples. Codes are
    # places in the lists of texts beside them.
    "calls": {
        "unit": "int",
        "vi": "bigint",
        "sample_index": "binary",
        "gt": "binary",
        "gt_texts": "array<string>",
        "dp": "binary",
        "gq": "binary",
        "ad_ref": "binary",
        "ad_alt": "binary",
        "phase_set": "binary",
        "phase_set_texts": "array<string>",
        "filters": "binary",
        "filters_texts": "array<string>",
    },
    "genotypes": {"unit": "int", "text": "string", "alt_index": "int", "genotype_class": "string"},
    "rejected": {"unit": "int", "file_index": "int", "line": "int", "rule": "string", "text": "binary"},
}
"""Columns by table. `unit` is the number of the reading that gave the row: see `Unit`."""


def staged_arrow(kind: str, tables: Tables = COLUMNS) -> pa.Schema:
    """As executors write it."""
    return pa.schema([pa.field(name, _arrow(column)) for name, column in tables[kind].items()])


def staged_spark(kind: str, tables: Tables = COLUMNS) -> StructType:
    """As Spark reads it."""
    return StructType([StructField(name, _spark(column), True) for name, column in tables[kind].items()])


def _arrow(column: str) -> pa.DataType:
    return pa.binary() if column == "binary" else TYPES[column][1]


def _spark(column: str) -> DataType:
    return BinaryType() if column == "binary" else TYPES[column][0]
