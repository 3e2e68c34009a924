import { z } from "zod";

/** People who meet criteria, in the registry under its id (kind `cohort`). Who they are changes with what is known of them. */
export interface Cohort {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  /** The criteria as they were given, all of which hold; JSON. */
  readonly definition: readonly Readonly<Record<string, unknown>>[];
}

export const cohortSchema = z.object({ name: z.string(), definition: z.array(z.record(z.string(), z.unknown())) });
