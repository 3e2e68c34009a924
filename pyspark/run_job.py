"""Runs one job as one Spark application.

    spark-submit … run_job.py --store hdfs://host:8020/vitalome --webhdfs http://host:9870 --user vitalome --job <id>

The job talks to the lake only: `runs/<id>/spec.json` in; heartbeat, log, data and, last of all, `result.json` out, or
`failure.json`. The exit code is 0 or 1.
"""

import argparse
import json
import sys
import traceback

from batch.base_snapshot import read_base_snapshot
from batch.context import JobContext, JobSpec
from batch.derived import without_stale
from batch.failure import failure_of
from batch.heartbeat import Heartbeat
from batch.job_failure import JobFailure, canceled
from batch.jobs import JOBS
from batch.lake import Lake, open_lake, read, write_bytes
from batch.result import result_json
from batch.session import open_session


def main(arguments: list[str]) -> int:
    """Runs the job to its end and answers the exit code."""
    parser = argparse.ArgumentParser()
    for name in ("--store", "--user", "--job"):
        parser.add_argument(name, required=True)
    parser.add_argument("--webhdfs")
    options = parser.parse_args(arguments)
    lake = open_lake(options.store, options.webhdfs, options.user)
    folder = f"runs/{options.job}"
    session = open_session(f"vitalome {options.job}")
    heartbeat = Heartbeat(lake, folder, session.sparkContext.cancelAllJobs)
    heartbeat.application_id = str(session.sparkContext.applicationId)
    heartbeat.start()
    try:
        spec = read_spec(lake, folder)
        clear(lake, spec.id)
        job = JOBS.get(spec.kind)
        if job is None:
            raise JobFailure("BAD_USER_INPUT", f"there is no job {spec.kind}")
        base = read_base_snapshot(lake, spec.base_snapshot)
        heartbeat.log(f"{spec.kind} on snapshot {spec.base_snapshot}")
        context = JobContext(spec, session, lake, base, heartbeat.progress, heartbeat.log, heartbeat.cancel)
        result = without_stale(job(context), base)
        lake.remove(f"{folder}/scratch")
        context.throw_if_cancelled()
        heartbeat.stop()
        value = result_json(result, spec.id, spec.kind, spec.base_snapshot)
        write_bytes(lake, f"{folder}/result.json", json.dumps(value, ensure_ascii=False).encode())
        return 0
    except Exception as thrown:
        failure = failure_of(canceled() if heartbeat.cancel.is_set() else thrown)
        for line in failure.log:
            heartbeat.log(line)
        # For whoever reads the driver's own output; it stays on this side, as causes may quote a record.
        traceback.print_exception(thrown)
        heartbeat.stop()
        heartbeat.fail(failure.code, failure.message)
        return 1
    finally:
        session.stop()


def read_spec(lake: Lake, folder: str) -> JobSpec:
    """What the job is asked to do."""
    spec = json.loads(read(lake, f"{folder}/spec.json"))
    return JobSpec(spec["id"], spec["kind"], spec["parameters"], spec["baseSnapshot"])


def clear(lake: Lake, job: str) -> None:
    """What an attempt before this one left is of no use: nothing of it was published."""
    for name in ("data", "scratch", "index", "plan.txt", "failure.json", "result.json"):
        lake.remove(f"runs/{job}/{name}")
    lake.remove(f"quarantine/{job}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
