"""Accepted readings that touch windows."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from stream.decimal_text import is_decimal, to_scaled
from stream.sizes import PART, scale_of
from stream.watermarked import KEPT, moved_time

BATCH = "unix_millis(current_timestamp())"
"""SQL: the same for everything in one batch, and again when the batch is done anew."""

ACCEPTED = """
    eventId STRING, patientId STRING, code STRING, value STRING, comparator STRING, effectiveTime BIGINT,
    late BOOLEAN, watermark BIGINT, flags ARRAY<STRING>, status STRING, replaces STRING, simulated BOOLEAN
"""
"""What windows need of an accepted reading (`VitalAccepted` in src/domain/events/observation.ts)."""

_COUNTS = f"""
    {is_decimal("value")} AND comparator IS NULL AND status <> 'entered-in-error'
    AND NOT arrays_overlap(flags, array('EXTREME', 'CONFLICT', 'NO_VALUE'))
"""


def parse(records: DataFrame) -> DataFrame:
    """Records of one partition of accepted readings as columns, with the partition's watermark as Spark's own."""
    # As rows of their own, or every condition behind would parse the record again.
    rows = records.select("offset", F.inline(F.array(F.from_json(F.col("value").cast("string"), ACCEPTED))))
    return rows.withColumn("stamped", moved_time("watermark")).withWatermark("stamped", KEPT)


def touching(readings: DataFrame) -> DataFrame:
    """Those that count in windows, or take back one that does (`touchesWindows` in src/domain/window/counts.ts).

    A reading is as short as it can be, because its window keeps it: event ids are hashed to 64 bits. Two that are alike
    within a minute of one code of one patient are less likely than a broken disk.
    """
    part_end = f"effectiveTime - pmod(effectiveTime, {PART.ms}) + {PART.ms}"
    return (
        readings.where("eventId IS NOT NULL AND patientId IS NOT NULL AND code IS NOT NULL")
        .where(f"NOT late AND (watermark IS NULL OR {part_end} > watermark)")
        .withColumn("counts", F.expr(f"coalesce({_COUNTS}, false)"))
        .where("counts OR replaces IS NOT NULL")
        .select(
            F.col("patientId").alias("patient_id"),
            "code",
            "offset",
            F.xxhash64("eventId").alias("id"),
            F.col("effectiveTime").alias("time"),
            F.expr(f"IF(counts, {to_scaled('value', scale_of('code'))}, NULL)").alias("value"),
            F.expr("IF(replaces IS NULL OR replaces = eventId, NULL, xxhash64(replaces))").alias("replaces"),
            "simulated",
            F.expr(BATCH).alias("came"),
        )
    )
