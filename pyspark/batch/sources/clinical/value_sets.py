"""The codes FHIR R4 allows in fields of a closed value set."""

from typing import Final

GENDERS: Final = ("male", "female", "other", "unknown")
CLINICAL: Final = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
VERIFICATION: Final = ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error")
MEDICATION_STATUS: Final = (
    "active",
    "on-hold",
    "cancelled",
    "completed",
    "entered-in-error",
    "stopped",
    "draft",
    "unknown",
)
ENCOUNTER_STATUS: Final = (
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
)
CONSENT_STATUS: Final = ("draft", "proposed", "active", "rejected", "inactive", "entered-in-error")
CONSENT_DECISION: Final = ("permit", "deny")
OBSERVATION_STATUS: Final = (
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
)
