"""The Python writers of an export give the bytes that the TypeScript writers give: both are held to one fixture."""

import gzip
import json
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batch.domain.export import export_columns
from batch.export.bgzf_writer import END_OF_FILE, TEXT_BLOCK
from batch.export.text_rows import csv_row, ndjson_row
from batch.export.vcf_text import VCF_COLUMNS
from batch.export.write_file import TYPES, ExportTarget, write_export
from batch.job_failure import JobFailure
from batch.lake import read
from batch.lake_folder import FolderLake

FIXTURE = Path(__file__).parents[3] / "test" / "fixtures" / "export"
GIVEN = json.loads((FIXTURE / "rows.json").read_text(encoding="utf-8"))
COLUMNS = export_columns(GIVEN["columns"])


def batches(rows: list[list[object]]) -> Iterator[pa.RecordBatch]:
    """Two rows each, with a column that no export has."""
    schema = pa.schema([pa.field("contig_rank", pa.int32()), *((c.name, TYPES[c.type]) for c in COLUMNS)])
    for at in range(0, len(rows), 2):
        cells = zip(*([1, *row] for row in rows[at : at + 2]), strict=True)
        yield pa.RecordBatch.from_arrays(
            [pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)], schema=schema
        )


def written(lake: FolderLake, file_format: str, rows: list[list[object]] | None = None) -> bytes:
    columns = VCF_COLUMNS if file_format == "VCF_BGZ" else COLUMNS
    given = GIVEN["rows"] if rows is None else rows
    count, file = write_export(ExportTarget(lake, "exports/j/file", file_format, columns), batches(given))
    content = read(lake, "exports/j/file")
    assert (count, file.bytes) == (len(given), len(content))
    return content


@pytest.mark.parametrize(("file_format", "name"), [("CSV", "rows.csv"), ("NDJSON", "rows.ndjson")])
def test_text_is_byte_for_byte_what_the_twin_writes(lake: FolderLake, file_format: str, name: str) -> None:
    assert written(lake, file_format) == (FIXTURE / name).read_bytes()


def test_vcf_is_what_the_twin_writes_in_blocks_that_bgzip_reads(lake: FolderLake) -> None:
    content = written(lake, "VCF_BGZ")
    assert gzip.decompress(content) == (FIXTURE / "rows.vcf").read_bytes()
    assert content.endswith(END_OF_FILE)


def test_a_long_vcf_is_cut_into_blocks_of_at_most_64_kib(lake: FolderLake) -> None:
    rows = [[*GIVEN["rows"][1][:5], "x" * 300, *GIVEN["rows"][1][6:]] for _ in range(1_000)]
    content = written(lake, "VCF_BGZ", rows)
    at, texts = 0, []
    while at < len(content):
        size = int.from_bytes(content[at + 16 : at + 18], "little") + 1
        texts.append(gzip.decompress(content[at : at + size]))
        at += size
    assert at == len(content) and texts[-1] == b"" and max(map(len, texts)) == TEXT_BLOCK
    assert b"".join(texts).count(b"\t" + b"x" * 300 + b"\t") == 1_000


@pytest.mark.parametrize("file_format", ["PARQUET", "ARROW_IPC"])
@pytest.mark.parametrize("rows", [GIVEN["rows"], []])
def test_columns_keep_their_types_and_rows_their_cells(
    lake: FolderLake, file_format: str, rows: list[list[object]]
) -> None:
    content = pa.BufferReader(written(lake, file_format, rows))
    held = pq.read_table(content) if file_format == "PARQUET" else pa.ipc.open_file(content).read_all()
    assert [(field.name, field.type) for field in held.schema] == [(c.name, TYPES[c.type]) for c in COLUMNS]
    assert [list(row.values()) for row in held.to_pylist()] == rows


def test_what_is_no_number_is_null_in_json_and_named_in_csv() -> None:
    columns = export_columns(["qual", "af"])
    assert ndjson_row(columns, (math.inf, math.nan)) == '{"qual":null,"af":null}\n'
    assert csv_row(columns, (-math.inf, math.nan)) == "-Infinity,NaN\r\n"


def test_nothing_is_a_header(lake: FolderLake) -> None:
    assert written(lake, "CSV", []).count(b"\n") == 1
    assert written(lake, "NDJSON", []) == b""
    assert gzip.decompress(written(lake, "VCF_BGZ", [])).endswith(b"\tINFO\n")


def test_a_second_build_is_refused_and_no_file_is_left(lake: FolderLake) -> None:
    rows = [GIVEN["rows"][0], ["GRCh37", *GIVEN["rows"][1][1:]]]
    with pytest.raises(JobFailure, match="alleles of one build"):
        written(lake, "VCF_BGZ", rows)
    assert lake.stat("exports/j/file") is None
