import json

import pytest
from pyspark.sql import functions as f

from batch import quarantine
from batch.context import JobContext
from batch.lake import read
from batch.quarantine import quarantine_samples, write_quarantine


@pytest.mark.parametrize("rows_per_part", [37, 100_000])
def test_rejected_records_lie_in_order_in_one_file_per_input(
    context: JobContext, monkeypatch: pytest.MonkeyPatch, rows_per_part: int
) -> None:
    monkeypatch.setattr(quarantine, "ROWS_PER_PART", rows_per_part)
    lines = [(file, phase, line) for file in (0, 3, 12) for phase in (0, 1) for line in range(1, 60)]
    text = f.concat(f.to_json(f.struct("file_index", "phase", "line")), f.lit("\n")).cast("binary")
    frame = context.session.createDataFrame(lines[::-1], "file_index int, phase int, line int").repartition(4)
    rejected = frame.withColumn("text", text)
    write_quarantine(context, rejected, ("phase", "line"), len(lines))
    assert [file.path for file in context.lake.list("quarantine")] == [
        f"quarantine/job-1/{file}.ndjson" for file in (0, 12, 3)
    ]
    for file in (0, 3, 12):
        found = [json.loads(line) for line in read(context.lake, f"quarantine/job-1/{file}.ndjson").splitlines()]
        assert [tuple(row.values()) for row in found] == [line for line in lines if line[0] == file]
    samples = quarantine_samples(rejected, ("phase", "line"))
    assert [tuple(json.loads(line).values()) for line in samples[3]] == [(3, 0, line) for line in range(1, 21)]
