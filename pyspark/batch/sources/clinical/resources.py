"""The rows one FHIR R4 resource gives."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from batch.domain.json_text import json_of_texts, json_text
from batch.domain.person import ABSENT_UNKNOWN
from batch.sources.clinical.observation import observation_cells
from batch.sources.clinical.types import ClinicalFault, StagedRow
from batch.sources.clinical.value_sets import (
    CLINICAL,
    CONSENT_DECISION,
    CONSENT_STATUS,
    ENCOUNTER_STATUS,
    GENDERS,
    MEDICATION_STATUS,
    OBSERVATION_STATUS,
    VERIFICATION,
)
from batch.sources.clinical.values import (
    Json,
    boolean_at,
    code_at,
    coded_cells,
    date_at,
    first_code,
    found_at,
    list_at,
    object_at,
    referenced_id,
    text_at,
)

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_CORE_SEX = re.compile(r"/StructureDefinition-?/?us-core-sex(?:\.html)?\Z")
_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class ResourceContext(NamedTuple):
    """What a resource is read with.

    Attributes:
        entries: `fullUrl` of each entry of a Bundle to `Type/id`.
        sample_systems: Identifier systems whose values are names of samples.
    """

    entries: Mapping[str, str]
    sample_systems: Sequence[str]


def rows_of_resource(resource: Json, context: ResourceContext) -> list[StagedRow] | None:
    """The rows of one resource, or None for a kind that is not kept. Source: FHIR R4.

    Raises:
        ClinicalFault: It breaks a rule.
    """
    type = text_at(resource, "resourceType")
    if type is None:
        raise ClinicalFault("resourceType", "RESOURCE_TYPE", found_at(resource, "resourceType"))
    convert = _CONVERTERS.get(type)
    return None if convert is None else convert(resource, context)


def _patient(resource: Json, context: ResourceContext) -> list[StagedRow]:
    id = _id_of(resource)
    identifiers = []
    for index, identifier in enumerate(list_at(resource, "identifier")):
        value = text_at(identifier, "value", f"identifier[{index}].value")
        system = text_at(identifier, "system", f"identifier[{index}].system")
        if value is not None:
            identifiers.append({"system": system or "", "value": value})
    deceased_at = date_at(resource, "deceasedDateTime")
    birth_date = date_at(resource, "birthDate")
    gender = code_at(resource, "gender", GENDERS)
    row = {
        "patient_id": id,
        "id": id,
        "gender": _core_sex(resource) if gender is None else gender,
        "birth_date": birth_date,
        "birth_date_absent": _absent_reason(resource, "_birthDate") if birth_date is None else None,
        "deceased": boolean_at(resource, "deceasedBoolean") if deceased_at is None else True,
        "deceased_at": deceased_at,
        "identifiers": json_of_texts(identifiers) if identifiers else None,
        "active": boolean_at(resource, "active"),
    }
    return [StagedRow("patients", row), *_links_of(id, identifiers, "Patient.identifier", context)]


def _specimen(resource: Json, context: ResourceContext) -> list[StagedRow]:
    patient = _patient_of(resource, "subject", context)
    identifiers = [
        {"system": text_at(identifier, "system") or "", "value": text_at(identifier, "value") or ""}
        for identifier in list_at(resource, "identifier")
    ]
    return _links_of(patient, identifiers, "Specimen.identifier", context)


def _condition(resource: Json, context: ResourceContext) -> list[StagedRow]:
    row = {
        **_owned(resource, "subject", context),
        **coded_cells(object_at(resource, "code"), "code"),
        "clinical_status": _one_of("clinicalStatus", first_code(resource, "clinicalStatus"), CLINICAL),
        "verification_status": _one_of("verificationStatus", first_code(resource, "verificationStatus"), VERIFICATION),
        "onset": date_at(resource, "onsetDateTime") or _start_of(resource, "onsetPeriod"),
        "recorded": date_at(resource, "recordedDate"),
        "encounter_id": referenced_id(resource, "encounter", "Encounter", context.entries),
    }
    return [StagedRow("conditions", row)]


def _medication(resource: Json, context: ResourceContext) -> list[StagedRow]:
    dosages = [
        text for dosage in list_at(resource, "dosageInstruction") if (text := text_at(dosage, "text")) is not None
    ]
    row = {
        **_owned(resource, "subject", context),
        **coded_cells(object_at(resource, "medicationCodeableConcept"), "medicationCodeableConcept"),
        "status": _required(resource, "status", code_at(resource, "status", MEDICATION_STATUS)),
        "intent": _required(resource, "intent", text_at(resource, "intent")),
        "authored_on": date_at(resource, "authoredOn"),
        "dosage": "; ".join(dosages) if dosages else None,
        "encounter_id": referenced_id(resource, "encounter", "Encounter", context.entries),
    }
    return [StagedRow("medications", row)]


def _encounter(resource: Json, context: ResourceContext) -> list[StagedRow]:
    places = list_at(resource, "location")
    location = object_at(places[0], "location", "location[0].location") if places else None
    kind = object_at(resource, "class")
    row = {
        **_owned(resource, "subject", context),
        "status": _required(resource, "status", code_at(resource, "status", ENCOUNTER_STATUS)),
        "class": None if kind is None else text_at(kind, "code", "class.code"),
        "start_at": _start_of(resource, "period"),
        "end_at": _end_of(resource, "period"),
        "location": None if location is None else text_at(location, "display") or text_at(location, "reference"),
    }
    return [StagedRow("encounters", row)]


def _consent(resource: Json, context: ResourceContext) -> list[StagedRow]:
    provision = object_at(resource, "provision")
    row = {
        **_owned(resource, "patient", context),
        "status": _required(resource, "status", code_at(resource, "status", CONSENT_STATUS)),
        "scope": first_code(resource, "scope"),
        "decision": None if provision is None else code_at(provision, "type", CONSENT_DECISION),
        "policy": first_code(resource, "policyRule"),
        "date_time": date_at(resource, "dateTime"),
        "provisions": None if provision is None else json_text(provision),
    }
    return [StagedRow("consents", row)]


def _observation(resource: Json, context: ResourceContext) -> list[StagedRow]:
    # A period of another type is a fault before the owner is looked at.
    period = object_at(resource, "effectivePeriod")
    row = {
        **_owned(resource, "subject", context),
        **coded_cells(object_at(resource, "code"), "code"),
        "status": _required(resource, "status", code_at(resource, "status", OBSERVATION_STATUS)),
        **observation_cells(resource, period),
        "encounter_id": referenced_id(resource, "encounter", "Encounter", context.entries),
    }
    return [StagedRow("observations", row)]


_CONVERTERS: Mapping[str, Callable[[Json, ResourceContext], list[StagedRow]]] = {
    "Patient": _patient,
    "Specimen": _specimen,
    "Condition": _condition,
    "MedicationRequest": _medication,
    "Encounter": _encounter,
    "Consent": _consent,
    "Observation": _observation,
}


def is_simulated(resource: Json) -> bool:
    """Whether the source labels a record as test data: HTEST, or a tag of its own that says SIMULATED."""
    meta = resource.get("meta")
    if not isinstance(meta, dict):
        return False
    labels = [*list_at(meta, "tag", "meta.tag"), *list_at(meta, "security", "meta.security")]
    return any(text_at(label, "code", "meta.tag.code") in ("HTEST", "SIMULATED") for label in labels)


def _id_of(resource: Json) -> str:
    id = text_at(resource, "id")
    if id is None or not _ID.fullmatch(id):
        raise ClinicalFault("id", "ID", found_at(resource, "id"))
    return id


def _patient_of(resource: Json, field: str, context: ResourceContext) -> str:
    patient = referenced_id(resource, field, "Patient", context.entries)
    if patient is None:
        raise ClinicalFault(field, "REFERENCE", found_at(resource, field))
    return patient


def _owned(resource: Json, field: str, context: ResourceContext) -> dict[str, str]:
    return {"patient_id": _patient_of(resource, field, context), "id": _id_of(resource)}


def _required(resource: Json, field: str, value: str | None) -> str:
    if value is None:
        raise ClinicalFault(field, "CODE", found_at(resource, field))
    return value


def _one_of(field: str, value: str | None, allowed: Sequence[str]) -> str | None:
    if value is not None and value not in allowed:
        raise ClinicalFault(field, "CODE", value)
    return value


def _start_of(resource: Json, field: str) -> str | None:
    period = object_at(resource, field)
    return None if period is None else date_at(period, "start", f"{field}.start")


def _end_of(resource: Json, field: str) -> str | None:
    period = object_at(resource, field)
    return None if period is None else date_at(period, "end", f"{field}.end")


def _core_sex(resource: Json) -> str | None:
    """Records without `gender` may state the sex as an extension: US Core's, by its last path segment."""
    for extension in list_at(resource, "extension"):
        if _CORE_SEX.search(text_at(extension, "url") or ""):
            value = text_at(extension, "valueString") or text_at(extension, "valueCode")
            if value in ("male", "female"):
                return value
    return None


def _absent_reason(resource: Json, field: str) -> str:
    """The reason a record states for a value it lacks, by the extension of FHIR; unknown where it states none."""
    element = object_at(resource, field)
    stated = () if element is None else list_at(element, "extension", f"{field}.extension")
    reason = next((one for one in stated if one.get("url") == _ABSENT_REASON), None)
    return (None if reason is None else text_at(reason, "valueCode")) or ABSENT_UNKNOWN


def _links_of(
    patient: str, identifiers: Sequence[Mapping[str, str]], stated_by: str, context: ResourceContext
) -> list[StagedRow]:
    # The last system that gives a name counts, at the place where the name came first.
    systems = {one["value"]: one["system"] for one in identifiers if one["system"] in context.sample_systems}
    return [
        StagedRow("links", {"patient_id": patient, "id": name, "system": system, "stated_by": stated_by})
        for name, system in systems.items()
        if name != ""
    ]
