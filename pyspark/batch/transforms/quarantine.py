"""The lines of a quarantine file, and the samples of it that travel with a result."""

import json
from collections.abc import Mapping
from typing import Final

from batch.domain.text import cut, escape_lone_surrogates
from batch.sources.vcf.types import Rejection

CONFLICT: Final = "CONFLICTING_DUPLICATE"
SAMPLES: Final = 20
"""Rejected records of a file that travel with its result."""

_RAW_UNITS: Final = 64 << 10
# Samples travel through results and answers; the file keeps more of the raw text.
_SAMPLE_UNITS: Final = 2_000

Quarantined = Mapping[str, str | int | None]


def quarantined(source: str, rejection: Rejection) -> dict[str, str | int]:
    """A rejection as it lies in quarantine: source, position, line, field, rule, expected, found, raw."""
    return {"source": source, "position": f"line {rejection.line}", **rejection._asdict()}


def conflicting(source: str, line: int, raw: bytes) -> dict[str, str | int]:
    """A record whose alleles the call set already has, with other content. `raw` as for the reader."""
    return quarantined(
        source,
        Rejection(
            line,
            "CHROM, POS, REF, ALT",
            CONFLICT,
            "each allele once in a call set, or repeats with the same content",
            "an allele this call set already has, with other content",
            raw.removesuffix(b"\r").decode(errors="replace"),
        ),
    )


def quarantine_line(record: Quarantined) -> bytes:
    """One line of `quarantine/<id>/<fileIndex>.ndjson`, byte for byte as the embedded job writes it."""
    text = json.dumps(_bounded(record, _RAW_UNITS), separators=(",", ":"), ensure_ascii=False)
    return f"{escape_lone_surrogates(text)}\n".encode()


def quarantine_sample(record: Quarantined) -> dict[str, str | int | None]:
    """The record with at most 2,000 UTF-16 units of its text; keep the first `SAMPLES` of a file."""
    return _bounded(record, _SAMPLE_UNITS)


def _bounded(record: Quarantined, units: int) -> dict[str, str | int | None]:
    return {**record, "raw": cut(str(record["raw"]), units)}
