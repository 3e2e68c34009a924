"""Parameters of `ingest-annotations`. The twin of `src/jobs/parameters.ts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch.parameters import expect_keys


@dataclass(frozen=True)
class IngestAnnotationsParameters:
    """What the caller asked for; the worker has checked each value. Sources are told apart by name in any case."""

    uris: tuple[str, ...]
    source: str
    version: str
    assembly: str | None
    released_at: str | None


def parse_parameters(parameters: Mapping[str, Any]) -> IngestAnnotationsParameters:
    """Takes the parameters of `spec.json`."""
    expect_keys(parameters, {"uris", "source", "version", "assemblyId", "releasedAt"})
    return IngestAnnotationsParameters(
        tuple(parameters["uris"]),
        parameters["source"],
        parameters["version"],
        parameters["assemblyId"],
        parameters["releasedAt"],
    )
