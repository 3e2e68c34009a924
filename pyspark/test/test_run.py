import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from batch.context import Job, JobContext
from batch.lake import read, write_bytes
from batch.lake_folder import FolderLake
from batch.refusal import Refusal
from batch.result import JobResult
from batch.run import run
from batch.write_tables import TableOutput

SECRET = "0/1:the-genotype-of-somebody"


def good(context: JobContext) -> JobResult:
    context.progress(0.5, "writing")
    output = TableOutput(context)
    output.write_rows("sample_groups", [("g-1", 0, None, None, 3)], {})
    write_bytes(context.lake, context.run_path("scratch/a"), b"a")
    return JobResult(output.written)


def bad(context: JobContext) -> JobResult:
    def fail(_: int) -> int:
        raise ValueError(SECRET)

    context.session.sparkContext.parallelize([1], 1).map(fail).collect()
    return JobResult()


def refused(context: JobContext) -> JobResult:
    raise Refusal("INGEST_REJECTED", "sample sheet a.tsv, line 3, Sex: expected male", 3)


def slow(context: JobContext) -> JobResult:
    write_bytes(context.lake, context.run_path("cancel"), b"")
    context.session.sparkContext.parallelize([1], 1).map(lambda _: time.sleep(60)).collect()
    return JobResult()


def changing(context: JobContext) -> JobResult:
    return JobResult(remove={"genes": ["runs/old/genes.parquet"]})


JOBS: dict[str, Job] = {"good": good, "bad": bad, "refused": refused, "slow": slow, "changing": changing}


def submit(session: SparkSession, lake: FolderLake, kind: str, base: int = 0) -> tuple[bool, dict[str, Any]]:
    """Runs a job and answers every JSON file of its run by name."""
    spec = {"id": "j", "kind": kind, "parameters": {}, "baseSnapshot": base}
    write_bytes(lake, "runs/j/spec.json", json.dumps(spec).encode())
    succeeded = run(session, lake, "j", JOBS)
    files = [file.path for file in lake.list("runs/j") if file.path.count("/") == 2 and file.path.endswith(".json")]
    return succeeded, {path[7:-5]: json.loads(read(lake, path)) for path in files}


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    capsys.readouterr()


def test_a_job_that_succeeds_leaves_its_result_and_no_scratch(session: SparkSession, lake: FolderLake) -> None:
    succeeded, files = submit(session, lake, "good")
    assert succeeded
    assert sorted(files) == ["log", "result", "spec", "status"]
    assert files["result"]["add"][0]["path"] == "runs/j/data/sample_groups/part-00000.parquet"
    assert {"jobId": "j", "kind": "good", "baseSnapshot": 0, "remove": {}, "files": [], "estimate": None}.items() <= (
        files["result"].items()
    )
    assert [line.split(" ", 1)[1] for line in files["log"]] == ["good on snapshot 0", "writing"]
    assert sorted(files["status"]) == ["applicationId", "fraction", "heartbeatAt", "stage"]
    assert lake.list("runs/j/scratch") == []


def test_a_job_that_fails_says_nothing_of_what_it_read(session: SparkSession, lake: FolderLake) -> None:
    succeeded, files = submit(session, lake, "bad")
    assert not succeeded
    assert files["failure"] == {"code": "EXECUTOR_ERROR", "message": "the job failed; its log names the cause"}
    assert "result" not in files
    assert SECRET not in json.dumps(files)
    assert files["log"][-1].endswith("cause: Py4JJavaError ValueError")


def test_a_job_that_is_refused_says_why(session: SparkSession, lake: FolderLake) -> None:
    _, files = submit(session, lake, "refused")
    assert files["failure"] == {
        "code": "INGEST_REJECTED",
        "message": "sample sheet a.tsv, line 3, Sex: expected male",
    }
    assert submit(session, lake, "unheard-of")[1]["failure"]["code"] == "BAD_USER_INPUT"
    assert submit(session, lake, "good", 7)[1]["failure"]["code"] == "SNAPSHOT_NOT_FOUND"


def test_a_cancelled_job_ends_what_spark_runs(session: SparkSession, lake: FolderLake) -> None:
    started = time.monotonic()
    succeeded, files = submit(session, lake, "slow")
    assert not succeeded
    assert files["failure"]["code"] == "CANCELED"
    assert time.monotonic() - started < 40


def test_a_second_attempt_begins_anew(session: SparkSession, lake: FolderLake) -> None:
    submit(session, lake, "bad")
    write_bytes(lake, "runs/j/data/variants/part-00009.parquet", b"left")
    _, files = submit(session, lake, "good")
    assert "failure" not in files
    assert [file.path for file in lake.list("runs/j/data")] == ["runs/j/data/sample_groups/part-00000.parquet"]


def test_a_run_that_changes_an_input_takes_out_what_was_made_from_it(session: SparkSession, lake: FolderLake) -> None:
    stale = {"path": "runs/n/a.parquet", "rows": 1, "bytes": 1, "meta": {}}
    body = json.dumps({"formatVersion": 1, "snapshot": 3, "tables": {"variant_annotations": {"files": [stale]}}})
    text = f'{{"checksum":"{hashlib.sha256(body.encode()).hexdigest()}","catalog":{body}}}\n'
    write_bytes(lake, "snapshots/000000000003.json", text.encode())
    _, files = submit(session, lake, "changing", 3)
    assert files["result"]["remove"] == {
        "genes": ["runs/old/genes.parquet"],
        "variant_annotations": ["runs/n/a.parquet"],
    }
    write_bytes(lake, "snapshots/000000000003.json", text.replace("runs/n", "runs/m").encode())
    assert submit(session, lake, "changing", 3)[1]["failure"]["code"] == "STORAGE_CORRUPT"
