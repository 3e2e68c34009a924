"""Times and values of a FHIR Observation and its components."""

from batch.domain.json_text import json_text
from batch.sources.clinical.values import (
    Json,
    boolean_at,
    codings_of,
    codings_text,
    date_at,
    first_code,
    list_at,
    number_at,
    object_at,
    text_at,
)

Value = dict[str, str | float | None]


def observation_cells(resource: Json, period: Json | None) -> dict[str, str | float | None]:
    """The cells between status and encounter; `period` is `effectivePeriod`."""
    return {
        "category": _category(resource),
        "effective_at": date_at(resource, "effectiveDateTime")
        or date_at(resource, "effectiveInstant")
        or (None if period is None else date_at(period, "start", "effectivePeriod.start")),
        "effective_end": None if period is None else date_at(period, "end", "effectivePeriod.end"),
        "issued": date_at(resource, "issued"),
        **_value_cells(resource, ""),
        "components": _components_of(resource),
        "data_absent_reason": first_code(resource, "dataAbsentReason"),
    }


def _category(resource: Json) -> str | None:
    codes = [
        coding.code
        for index, concept in enumerate(list_at(resource, "category"))
        for coding in codings_of(concept, f"category[{index}]")
    ]
    return ",".join(codes) or None


def _value_cells(parent: Json, at: str) -> Value:
    """Of valueQuantity, valueInteger, valueCodeableConcept, valueString or valueBoolean."""
    quantity = object_at(parent, "valueQuantity", f"{at}valueQuantity")
    concept = object_at(parent, "valueCodeableConcept", f"{at}valueCodeableConcept")
    boolean = boolean_at(parent, "valueBoolean", f"{at}valueBoolean")

    def of_quantity(field: str) -> str | None:
        return None if quantity is None else text_at(quantity, field, f"{at}valueQuantity.{field}")

    return {
        "value": number_at(parent, "valueInteger", f"{at}valueInteger")
        if quantity is None
        else number_at(quantity, "value", f"{at}valueQuantity.value"),
        "comparator": of_quantity("comparator"),
        "unit": of_quantity("unit"),
        "unit_code": of_quantity("code"),
        "unit_system": of_quantity("system"),
        "value_code": None if concept is None else codings_text(codings_of(concept, f"{at}valueCodeableConcept")),
        "value_text": text_at(parent, "valueString", f"{at}valueString")
        or (None if boolean is None else "true" if boolean else "false")
        or (None if concept is None else text_at(concept, "text")),
    }


def _components_of(resource: Json) -> str | None:
    components = []
    for index, component in enumerate(list_at(resource, "component")):
        at = f"component[{index}]."
        codings = codings_of(object_at(component, "code", f"{at}code"), f"{at}code")
        components.append(
            {
                "codings": [coding._asdict() for coding in codings],
                **_value_cells(component, at),
                "data_absent_reason": first_code(component, "dataAbsentReason"),
            }
        )
    return json_text(components) if components else None
