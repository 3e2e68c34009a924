"""What a query that ended says of what to do."""

import pytest

from stream.faults import Verdict, judge


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("org.apache.kafka.common.errors.TimeoutException: Call(callName=describeTopics) timed out", "wait"),
        ("java.net.ConnectException: Call From vm/127.0.0.1 to 127.0.0.1:1 failed: Connection refused", "wait"),
        (
            "org.apache.hadoop.hdfs.server.namenode.SafeModeException: Cannot create file. Name node is in safe mode.",
            "wait",
        ),
        (
            "[CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS] An error occurred during loading state.",
            "damaged",
        ),
        ("java.io.FileNotFoundException: File does not exist: /x/checkpoints/windows/state/0/0/1.zip", "damaged"),
        ("java.lang.IllegalStateException: Incomplete log file in the offset commit log", "damaged"),
        ("[KAFKA_DATA_LOSS.START_OFFSET_RESET] Some data may have been lost", "gone"),
        ("java.lang.NullPointerException", "unknown"),
    ],
)
def test_a_fault_is_waited_for_or_told(text: str, verdict: Verdict) -> None:
    assert judge(text) == verdict
