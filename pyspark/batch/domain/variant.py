"""What bounds the place of a variant."""

from typing import Final

MAX_POSITION: Final = 2_147_483_647
"""Positions are 32-bit integers, as in VCF and BCF."""


def filters_text(filters: tuple[str, ...] | None) -> str | None:
    """`PASS`, names joined by `;`, or None where filters were not run."""
    if filters is None:
        return None
    return ";".join(filters) if filters else "PASS"
