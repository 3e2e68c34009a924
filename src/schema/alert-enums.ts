import { registerEnumType } from "type-graphql";

export enum AlertPriority {
  HIGH = "HIGH",
  MEDIUM = "MEDIUM",
  LOW = "LOW",
  INFO = "INFO",
}
registerEnumType(AlertPriority, {
  name: "AlertPriority",
  description: "How urgent, after IEC 60601-1-8: the result of no response against the onset of harm.",
  valuesConfig: {
    HIGH: { description: "Death or irreversible injury, soon." },
    MEDIUM: { description: "Reversible injury soon, or irreversible injury later." },
    LOW: { description: "Discomfort or minor injury, or reversible injury later." },
    INFO: { description: "Asks for nothing." },
  },
});

export enum AlertPresence {
  ON = "ON",
  LATCHED = "LATCHED",
  ACK = "ACK",
  OFF = "OFF",
}
registerEnumType(AlertPresence, {
  name: "AlertPresence",
  description: "Whether an alert is announced, beside whether its condition holds (FHIR R6 DeviceAlert).",
  valuesConfig: {
    ON: { description: "It calls." },
    LATCHED: { description: "Its condition has gone; it goes on calling until somebody acknowledges." },
    ACK: { description: "Somebody silenced it while its condition is present." },
    OFF: { description: "It is over." },
  },
});

export enum AlertKind {
  THRESHOLD = "THRESHOLD",
  MOVING_AVERAGE = "MOVING_AVERAGE",
  TREND = "TREND",
  STALE_DATA = "STALE_DATA",
  SCORE = "SCORE",
  COMBINATION = "COMBINATION",
  TECHNICAL = "TECHNICAL",
  MODEL = "MODEL",
}
registerEnumType(AlertKind, {
  name: "AlertKind",
  description: "What a rule looks at.",
  valuesConfig: {
    THRESHOLD: { description: "Readings against a limit." },
    MOVING_AVERAGE: { description: "A mean over a window against a limit." },
    TREND: { description: "A change over a window against a limit." },
    STALE_DATA: { description: "Silence: no reading for too long." },
    SCORE: { description: "A score, such as NEWS2." },
    COMBINATION: { description: "Several limits at once." },
    TECHNICAL: { description: "Sensors, clocks and contradictions." },
    MODEL: { description: "The output of a model." },
  },
});

export enum AlertAssessment {
  ACTIONABLE = "ACTIONABLE",
  NOT_ACTIONABLE = "NOT_ACTIONABLE",
  ARTEFACT = "ARTEFACT",
}
registerEnumType(AlertAssessment, {
  name: "AlertAssessment",
  description: "What somebody who looked thinks of an alert.",
  valuesConfig: {
    ACTIONABLE: { description: "It asked for something to be done, rightly." },
    NOT_ACTIONABLE: { description: "It was true and asked for nothing." },
    ARTEFACT: { description: "It was not true: the sensor, not the patient." },
  },
});

export enum AlertStepReason {
  RAISED = "RAISED",
  WORSENED = "WORSENED",
  RECURRED = "RECURRED",
  RE_ALARM = "RE_ALARM",
  CLEARED = "CLEARED",
  ACKNOWLEDGED = "ACKNOWLEDGED",
  SNOOZED = "SNOOZED",
  UNSNOOZED = "UNSNOOZED",
  SNOOZE_EXPIRED = "SNOOZE_EXPIRED",
  ESCALATED = "ESCALATED",
  RESOLVED = "RESOLVED",
  ASSESSED = "ASSESSED",
  STALE = "STALE",
  FRESH = "FRESH",
  CORRECTED = "CORRECTED",
  RULE_CHANGED = "RULE_CHANGED",
  RULE_RETIRED = "RULE_RETIRED",
  NOT_APPLICABLE = "NOT_APPLICABLE",
  MERGED = "MERGED",
  UNMERGED = "UNMERGED",
  DISCHARGED = "DISCHARGED",
  TRANSFERRED = "TRANSFERRED",
  CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN",
}
registerEnumType(AlertStepReason, {
  name: "AlertStepReason",
  description: "Why an alert made a step.",
  valuesConfig: {
    RAISED: { description: "Its condition had held for long enough." },
    WORSENED: { description: "Its priority rose." },
    RECURRED: { description: "Its condition came back while it was open." },
    RE_ALARM: { description: "It was acknowledged, and its condition stayed for too long." },
    CLEARED: { description: "Its condition was over for long enough." },
    ACKNOWLEDGED: { description: "Somebody took it on." },
    SNOOZED: { description: "Somebody silenced it for a while." },
    UNSNOOZED: { description: "Somebody ended the silence." },
    SNOOZE_EXPIRED: { description: "The silence ended by itself." },
    ESCALATED: { description: "Nobody acknowledged it in time." },
    RESOLVED: { description: "Somebody ended it." },
    ASSESSED: { description: "Somebody said what they think of it." },
    STALE: { description: "There were no data for too long: what it says may no longer hold." },
    FRESH: { description: "Data came again." },
    CORRECTED: { description: "A reading it rests on was corrected." },
    RULE_CHANGED: { description: "Its rule has another version." },
    RULE_RETIRED: { description: "Its rule is no longer in force." },
    NOT_APPLICABLE: { description: "Its rule is not for this patient, or no longer." },
    MERGED: { description: "Its patient's record was merged into another." },
    UNMERGED: { description: "The merge was undone." },
    DISCHARGED: { description: "The patient was discharged." },
    TRANSFERRED: { description: "The patient was moved." },
    CONSENT_WITHDRAWN: { description: "The patient withdrew consent." },
  },
});
