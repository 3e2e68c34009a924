"""Computes windows over accepted readings until it is told to end: one Spark application, one streaming query.

    python run_windows.py --store hdfs://host:8020/vitalome --webhdfs http://host:9870 --user vitalome --kafka host:9092

Master, memory and jars come from `spark-defaults.conf` in SPARK_CONF_DIR, or in PYSPARK_SUBMIT_ARGS. What it keeps lies
in `checkpoints/windows` of the store, and `checkpoints/windows-status.json` says how it is. Of two on one checkpoint
the second fails. The exit code is 0 when it was told to end, 3 when nothing goes on before somebody has acted: the last
line of its output says what to do.
"""

import argparse
import signal
import sys

from batch.context import Kafka
from batch.lake import open_lake
from stream.driver import Driver, GiveUp
from stream.query import Pace
from stream.status import Status

CHECKPOINT = "checkpoints/windows"
STATUS = "checkpoints/windows-status.json"


def main(arguments: list[str]) -> int:
    """Runs until SIGTERM or SIGINT, and answers the exit code."""
    parser = argparse.ArgumentParser()
    for name in ("--store", "--user", "--kafka"):
        parser.add_argument(name, required=True)
    parser.add_argument("--webhdfs")
    parser.add_argument("--topic-prefix", default="")
    parser.add_argument("--beat", help="local file that is written every five seconds")
    parser.add_argument("--stores", type=int, default=1, help="parts of what is kept; fixed by the first batch")
    parser.add_argument("--every", type=int, default=Pace.every, help="milliseconds between batches")
    options = parser.parse_args(arguments)
    lake = open_lake(options.store, options.webhdfs, options.user)
    kafka = Kafka(options.kafka, options.topic_prefix)
    status = Status(lake, STATUS, options.beat)
    driver = Driver(lake, kafka, CHECKPOINT, status, options.stores, Pace(every=options.every))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: driver.stop())
    try:
        driver.run()
        return 0
    except GiveUp as thrown:
        print(f"vitalome windows: {thrown}", flush=True)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
