"""Where every input item went. The twin of `src/domain/ledger.ts`."""

from collections.abc import Mapping
from typing import Any

from batch.job_failure import JobFailure


def item_ledger(
    read: int, accepted: int, filtered: Mapping[str, int], quarantined: Mapping[str, int], duplicates: int
) -> dict[str, Any]:
    """A balanced ledger over records or alleles of one file.

    Raises:
        JobFailure: Something is unaccounted for: nothing of the job may be published.
    """
    if read != accepted + sum(filtered.values()) + sum(quarantined.values()) + duplicates:
        raise JobFailure("INTERNAL_SERVER_ERROR", "a ledger does not balance: nothing of this job is published")
    return {
        "read": read,
        "accepted": accepted,
        "filtered": dict(filtered),
        "quarantined": dict(quarantined),
        "duplicates": duplicates,
    }
