"""Parameters of `ingest-variants`. The twin of `src/jobs/parameters.ts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch.parameters import expect_keys
from batch.transforms.variant_filters import VariantFilters


@dataclass(frozen=True)
class IngestVariantsParameters:
    """What the caller asked for; the worker has checked each value."""

    uris: tuple[str, ...]
    assembly: str | None
    call_set: str | None
    call_set_kind: str | None
    samples_uri: str | None
    reference_uri: str | None
    filters: VariantFilters
    dry_run: bool


def parse_parameters(parameters: Mapping[str, Any]) -> IngestVariantsParameters:
    """Takes the parameters of `spec.json`."""
    names = {"uris", "assemblyId", "callSet", "callSetKind", "samplesUri", "referenceUri"}
    expect_keys(parameters, names | {"minQual", "passOnly", "minAf", "maxAf", "dryRun"})
    filters = VariantFilters(parameters["minQual"], parameters["passOnly"], parameters["minAf"], parameters["maxAf"])
    return IngestVariantsParameters(
        tuple(parameters["uris"]),
        parameters["assemblyId"],
        parameters["callSet"],
        parameters["callSetKind"],
        parameters["samplesUri"],
        parameters["referenceUri"],
        filters,
        parameters["dryRun"],
    )
