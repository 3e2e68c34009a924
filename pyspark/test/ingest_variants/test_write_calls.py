import random
from itertools import chain
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from batch.context import JobContext
from batch.ingest_variants.call_rows import SampleNames
from batch.ingest_variants.write_calls import write_calls, write_calls_by_sample
from batch.write_tables import TableOutput

RANDOM = random.Random(5)
SAMPLES = SampleNames(["A", "B", "C", "D", "E", "A", "Z"], {"cs-1": 0, "cs-2": 5})
SIZES = {"cs-1": 5, "cs-2": 2}
SCHEMA = (
    "variant_row int, call_set_id string, build string, contig string, contig_rank int, pos int, ref string, "
    "alt string, alt_index int, sample_index binary, gt binary, gt_texts array<string>, dp binary, gq binary, "
    "ad_ref binary, ad_alt binary, phase_set binary, phase_set_texts array<string>, filters binary, "
    "filters_texts array<string>"
)


def blob(numbers: list[int]) -> bytearray:
    return bytearray(np.array(numbers, dtype="<i4").tobytes())


def staged(row: int) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """A staged row of calls, and the rows of the table it stands for."""
    call_set = RANDOM.choice(["cs-1", "cs-2"])
    held = sorted(RANDOM.sample(range(SIZES[call_set]), RANDOM.randint(1, SIZES[call_set])))
    texts = RANDOM.sample(["0/1", "1|1", "./.", "1", "1/2"], 3)
    codes = [RANDOM.randrange(3) for _ in held]
    depths = [RANDOM.choice([-1, 0, 30]) for _ in held]
    phases = [RANDOM.choice([-1, 0]) for _ in held]
    has_depth, has_phase = RANDOM.random() < 0.5, RANDOM.random() < 0.5
    key = (row, call_set, "GRCh38", "X", 23, 100 + row, "A", "C" * (row % 3 + 1))
    phase = (blob(phases), ["p7"]) if has_phase else (None, None)
    cells = (blob(held), blob(codes), texts, blob(depths) if has_depth else None, None, None, None, *phase, None, None)
    facts = {
        "0/1": (1, 0, 2, False, "het"),
        "1|1": (2, 0, 2, True, "homAlt"),
        "./.": (None, None, 2, False, "missing"),
        "1": (1, 0, 1, False, "hemiAlt"),
        "1/2": (1, 1, 2, False, "hetAlt"),
    }
    rows = []
    for sample, code, depth, ps in zip(held, codes, depths, phases, strict=True):
        name = SAMPLES.names[SAMPLES.offsets[call_set] + sample]
        dp = depth if has_depth and depth >= 0 else None
        told = ("p7" if has_phase and ps == 0 else None, dp, None, None, None, None)
        rows.append((*key, sample, name, texts[code], *facts[texts[code]], *told))
    return (*key, 1, *cells), rows


def test_calls_are_written_by_variant_and_by_sample_as_they_were_staged(context: JobContext) -> None:
    context.session.conf.set("spark.vitalome.rowsPerFile", "60")
    made = [staged(row) for row in range(200)]
    expected = [row for _, rows in made for row in rows]
    keyed = context.session.createDataFrame([row for row, _ in made], SCHEMA).repartition(3)
    output = TableOutput(context)
    write_calls(output, keyed, 200, SAMPLES, len(expected), {})
    counts = {name: sum(row[1] == name for row in expected) for name in SIZES}
    write_calls_by_sample(output, keyed, 200, SAMPLES, counts, {})

    def read(name: str) -> list[list[tuple[Any, ...]]]:
        paths = [context.lake.uri(file.path).removeprefix("file://") for file in output.written if file.table == name]
        return [[tuple(row.values()) for row in pq.read_table(path).to_pylist()] for path in paths]

    by_variant, by_sample = read("calls"), read("calls_by_sample")
    assert list(chain.from_iterable(by_variant)) == expected
    assert list(chain.from_iterable(by_sample)) == sorted(expected, key=lambda row: (row[1], row[8], row[0]))
    assert len(by_variant) > 5 and len(by_sample) > 5
    assert max(map(len, by_variant + by_sample)) < 120
    held = [{row[0] for row in rows} for rows in by_variant]
    assert sum(map(len, held)) == len(set().union(*held)) == 200
