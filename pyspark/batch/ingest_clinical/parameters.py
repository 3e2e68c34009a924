"""Parameters of `ingest-clinical`. The twin of `src/jobs/parameters.ts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch.parameters import expect_keys


@dataclass(frozen=True)
class IngestClinicalParameters:
    """What the caller asked for; the worker has checked each value.

    Attributes:
        sample_systems: Identifier systems whose values are names of samples.
        subject_system: The system by which subjects of a table are known; None: they are people of their own.
    """

    uris: tuple[str, ...]
    sample_systems: tuple[str, ...]
    subject_system: str | None


def parse_parameters(parameters: Mapping[str, Any]) -> IngestClinicalParameters:
    """Takes the parameters of `spec.json`."""
    expect_keys(parameters, {"uris", "sampleSystems", "subjectSystem"})
    return IngestClinicalParameters(
        tuple(parameters["uris"]), tuple(parameters["sampleSystems"]), parameters["subjectSystem"]
    )
