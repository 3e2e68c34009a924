"""Writes what a caller selected as one file. The twin of `src/jobs/export.ts`."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from batch.context import JobContext
from batch.domain.export import EXTENSIONS, ORDER, export_columns, export_folder, export_path
from batch.export.statement import decode_statement, spark_text
from batch.export.vcf_text import VCF_COLUMNS
from batch.export.write_file import ExportTarget, write_export
from batch.job_failure import JobFailure
from batch.parameters import expect_keys
from batch.result import JobResult
from batch.sql_steps import define_functions

TABLES = ("variants", "call_sets", "calls_by_sample", "annotations")
_ANSWER = "rows bigint, bytes bigint, sha256 string, code string, message string"


def export_variants(context: JobContext) -> JobResult:
    """A row per allele and call set, in key order, as `exports/<job>/variants.<format>`. Publishes nothing.

    The statement came with the job; it has the filter and the caller's policy in it. One task writes the file, from
    rows that Spark has sorted.
    """
    parameters = context.spec.parameters
    expect_keys(parameters, {"filter", "format", "fields", "snapshot", "statement"})
    file_format, fields = parameters["format"], parameters["fields"]
    columns = VCF_COLUMNS if file_format == "VCF_BGZ" else export_columns(fields)
    if file_format not in EXTENSIONS or not columns or (fields is not None and len(fields) > len(columns)):
        raise JobFailure("BAD_USER_INPUT", "format, fields: are none of an export")
    job = context.spec.id
    target = ExportTarget(context.lake, export_path(job, file_format), file_format, columns)
    try:
        context.progress(0.05, "selecting rows")
        file = write_rows(context, selected(context), target)
        context.throw_if_cancelled()
    except BaseException:
        context.lake.remove(export_folder(job))
        raise
    return JobResult(export={"path": target.path, "format": file_format, **file})


def selected(context: JobContext) -> DataFrame:
    """The rows of the statement, which sees the tables of the job's snapshot by their names."""
    parameters = context.spec.parameters
    define_functions(context.session)
    for name in TABLES:
        context.rows(name).frame.createOrReplaceTempView(name)
    return context.session.sql(spark_text(decode_statement(parameters["statement"]), parameters["snapshot"]))


def write_rows(context: JobContext, rows: DataFrame, target: ExportTarget) -> dict[str, Any]:
    """Writes the file; answers its rows, bytes and checksum.

    Raises:
        JobFailure: The rows do not fit the format.
    """
    names = dict.fromkeys((*ORDER, *(column.name for column in target.columns)))
    order = [f.col(name).asc_nulls_last() for name in ORDER]
    sorted_rows = rows.select(*names).repartition(1).sortWithinPartitions(*order)
    context.keep_plan(("export", sorted_rows))
    context.progress(0.1, "writing the file")

    def write(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        code = message = written = None
        count = 0
        try:
            count, written = write_export(target, batches)
        except JobFailure as failure:
            code, message = failure.code, failure.message
        cells = [[count], [written.bytes if written else 0], [written.sha256 if written else ""], [code], [message]]
        types = [pa.int64(), pa.int64(), pa.string(), pa.string(), pa.string()]
        arrays = [pa.array(cell, kind) for cell, kind in zip(cells, types, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, ["rows", "bytes", "sha256", "code", "message"])

    answers = sorted_rows.mapInArrow(write, _ANSWER).collect()
    if not answers:
        # Spark does not run a task over what it knows to be empty.
        count, written = write_export(target, ())
        return {"rows": count, "bytes": written.bytes, "sha256": written.sha256}
    answer = answers[0]
    if answer["code"] is not None:
        raise JobFailure(answer["code"], answer["message"])
    return {"rows": answer["rows"], "bytes": answer["bytes"], "sha256": answer["sha256"]}
