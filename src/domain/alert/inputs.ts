import type { AlertCommanded, AlertsHanded, AlertTransitioned } from "../events/alert.js";
import type { VitalAccepted, VitalWindowed } from "../events/observation.js";
import type { StepReason } from "./alert.js";
import type { MonitoringPlan } from "./plan.js";
import type { AlertRule } from "./rule.js";

/** What is known of a person beside their readings. */
export interface PersonFacts {
  readonly id: string;
  /** ISO 8601 date, as exact as it is known: `1950`, `1950-03`, `1950-03-07`; null where it is not. */
  readonly birthDate: string | null;
  readonly simulated: boolean;
}

/** What is known of a source of readings. */
export interface SourceFacts {
  readonly id: string;
  /** Readings come all the time, or when somebody looks in. */
  readonly kind: "BEDSIDE" | "SPOT_CHECK" | "LABORATORY";
  /** Readings older than this say nothing any more, in milliseconds. */
  readonly staleAfterMs: number;
  /** IANA zone of times without an offset; null: such times are refused. */
  readonly zone: string | null;
  /** The topic its producers write to by themselves; null or left out: they hand readings in. */
  readonly topic?: string | null | undefined;
}

/** Everything an evaluation rests on beside readings; it may change between two inputs, and then a `knowledge` input follows. */
export interface Knowledge {
  /** Rules in force and rules being tried, the newest version of each. */
  readonly rules: readonly AlertRule[];
  person(patientId: string): PersonFacts | null;
  /** The plan in force at a time. */
  plan(patientId: string, at: number): MonitoringPlan | null;
  source(id: string): SourceFacts;
}

/** One thing that may change the alerts of one patient. Times are milliseconds since the epoch. */
export type AlertInput =
  | { readonly kind: "reading"; readonly reading: VitalAccepted }
  /**
   * A final one-minute window; in order of start for each code. `at`: when the reading was received that made it final. Whoever
   * computes windows may be behind, so `at` may lie before times that were put in already: what follows from the window is
   * dated by `at`, and `time` of `at` is put in before it.
   */
  | { readonly kind: "window"; readonly window: VitalWindowed; readonly at: number }
  | { readonly kind: "command"; readonly command: AlertCommanded }
  /** The clock stands at `now`: whatever was due by then happens, in the order in which it was due. */
  | { readonly kind: "time"; readonly now: number }
  /** Rules, the patient's plan or facts are other than before. */
  | { readonly kind: "knowledge"; readonly now: number }
  /** The patient left, went elsewhere or withdrew: open alerts end with the reason, and nothing more is waited for. */
  | { readonly kind: "end"; readonly now: number; readonly reason: EndReason; readonly by: string | null }
  /** Consent was given again: readings are evaluated from now on. */
  | { readonly kind: "resume"; readonly now: number }
  /** The record was merged into another one: its open alerts are handed over. */
  | { readonly kind: "merge"; readonly now: number; readonly into: string; readonly by: string }
  /** `from` was merged into this record, and that is taken back: what came from it is handed back. */
  | { readonly kind: "unmerge"; readonly now: number; readonly from: string; readonly by: string }
  /** Alerts that another record handed over. */
  | { readonly kind: "adopt"; readonly handed: AlertsHanded };

export type EndReason = Extract<StepReason, "DISCHARGED" | "TRANSFERRED" | "CONSENT_WITHDRAWN">;

/** A step or a refusal; the worker adds where in the log it came from. */
export type AlertTransition =
  | Omit<Extract<AlertTransitioned, { kind: "changed" }>, "input">
  | Omit<Extract<AlertTransitioned, { kind: "refused" }>, "input">;

/** A transition; or, where records are merged or parted, what belongs into the topic of commands under the key of its patient. */
export type AlertOutput =
  AlertTransition | { readonly kind: "handed"; readonly patientId: string; readonly handed: AlertsHanded };
