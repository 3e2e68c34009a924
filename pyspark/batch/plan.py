"""Keeps the plans of heavy steps beside the run, so that a person can see what was shuffled and how."""

import contextlib
import io
from collections.abc import Sequence

from pyspark.sql import DataFrame

from batch.lake import Lake, write_bytes


def write_plan(lake: Lake, path: str, steps: Sequence[tuple[str, DataFrame]]) -> None:
    """Writes the formatted plan of each named step as text."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        for name, frame in steps:
            print(f"== {name}")
            frame.explain("formatted")
    write_bytes(lake, path, text.getvalue().encode())
