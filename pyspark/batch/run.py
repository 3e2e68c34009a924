"""Runs one job from `spec.json` to `result.json`."""

import json
import traceback
from collections.abc import Mapping

from pyspark.sql import SparkSession

from batch.base_snapshot import read_base_snapshot
from batch.context import Job, JobContext, JobSpec, Kafka
from batch.derived import without_stale
from batch.domain.export import export_folder, exported_snapshot
from batch.failure import failure_of
from batch.heartbeat import Heartbeat
from batch.job_failure import JobFailure, canceled
from batch.lake import Lake, read, write_bytes
from batch.result import result_json


def run(session: SparkSession, lake: Lake, job_id: str, jobs: Mapping[str, Job], kafka: Kafka | None = None) -> bool:
    """Runs a job to its end and answers whether it succeeded; `result.json` appears last, and only then."""
    folder = f"runs/{job_id}"
    heartbeat = Heartbeat(lake, folder, session.sparkContext.cancelAllJobs)
    heartbeat.application_id = str(session.sparkContext.applicationId)
    heartbeat.start()
    try:
        spec = read_spec(lake, folder)
        clear(lake, spec.id)
        job = jobs.get(spec.kind)
        if job is None:
            raise JobFailure("BAD_USER_INPUT", f"there is no job {spec.kind}")
        asked = exported_snapshot(spec.kind, spec.parameters)
        base = read_base_snapshot(lake, asked if asked is not None else spec.base_snapshot)
        heartbeat.log(f"{spec.kind} on snapshot {base.snapshot}")
        context = JobContext(spec, session, lake, base, heartbeat.progress, heartbeat.log, heartbeat.cancel, kafka)
        result = without_stale(job(context), base)
        lake.remove(f"{folder}/scratch")
        context.throw_if_cancelled()
        heartbeat.stop()
        value = result_json(result, spec.id, spec.kind, spec.base_snapshot)
        write_bytes(lake, f"{folder}/result.json", json.dumps(value, ensure_ascii=False).encode())
        return True
    except Exception as thrown:
        failure = failure_of(canceled() if heartbeat.cancel.is_set() else thrown)
        for line in failure.log:
            heartbeat.log(line)
        # For whoever reads the driver's own output; it stays on this side, as causes may quote a record.
        traceback.print_exception(thrown)
        heartbeat.stop()
        heartbeat.fail(failure.code, failure.message)
        return False


def read_spec(lake: Lake, folder: str) -> JobSpec:
    """What the job is asked to do."""
    spec = json.loads(read(lake, f"{folder}/spec.json"))
    return JobSpec(spec["id"], spec["kind"], spec["parameters"], spec["baseSnapshot"])


def clear(lake: Lake, job: str) -> None:
    """What an attempt before this one left is of no use: nothing of it was published."""
    for name in ("data", "scratch", "index", "plan.txt", "failure.json", "result.json"):
        lake.remove(f"runs/{job}/{name}")
    lake.remove(f"quarantine/{job}")
    lake.remove(export_folder(job))
