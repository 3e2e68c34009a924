/** Milliseconds since the epoch, UTC. */
type Millis = number;

/** How urgent, after IEC 60601-1-8: the result of no response against the onset of harm. INFO asks for nothing. */
export const ALERT_PRIORITIES = ["HIGH", "MEDIUM", "LOW", "INFO"] as const;
export type AlertPriority = (typeof ALERT_PRIORITIES)[number];

/**
 * Whether the alert is announced, beside whether its condition still holds (FHIR R6 DeviceAlert): ON calls; ACK was
 * silenced by somebody while the condition is present; LATCHED goes on calling after the condition has gone; OFF is over.
 */
export const ALERT_PRESENCES = ["ON", "LATCHED", "ACK", "OFF"] as const;
export type AlertPresence = (typeof ALERT_PRESENCES)[number];

export const ALERT_KINDS = [
  "THRESHOLD",
  "MOVING_AVERAGE",
  "TREND",
  "STALE_DATA",
  "SCORE",
  "COMBINATION",
  "TECHNICAL",
  "MODEL",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const ALERT_ASSESSMENTS = ["ACTIONABLE", "NOT_ACTIONABLE", "ARTEFACT"] as const;
export type AlertAssessment = (typeof ALERT_ASSESSMENTS)[number];

/** Why an alert made a step. */
export const STEP_REASONS = [
  "RAISED",
  "WORSENED",
  "RECURRED",
  "RE_ALARM",
  "CLEARED",
  "ACKNOWLEDGED",
  "SNOOZED",
  "UNSNOOZED",
  "SNOOZE_EXPIRED",
  "ESCALATED",
  "RESOLVED",
  "ASSESSED",
  "STALE",
  "FRESH",
  "CORRECTED",
  "RULE_CHANGED",
  "RULE_RETIRED",
  "NOT_APPLICABLE",
  "MERGED",
  "UNMERGED",
  "DISCHARGED",
  "TRANSFERRED",
  "CONSENT_WITHDRAWN",
] as const;
export type StepReason = (typeof STEP_REASONS)[number];

/** An alert after a step, whole: the last version is its state. */
export interface AlertRecord {
  /** Hash of rule, rule version, patient, subject (code, device or source) and onset: a replay gives the same. */
  readonly id: string;
  readonly patientId: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly kind: AlertKind;
  /** LOINC of what it is about; null for scores and technical alerts about no single measurement. */
  readonly code: string | null;
  readonly priority: AlertPriority;
  readonly presence: AlertPresence;
  readonly conditionPresent: boolean;
  /** No data for longer than the rule allows: what is said may no longer hold. */
  readonly stale: boolean;
  /** Grows by one with every step. */
  readonly version: number;
  /** When the condition began, by the readings' effective time. */
  readonly onset: Millis;
  readonly raisedAt: Millis;
  /** When the condition was last seen to end; null while it is present. */
  readonly abatement: Millis | null;
  /** How often the condition came, itself and again while the alert was kept open. */
  readonly occurrenceCount: number;
  readonly message: string;
  /** The reading, score or length of silence that led to the last step, as text. */
  readonly value: string | null;
  readonly unit: string | null;
  /** The limit as text, such as `< 90 %`. */
  readonly threshold: string | null;
  /** Event ids of the readings it rests on, newest last, at most 20. */
  readonly derivedFrom: readonly string[];
  readonly escalationLevel: number;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Millis | null;
  readonly note: string | null;
  readonly snoozedUntil: Millis | null;
  readonly assessment: AlertAssessment | null;
  /** Id of the alert it took the place of. */
  readonly supersedes: string | null;
  /** The patient it was raised for, where records were merged since. */
  readonly movedFrom: string | null;
  /** Its rule is being tried: nobody is called. */
  readonly shadow: boolean;
  /** It rests on made-up or replayed readings. */
  readonly simulated: boolean;
  /** When the reading that raised it was received; with `raisedAt` of the log it gives the delay. */
  readonly receivedAt: Millis | null;
}

/** What changed. */
export interface AlertStep {
  readonly from: AlertPresence | null;
  readonly to: AlertPresence;
  readonly reason: StepReason;
  /** Words beside the reason: of a person, or of what was found. */
  readonly text: string | null;
  /** A person, or null for the service itself. */
  readonly by: string | null;
  /** When it was due, by the one clock: a replay by another clock gives the same. */
  readonly dueAt: Millis;
}
