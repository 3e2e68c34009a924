import type { InputPosition } from "./observation.js";

/** Two axes: whether the alert is announced, and whether its condition still holds. */
export type AlertPresenceState = "ON" | "LATCHED" | "ACK" | "OFF";

interface AlertCommandBase {
  readonly schema: 1;
  readonly commandId: string;
  readonly alertId: string;
  readonly patientId: string;
  /** The command is refused when the alert has another version by then. */
  readonly expectedVersion: number | null;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a person asks of an alert; key: patient id. */
export type AlertCommanded =
  | (AlertCommandBase & { readonly command: "acknowledge"; readonly note: string | null })
  | (AlertCommandBase & { readonly command: "snooze"; readonly until: number; readonly reason: string })
  | (AlertCommandBase & { readonly command: "unsnooze" })
  | (AlertCommandBase & { readonly command: "resolve"; readonly reason: string })
  | (AlertCommandBase & {
      readonly command: "assess";
      readonly assessment: "ACTIONABLE" | "NOT_ACTIONABLE" | "ARTEFACT";
    });

/** One step in the life of an alert, whose state is the fold of its steps; key: patient id. */
export interface AlertTransitioned {
  readonly schema: 1;
  /** Hash of rule, version, patient and onset: a replay gives the same alert. */
  readonly alertId: string;
  /** Grows by one with every transition of the alert. */
  readonly version: number;
  readonly patientId: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly kind: string;
  readonly code: string;
  readonly priority: "HIGH" | "MEDIUM" | "LOW" | "INFO";
  readonly from: AlertPresenceState | null;
  readonly to: AlertPresenceState;
  readonly conditionPresent: boolean;
  readonly stale: boolean;
  readonly onset: number;
  /** When the transition was due: a replay by another clock gives the same. */
  readonly dueAt: number;
  readonly at: number;
  readonly value: string | null;
  readonly unit: string | null;
  readonly threshold: string | null;
  /** Event ids of the readings it rests on. */
  readonly derivedFrom: readonly string[];
  /** A person, or null for the service itself. */
  readonly by: string | null;
  readonly reason: string;
  /** The command this answers. */
  readonly commandId: string | null;
  readonly input: InputPosition | null;
}
