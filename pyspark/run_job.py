"""Runs one job as one Spark application.

    spark-submit … run_job.py --store hdfs://host:8020/vitalome --webhdfs http://host:9870 --user vitalome --job <id>

`--kafka host:port` and `--topic-prefix` say where the log is, for the job that reads it.

The job talks to the lake only: `runs/<id>/spec.json` in; heartbeat, log, data and, last of all, `result.json` out, or
`failure.json`. The exit code is 0 or 1.
"""

import argparse
import sys

from batch.context import Kafka
from batch.jobs import JOBS
from batch.lake import open_lake
from batch.run import run
from batch.session import open_session


def main(arguments: list[str]) -> int:
    """Runs the job to its end and answers the exit code."""
    parser = argparse.ArgumentParser()
    for name in ("--store", "--user", "--job"):
        parser.add_argument(name, required=True)
    parser.add_argument("--webhdfs")
    parser.add_argument("--kafka")
    parser.add_argument("--topic-prefix", default="")
    options = parser.parse_args(arguments)
    lake = open_lake(options.store, options.webhdfs, options.user)
    kafka = None if options.kafka is None else Kafka(options.kafka, options.topic_prefix)
    session = open_session(f"vitalome {options.job}")
    try:
        return 0 if run(session, lake, options.job, JOBS, kafka) else 1
    finally:
        session.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
