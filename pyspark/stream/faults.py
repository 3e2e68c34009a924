"""What to do about a query that ended."""

import re
from typing import Literal

Verdict = Literal["wait", "damaged", "gone", "unknown"]

_DAMAGED = re.compile(
    r"CANNOT_LOAD_STATE_STORE|STATE_STORE_(?!COMMIT)\w*|CHECKPOINT_FILE_CHECKSUM\w*|batch \d+ doesn't exist"
    r"|Incomplete log file|Malformed log|MalformedLog|Failed to read (the streaming )?log"
    r"|Error reading (streaming )?state"
    r"|/(offsets|commits|state|metadata)\b[^\n]{0,200}(does not exist|FileNotFound)"
    r"|FileNotFoundException[^\n]{0,300}/state/"
)
_GONE = re.compile(r"KAFKA_DATA_LOSS|data may have been lost|OffsetOutOfRangeException|were aged out by Kafka")
_AWAY = re.compile(
    r"TimeoutException|Connection refused|ConnectException|NoRouteToHost|UnknownHostException|SocketException"
    r"|ClosedChannelException|EOFException|SafeModeException|safe mode|StandbyException|could only be written to"
    r"|BlockMissingException|All datanodes|Call From|UnknownTopicOrPartition|DisconnectException|NotLeaderOrFollower"
    r"|RetriableException"
)


def judge(text: str) -> Verdict:
    """From the text of a fault with its causes: what may come back, what is broken, or what is gone from the log.

    What is broken names itself; that a file is missing while its servers are away is no damage.
    """
    if _GONE.search(text):
        return "gone"
    if _AWAY.search(text):
        return "wait"
    if _DAMAGED.search(text):
        return "damaged"
    return "unknown"
