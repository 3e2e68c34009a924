import random

from pyspark.sql import SparkSession

from batch.ingest_variants.rank_variants import KEY, rank_variants

RANDOM = random.Random(3)
ROWS = [
    ("GRCh38", rank, contig, pos, ref, alt, call_set)
    for rank, contig in ((1, "1"), (23, "X"), (1000, "chrUn_é"), (1000, "GL1"))
    for pos in range(1, 40)
    for ref, alt in (("A", "C"), ("A", "AT"), ("N" * 30, "A"))
    for call_set in ("cs-0", "cs-f")
]
SCHEMA = "vi bigint, build string, contig_rank int, contig string, pos int, ref string, alt string, call_set_id string"


def test_a_variant_row_is_the_rank_in_key_order_without_holes_however_many_ranges(session: SparkSession) -> None:
    shuffled = [(at, *row) for at, row in enumerate(RANDOM.sample(ROWS, len(ROWS)))]
    frame = session.createDataFrame(shuffled, SCHEMA).repartition(3)
    expected = sorted(ROWS, key=lambda row: tuple(cell.encode() if isinstance(cell, str) else cell for cell in row))
    for ranges in (1, 7):
        ranked, count = rank_variants(frame, ranges)
        found = ranked.select("variant_row", *KEY).collect()
        assert count == len(ROWS)
        assert [tuple(row)[1:] for row in sorted(found)] == expected
        assert sorted(row["variant_row"] for row in found) == list(range(len(ROWS)))
