"""What names a call set."""

import hashlib
from collections.abc import Iterable


def call_set_id(build: str, sorted_samples: Iterable[str], name: str | None) -> str:
    """The same build and the same samples are one call set, whatever the number of files; a name keeps two apart."""
    text = hashlib.sha256(f"{build}\n{name or ''}\n".encode())
    for sample in sorted_samples:
        text.update(f"{sample}\n".encode())
    return f"cs-{text.hexdigest()[:16]}"
