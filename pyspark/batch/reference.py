"""Knowledge as data: the files of `reference/`, which both twins read."""

import json
import pkgutil
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[2] / "reference"


def read_reference(name: str) -> Any:  # noqa: ANN401 - a file says what it is, its reader what it wants
    """The content of `reference/<name>.json`.

    It is packed with this package where that travels in an archive, else it lies beside it.
    """
    try:
        packed = pkgutil.get_data("batch", f"reference/{name}.json")
    except OSError:
        packed = None
    return json.loads((_FOLDER / f"{name}.json").read_bytes() if packed is None else packed)
