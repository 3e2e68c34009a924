"""How Spark's watermark is made to be the worker's."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

KEPT = "2 hours"
"""How far behind the watermark of the slowest partition a window is kept.

The watermark is the one the worker stamped: what comes behind it is late and touches nothing, whatever Spark does. The
longest window begins an hour before its last reading, so an hour would do.
"""

KEPT_MS = 7_200_000

_SHIFT_MS = 1_000_000 * 3_600_000
"""Spark's watermark begins at 1970, and what lies before it would be late: all times are moved by a million hours."""


def moved_time(ms: str) -> Column:
    """SQL of milliseconds since the epoch as the time that Spark is shown."""
    return F.expr(f"timestamp_millis({ms} + {_SHIFT_MS})")


def moved_back(time: str) -> str:
    """SQL: the reverse."""
    return f"(unix_millis({time}) - {_SHIFT_MS})"


def watermarked(windows: DataFrame, column: str) -> DataFrame:
    """Marks the start of windows as what the watermark is held against.

    Spark marks the column it takes the watermark from, and lets go of groups by a column with that mark. Here they are
    two: the watermark is the worker's stamp, for which readings with a wrong clock count nothing.
    """
    marked = F.col(column).alias(column, metadata={"spark.watermarkDelayMs": KEPT_MS})
    return windows.withColumn(column, marked)
