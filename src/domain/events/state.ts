import { z } from "zod";

/** One entry of a worker's state for one partition; the last of a key holds, null removes it. Key: `consumer/entry`. */
export interface WorkerState {
  readonly schema: 1;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly entry: string;
  readonly value: unknown;
  /** Offset up to which the state has read its input, as decimal digits. */
  readonly throughOffset: string;
}

export const REGISTRY_KINDS = [
  "alert-rule",
  "cohort",
  "named-query",
  "care-team",
  "revocation",
  "consent",
  "link",
  "model-stage",
  "monitoring-plan",
  "source",
  "patient",
  "stay",
] as const;
export type RegistryKind = (typeof REGISTRY_KINDS)[number];

/** One entry that every process folds; the last of a key holds. Key: `kind/id`. */
export interface RegistryChanged {
  readonly schema: 1;
  readonly kind: RegistryKind;
  readonly id: string;
  /** Grows by one with every change of the entry. */
  readonly version: number;
  /** Null when it was withdrawn. */
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly by: string;
  readonly reason: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export const registryChangedSchema: z.ZodType<RegistryChanged> = z.object({
  schema: z.literal(1),
  kind: z.enum(REGISTRY_KINDS),
  id: z.string().min(1),
  version: z.number().int().min(1),
  value: z.record(z.string(), z.unknown()).nullable(),
  by: z.string(),
  reason: z.string().nullable(),
  at: z.number().int(),
});
