import { z } from "zod";
import { RUN_STATES, type JobRecord } from "../job.js";

/** What the API asks of the worker; key: job id. */
export type JobCommanded =
  | {
      readonly schema: 1;
      readonly command: "submit";
      readonly id: string;
      readonly kind: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly inputs: readonly string[];
      readonly submittedBy: string;
      readonly idempotencyKey: string;
      readonly retryOf: string | null;
    }
  | { readonly schema: 1; readonly command: "cancel"; readonly id: string; readonly submittedBy: string };

/** The whole job after a transition; key: job id. */
export interface JobChanged {
  readonly schema: 1;
  readonly job: JobRecord;
}

const id = z.string().min(1);
const parameters = z.record(z.string(), z.unknown());

export const jobCommandedSchema: z.ZodType<JobCommanded> = z.discriminatedUnion("command", [
  z.object({
    schema: z.literal(1),
    command: z.literal("submit"),
    id,
    kind: z.string(),
    parameters,
    inputs: z.array(z.string()),
    submittedBy: z.string(),
    idempotencyKey: z.string(),
    retryOf: z.string().nullable(),
  }),
  z.object({ schema: z.literal(1), command: z.literal("cancel"), id, submittedBy: z.string() }),
]);

const moment = z.number().int();

export const jobChangedSchema: z.ZodType<JobChanged> = z.object({
  schema: z.literal(1),
  job: z.object({
    id,
    kind: z.string(),
    state: z.enum(RUN_STATES),
    progress: z.number().nullable(),
    stage: z.string().nullable(),
    submittedBy: z.string(),
    idempotencyKey: z.string(),
    parameters,
    inputs: z.array(z.string()),
    queuedAt: moment,
    startedAt: moment.nullable(),
    endedAt: moment.nullable(),
    error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).nullable(),
    baseSnapshot: z.number().int().nullable(),
    snapshotId: z.number().int().nullable(),
    retryOf: z.string().nullable(),
    version: z.number().int().min(1),
  }),
});
