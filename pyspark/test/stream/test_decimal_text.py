"""Decimal text and whole numbers, digit by digit."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from stream.decimal_text import from_scaled, is_decimal, to_scaled

ROUNDED = [
    ("36.65", 1, 366),
    ("36.75", 1, 368),
    ("36.651", 1, 367),
    ("-36.65", 1, -366),
    ("-0.05", 1, 0),
    ("2.5", 0, 2),
    ("3.5", 0, 4),
    ("80", 3, 80_000),
    ("0.9996", 3, 1_000),
    ("1.000450000000000001", 4, 10_005),
    ("999999999.999999999999999999", 4, 10_000_000_000_000),
]
"""The same as in test/domain/window/merge.test.ts, and the longest there are."""

WRITTEN = [(80_000, 3, "80"), (366, 1, "36.6"), (-5, 2, "-0.05"), (0, 3, "0"), (100, 0, "100"), (None, 3, None)]


def test_digits_beyond_the_scale_are_rounded_half_to_even(session: SparkSession) -> None:
    frame = session.createDataFrame([row[:2] for row in ROUNDED], "text STRING, scale INT")
    found = frame.select(F.expr(to_scaled("text", "scale"))).collect()
    assert [row[0] for row in found] == [row[2] for row in ROUNDED]


def test_whole_numbers_are_written_without_zeros_at_the_end(session: SparkSession) -> None:
    frame = session.createDataFrame([row[:2] for row in WRITTEN], "value BIGINT, scale INT")
    found = frame.select(F.expr(from_scaled("value", "scale"))).collect()
    assert [row[0] for row in found] == [row[2] for row in WRITTEN]


def test_what_cannot_be_added_up_exactly_is_no_number(session: SparkSession) -> None:
    texts = ["80", "999999999", "1000000000", "0.123456789012345678", "0.1234567890123456789", "-80.5", None]
    frame = session.createDataFrame([(text,) for text in texts], "text STRING")
    found = frame.select(F.expr(f"coalesce({is_decimal('text')}, false)")).collect()
    assert [row[0] for row in found] == [True, True, False, True, False, True, False]
