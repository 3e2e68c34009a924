import { z } from "zod";
import {
  ALERT_ASSESSMENTS,
  ALERT_KINDS,
  ALERT_PRESENCES,
  ALERT_PRIORITIES,
  STEP_REASONS,
  type AlertAssessment,
  type AlertRecord,
  type AlertStep,
} from "../alert/alert.js";
import {
  inputPositionSchema,
  vitalAcceptedSchema,
  vitalWindowedSchema,
  type InputPosition,
  type VitalAccepted,
  type VitalWindowed,
} from "./observation.js";

interface AlertCommandBase {
  readonly schema: 1;
  /** Hash of tenant, alert, command and idempotency key: a repeat is answered as the first was. */
  readonly commandId: string;
  readonly alertId: string;
  readonly patientId: string;
  /** The command is refused when the alert has another version by then. */
  readonly expectedVersion: number | null;
  /** The alert as whoever asks knows it: one that was over long ago the worker has forgotten. Null where it is not at hand. */
  readonly known: AlertRecord | null;
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
  | (AlertCommandBase & { readonly command: "assess"; readonly assessment: AlertAssessment });

/** One alert that changes its patient, as it stood. */
export interface HandedAlert {
  /** What its rule looks at: a code, a device, a source. */
  readonly subject: string;
  readonly alert: AlertRecord;
  /** How it stood before a merge ended it, where that is taken back. */
  readonly restores: AlertRecord | null;
}

/**
 * Alerts that go over to another record, because two were merged or parted again; key: the patient that takes them, who may be
 * evaluated by another worker. Written with the state that gave them up, so that none is lost or doubled.
 */
export interface AlertsHanded {
  readonly schema: 1;
  readonly command: "adopt";
  /** The patient that takes them. */
  readonly patientId: string;
  readonly from: string;
  readonly reason: "MERGED" | "UNMERGED";
  readonly alerts: readonly HandedAlert[];
  /** Who is to be heard of the patient from now on, and when each was heard last. */
  readonly sources: readonly { readonly source: string; readonly heardAt: number }[];
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Offset in the registry up to which who handed them over had read, as decimal digits. */
  readonly registry?: string | undefined;
}

/** What came for a record that was merged into another one, on its way to where that one is evaluated; key: that one. */
export interface InputForwarded {
  readonly schema: 1;
  readonly command: "forward";
  readonly patientId: string;
  readonly input:
    | { readonly kind: "reading"; readonly reading: VitalAccepted }
    /** `at`: when the reading was received that made it final. */
    | { readonly kind: "window"; readonly window: VitalWindowed; readonly at: number };
  /** As of `AlertsHanded`. */
  readonly registry: string;
}

/** One step in the life of an alert, with the whole alert behind it; key: patient id. */
export interface AlertChanged {
  readonly schema: 1;
  readonly kind: "changed";
  readonly alert: AlertRecord;
  readonly step: AlertStep;
  /** The command this answers. */
  readonly commandId: string | null;
  readonly input: InputPosition | null;
}

/** A command that changes nothing, and why; key: patient id. */
export interface AlertCommandRefused {
  readonly schema: 1;
  readonly kind: "refused";
  readonly commandId: string;
  readonly alertId: string;
  readonly patientId: string;
  readonly code: "NOT_FOUND" | "CONFLICT" | "BAD_USER_INPUT";
  readonly message: string;
  /** Version of the alert; null where there is none. */
  readonly version: number | null;
  readonly input: InputPosition | null;
}

export type AlertTransitioned = AlertChanged | AlertCommandRefused;

const text = z.string();
const textOrNull = text.nullable();
const millis = z.number().int();
const count = z.number().int().min(0);
const offset = z.string().regex(/^\d+$/);

export const alertRecordSchema: z.ZodType<AlertRecord> = z.object({
  id: text,
  patientId: text,
  ruleId: text,
  ruleVersion: count,
  kind: z.enum(ALERT_KINDS),
  code: textOrNull,
  priority: z.enum(ALERT_PRIORITIES),
  presence: z.enum(ALERT_PRESENCES),
  conditionPresent: z.boolean(),
  stale: z.boolean(),
  version: z.number().int().min(1),
  onset: millis,
  raisedAt: millis,
  abatement: millis.nullable(),
  occurrenceCount: z.number().int().min(1),
  message: text,
  value: textOrNull,
  unit: textOrNull,
  threshold: textOrNull,
  derivedFrom: z.array(text),
  escalationLevel: count,
  acknowledgedBy: textOrNull,
  acknowledgedAt: millis.nullable(),
  note: textOrNull,
  snoozedUntil: millis.nullable(),
  assessment: z.enum(ALERT_ASSESSMENTS).nullable(),
  supersedes: textOrNull,
  movedFrom: textOrNull,
  shadow: z.boolean(),
  simulated: z.boolean(),
  receivedAt: millis.nullable(),
});

const commandBase = {
  schema: z.literal(1),
  commandId: text.min(1),
  alertId: text.min(1),
  patientId: text.min(1),
  expectedVersion: z.number().int().nullable(),
  known: alertRecordSchema.nullable().default(null),
  by: text,
  at: millis,
};

export const alertCommandedSchema: z.ZodType<AlertCommanded> = z.discriminatedUnion("command", [
  z.object({ ...commandBase, command: z.literal("acknowledge"), note: textOrNull }),
  z.object({ ...commandBase, command: z.literal("snooze"), until: millis, reason: text }),
  z.object({ ...commandBase, command: z.literal("unsnooze") }),
  z.object({ ...commandBase, command: z.literal("resolve"), reason: text }),
  z.object({ ...commandBase, command: z.literal("assess"), assessment: z.enum(ALERT_ASSESSMENTS) }),
]);

export const alertsHandedSchema: z.ZodType<AlertsHanded> = z.object({
  schema: z.literal(1),
  command: z.literal("adopt"),
  patientId: text.min(1),
  from: text.min(1),
  reason: z.enum(["MERGED", "UNMERGED"]),
  alerts: z.array(z.object({ subject: text, alert: alertRecordSchema, restores: alertRecordSchema.nullable() })),
  sources: z.array(z.object({ source: text, heardAt: millis })),
  by: text,
  at: millis,
  registry: offset.optional(),
});

export const inputForwardedSchema: z.ZodType<InputForwarded> = z.object({
  schema: z.literal(1),
  command: z.literal("forward"),
  patientId: text.min(1),
  input: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("reading"), reading: vitalAcceptedSchema }),
    z.object({ kind: z.literal("window"), window: vitalWindowedSchema, at: millis }),
  ]),
  registry: offset,
});

export const alertStepSchema: z.ZodType<AlertStep> = z.object({
  from: z.enum(ALERT_PRESENCES).nullable(),
  to: z.enum(ALERT_PRESENCES),
  reason: z.enum(STEP_REASONS),
  text: textOrNull,
  by: textOrNull,
  dueAt: millis,
});

export const alertTransitionedSchema: z.ZodType<AlertTransitioned> = z.discriminatedUnion("kind", [
  z.object({
    schema: z.literal(1),
    kind: z.literal("changed"),
    alert: alertRecordSchema,
    step: alertStepSchema,
    commandId: textOrNull,
    input: inputPositionSchema.nullable(),
  }),
  z.object({
    schema: z.literal(1),
    kind: z.literal("refused"),
    commandId: text,
    alertId: text,
    patientId: text,
    code: z.enum(["NOT_FOUND", "CONFLICT", "BAD_USER_INPUT"]),
    message: text,
    version: z.number().int().nullable(),
    input: inputPositionSchema.nullable(),
  }),
]);
