"""The Spark session of the windows query."""

from pyspark.sql import SparkSession

from batch.session import open_session

SETTINGS = {
    # Two aggregations in a row: see `stream.query` for why nothing between them is late.
    "spark.sql.streaming.statefulOperator.checkCorrectness.enabled": "false",
    # The slowest partition says what may go.
    "spark.sql.streaming.multipleWatermarkPolicy": "min",
    "spark.sql.streaming.noDataMicroBatches.enabled": "false",
    # In memory, what is kept would be in the heap twice.
    "spark.sql.streaming.stateStore.providerClass": (
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
    ),
    "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    "spark.sql.streaming.stateStore.rocksdb.boundedMemoryUsage": "true",
    "spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB": "128",
    "spark.sql.streaming.minBatchesToRetain": "10",
    "spark.sql.streaming.numRecentProgressUpdates": "2",
    "spark.sql.streaming.stopTimeout": "10s",
    # Groups that fit are not sorted first.
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "100000",
    # Of a repeated event the first holds: it is put into the map last.
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
}


def open_stream_session(name: str, stores: int) -> SparkSession:
    """A session as jobs have it, for a query that goes on.

    Args:
        name: What it is called.
        stores: Into how many parts what is kept is split; fixed by a checkpoint's first batch.
    """
    session = open_session(name)
    for setting, value in SETTINGS.items():
        session.conf.set(setting, value)
    session.conf.set("spark.sql.shuffle.partitions", str(stores))
    return session
