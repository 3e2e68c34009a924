"""The codes FHIR R4 allows in fields of a closed value set: `reference/fhir-value-sets.json`."""

from typing import Final

from batch.reference import read_reference

_SETS = read_reference("fhir-value-sets")

GENDERS: Final[tuple[str, ...]] = tuple(_SETS["gender"])
CLINICAL: Final[tuple[str, ...]] = tuple(_SETS["conditionClinical"])
VERIFICATION: Final[tuple[str, ...]] = tuple(_SETS["conditionVerification"])
MEDICATION_STATUS: Final[tuple[str, ...]] = tuple(_SETS["medicationRequestStatus"])
ENCOUNTER_STATUS: Final[tuple[str, ...]] = tuple(_SETS["encounterStatus"])
CONSENT_STATUS: Final[tuple[str, ...]] = tuple(_SETS["consentStatus"])
CONSENT_DECISION: Final[tuple[str, ...]] = tuple(_SETS["consentDecision"])
OBSERVATION_STATUS: Final[tuple[str, ...]] = tuple(_SETS["observationStatus"])
