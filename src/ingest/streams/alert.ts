import { z } from "zod";
import type { LoggedEvent, Position } from "../../backend/index.js";
import { ALERT_PRIORITIES, type AlertRecord, type AlertStep } from "../../domain/alert/alert.js";
import { VitalomeError } from "../../errors.js";
import {
  alertCommandedSchema,
  alertRecordSchema,
  alertStepSchema,
  alertTransitionedSchema,
  alertsHandedSchema,
  inputForwardedSchema,
  type AlertCommanded,
  type AlertsHanded,
  type AlertTransitioned,
  type InputForwarded,
} from "../../domain/events/alert.js";
import type { TopicName } from "../../domain/events/index.js";
import { readEvent } from "./read.js";

export const ALERT_COMMANDED = "alert.commanded.v1" satisfies TopicName;
export const ALERT_TRANSITIONED = "alert.transitioned.v1" satisfies TopicName;

/** What a person asks, what another record hands over, or what came under one that was merged into this. */
export function parseAlertCommand(event: LoggedEvent): AlertCommanded | AlertsHanded | InputForwarded {
  switch ((event.value as { readonly command?: unknown } | null)?.command) {
    case "adopt":
      return readEvent(event, alertsHandedSchema);
    case "forward":
      return readEvent(event, inputForwardedSchema);
    default:
      return readEvent(event, alertCommandedSchema);
  }
}

export function parseAlertTransition(event: LoggedEvent): AlertTransitioned {
  return readEvent(event, alertTransitionedSchema);
}

/** A step of an alert as tables keep it: where in the log it lies, and what it made of what a filter asks for. */
export interface StoredStep extends Position {
  readonly version: number;
  /** When the log took it, in milliseconds since the epoch. */
  readonly at: number;
  readonly commandId: string | null;
  readonly priority: AlertRecord["priority"];
  readonly patientId: string;
  readonly shadow: boolean;
  readonly step: AlertStep;
}

export interface StoredAlert {
  readonly record: AlertRecord;
  /** By version. */
  readonly steps: readonly StoredStep[];
}

const storedAlertSchema = z.object({
  record: alertRecordSchema,
  steps: z.array(
    z.object({
      version: z.number().int(),
      partition: z.number().int(),
      offset: z.string().regex(/^\d+$/).transform(BigInt),
      at: z.number(),
      commandId: z.string().nullable(),
      priority: z.enum(ALERT_PRIORITIES),
      patientId: z.string(),
      shadow: z.boolean(),
      step: alertStepSchema,
    }),
  ),
});

/** Alerts as a table holds them. STORAGE_CORRUPT when it holds something else. */
export function* parseStoredAlerts(rows: Iterable<unknown>): Generator<StoredAlert> {
  for (const row of rows) {
    const parsed = storedAlertSchema.safeParse(row);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
      throw new VitalomeError("STORAGE_CORRUPT", `the table of alerts holds a row that is none: ${field}`, {
        cause: parsed.error,
      });
    }
    yield parsed.data;
  }
}
