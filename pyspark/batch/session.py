"""The Spark session of a job."""

import os
import sys

from pyspark.sql import SparkSession

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder that holds `batch`: at the same place in every executor, as the images lay it out."""


def open_session(name: str) -> SparkSession:
    """A session with what the jobs rely on; master, memory and addresses come from the caller of `spark-submit`.

    UTC, ANSI arithmetic, Arrow to and from Python. `spark.sql.shuffle.partitions` is taken as given: it is an upper
    bound, because small shuffles are merged.
    """
    os.environ["TZ"] = "UTC"
    # Executors run the interpreter of the driver, which has the libraries; a site may set another one.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = (
        SparkSession.builder.appName(name)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.adaptive.enabled", "true")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.sql.execution.arrow.maxBytesPerBatch", str(64 << 20))
        .config("spark.sql.legacy.timeParserPolicy", "CORRECTED")
        .config("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED")
        .config("spark.executorEnv.PYTHONPATH", FOLDER)
        .config("spark.executorEnv.TZ", "UTC")
        .config("spark.python.daemon.module", "batch.daemon")
    )
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
