import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.table import Table, table
from batch.write_tables import TableOutput


def groups(context: JobContext, rows: int) -> Table:
    """Rows of `sample_groups`, in no order."""
    frame = context.session.range(0, rows).select(
        f.lit("g-1").alias("groups_id"),
        ((f.col("id") * 7919) % rows).cast("int").alias("group_index"),
        f.when(f.col("id") % 2 == 0, f.lit("GBR")).alias("population"),
        f.lit(None).cast("string").alias("sex"),
        f.lit(1).alias("sample_count"),
    )
    return table("sample_groups", frame.repartition(3))


def test_a_table_is_sorted_across_files_of_bounded_size(context: JobContext) -> None:
    context.session.conf.set("spark.vitalome.rowsPerFile", "100")
    output = TableOutput(context)
    written = output.write(groups(context, 950), {"a": 1}, ["group_index"])
    read = [pq.read_table(context.lake.uri(file.path).removeprefix("file://")) for file in written]
    assert len(written) >= 10
    assert max(file.rows for file in written) < 200
    assert [index for part in read for index in part["group_index"].to_pylist()] == list(range(950))


def test_what_is_said_of_a_file_is_so(context: JobContext) -> None:
    (file,) = TableOutput(context).write(groups(context, 10), {"a": 1})
    content = Path(context.lake.uri(file.path).removeprefix("file://")).read_bytes()
    assert file.path == "runs/job-1/data/sample_groups/part-00000.parquet"
    assert (file.rows, file.bytes, file.meta) == (10, len(content), {"a": 1})
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_a_folder_of_data_holds_nothing_but_parquet(context: JobContext) -> None:
    output = TableOutput(context)
    output.write(groups(context, 10), {})
    output.write(groups(context, 5), {})
    assert [file.path for file in context.lake.list("runs/job-1")] == [file.path for file in output.written]
    assert [file.path[-18:] for file in output.written] == ["part-00000.parquet", "part-00001.parquet"]


def test_no_rows_leave_no_file(context: JobContext) -> None:
    assert (
        TableOutput(context).write(groups(context, 1).__class__("sample_groups", groups(context, 1).frame.limit(0)), {})
        == []
    )
    assert context.lake.list("runs") == []


def test_rows_that_belong_together_lie_in_one_file(context: JobContext) -> None:
    context.session.conf.set("spark.vitalome.rowsPerFile", "10")
    frame = groups(context, 100).frame.withColumn("group_index", (f.col("group_index") / 25).cast("int"))
    written = TableOutput(context).write(table("sample_groups", frame), {}, together=["groups_id", "group_index"])
    held = [
        set(pq.read_table(context.lake.uri(file.path).removeprefix("file://"))["group_index"].to_pylist())
        for file in written
    ]
    assert sum(len(part) for part in held) == len(set().union(*held)) == 4


def test_nulls_come_last(context: JobContext) -> None:
    (file,) = TableOutput(context).write(groups(context, 4), {}, ["population", "group_index"])
    read = pq.read_table(context.lake.uri(file.path).removeprefix("file://"))
    assert read["population"].to_pylist() == ["GBR", "GBR", None, None]


def test_a_frame_with_other_columns_is_no_table(context: JobContext) -> None:
    with pytest.raises(TypeError, match="sample_count"):
        table("sample_groups", groups(context, 1).frame.drop("sample_count"))
    with pytest.raises(TypeError, match="group_index"):
        table("sample_groups", groups(context, 1).frame.withColumn("group_index", f.lit("1")))
