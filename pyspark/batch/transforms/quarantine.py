"""The lines of a quarantine file, and the samples of it that travel with a result."""

from collections.abc import Mapping

from batch.sources.vcf.types import Rejection


def quarantined(source: str, rejection: Rejection) -> dict[str, str | int]:
    """A rejection as it lies in quarantine: source, position, line, field, rule, expected, found, raw."""
    raise NotImplementedError


def quarantine_line(record: Mapping[str, str | int]) -> bytes:
    """One line of `quarantine/<id>/<fileIndex>.ndjson`, byte for byte as the embedded job writes it."""
    raise NotImplementedError


def quarantine_sample(record: Mapping[str, str | int]) -> dict[str, str | int]:
    """The record with at most 2,000 UTF-16 units of its text; keep the first `SAMPLES` of a file."""
    raise NotImplementedError
