"""Which parts of a table are written as one file. The twin of `src/jobs/compact-log/plan-files.ts`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

_TIERS: Final = (4_000, 32_000, 256_000)
"""Below each of these a file is small, and joins others as small as it."""
_SIDE_BY_SIDE: Final = 8
"""So many files of one tier lie side by side."""


@dataclass(frozen=True)
class Part:
    """Rows that are to lie in the table: those of a file of it that stand, or what is new.

    Attributes:
        is_dirty: Whether it has to be written: it is new, or not all rows of its file stand.
    """

    rows: int
    is_dirty: bool


P = TypeVar("P", bound=Part)


def plan_files(parts: Sequence[P]) -> list[list[P]]:
    """What is dirty is written in any case; where more than eight parts are of one tier they become one file."""
    files: list[list[P]] = []
    below = 0
    for tier in (*_TIERS, math.inf):
        own = [part for part in parts if part.rows > 0 and below <= part.rows < tier]
        if tier != math.inf and len(own) > _SIDE_BY_SIDE:
            files.append(own)
        else:
            files += [[part] for part in own if part.is_dirty]
        below = int(tier) if tier != math.inf else below
    return files
