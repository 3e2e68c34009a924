import base64
import json
import zlib

import pytest
from pyspark.sql import SparkSession

from batch.export.statement import Statement, Value, decode_statement, literal_of, spark_text
from batch.job_failure import JobFailure


def encoded(value: object) -> str:
    deflater = zlib.compressobj(wbits=-15)
    return base64.b64encode(deflater.compress(json.dumps(value).encode()) + deflater.flush()).decode()


HOSTILE: list[Value] = [
    "",
    "'; DROP TABLE variants; --",
    "\\' OR 1=1",
    '"`${spark.master}`',
    "\u0000\u0001\n\u2028ä😀",
    "snap_7.variants",
    0,
    -1,
    2147483647,
    -2147483647,
    2147483648,
    0.1,
    -1e-7,
    1e21,
    5e-324,
    True,
    False,
    None,
]


def test_spark_reads_every_value_as_it_was(session: SparkSession) -> None:
    found = session.sql("SELECT " + ", ".join(literal_of(value) for value in HOSTILE)).collect()[0]
    assert list(found) == HOSTILE
    types = [
        field.dataType.simpleString() for field in session.sql(f"SELECT {literal_of(7)}, {literal_of(1e10)}").schema
    ]
    assert types == ["int", "double"]


def test_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(JobFailure, match="half a character"):
        literal_of("\ud83d")


def test_a_statement_comes_back_with_its_values_apart() -> None:
    statement = decode_statement(encoded({"strings": ["SELECT ", " AS a"], "values": ["x'y"]}))
    assert statement == Statement(["SELECT ", " AS a"], ["x'y"])
    assert spark_text(statement, 7) == "SELECT  CAST(X'782779' AS STRING)  AS a"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "AAAA",
        encoded({}),
        encoded([]),
        encoded({"strings": ["SELECT 1"], "values": [1]}),
        encoded({"strings": [1], "values": []}),
        encoded({"strings": ["SELECT ", ""], "values": [{}]}),
        encoded({"strings": ["SELECT 1"], "values": []})[:-8],
    ],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(JobFailure, match="statement: is none"):
        decode_statement(text)


def test_tables_of_the_snapshot_are_views_and_no_other_snapshot_is_named() -> None:
    text = "SELECT 1 FROM snap_7.variants v JOIN snap_7.call_sets s ON instr(';', v.ids) > 0"
    assert spark_text(Statement([text], []), 7) == text.replace("snap_7.", "")
    for other in [
        text.replace("7.c", "8.c"),
        "SELECT 1; DROP TABLE x",
        "DROP TABLE x",
        "INSERT INTO x SELECT 1",
        "SELECT Reflect('java.lang.System', 'exit', 1)",
        "SELECT * FROM parquet.`/etc`",
        "SELECT 1 /* ' */ ; DROP TABLE x --'",
        "SELECT '\\' || '; DROP TABLE x --'",
    ]:
        with pytest.raises(JobFailure, match="statement: is none"):
            spark_text(Statement([other], []), 7)
