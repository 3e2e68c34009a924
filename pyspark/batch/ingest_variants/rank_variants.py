"""The place of each kept alternate in key order, without one window over all rows."""

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

KEY = ("build", "contig_rank", "contig", "pos", "ref", "alt", "call_set_id")
"""What tells kept alternates apart, in their order."""

_PARTITION_BITS = 33
"""`monotonically_increasing_id` is the number of the partition, shifted by so many bits, and of the row in it."""


def rank_variants(kept: DataFrame, ranges: int) -> tuple[DataFrame, int]:
    """Adds `variant_row`, from 0 without holes, and answers how many rows there are.

    Rows are sorted by ranges of the key; each range then needs to know only how many rows lie in those before it.
    """
    placed = (
        kept.repartitionByRange(ranges, *KEY)
        .sortWithinPartitions(*KEY)
        .withColumn("place", f.monotonically_increasing_id())
        .persist(StorageLevel.DISK_ONLY)
    )
    partition = f.shiftright("place", _PARTITION_BITS).cast("int")
    counted = placed.groupBy(partition.alias("partition")).count().collect()
    counts = {row["partition"]: row["count"] for row in counted}
    before = [0]
    for number in range(ranges):
        before.append(before[-1] + counts.get(number, 0))
    first = f.element_at(f.lit(before[:-1]), partition + 1)
    row = first + f.col("place") - f.shiftleft(f.shiftright("place", _PARTITION_BITS), _PARTITION_BITS)
    return placed.withColumn("variant_row", row.cast("int")).drop("place"), before[-1]
