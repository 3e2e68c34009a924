import { z } from "zod";

/** Where somebody is, in the registry under their id (kind `stay`). */
export interface PatientStay {
  readonly state: "IN" | "OUT";
  readonly visit: string | null;
  /** Ward, room and bed. */
  readonly location: string | null;
  /** When it came to be so, in milliseconds since the epoch. */
  readonly since: number;
}

/** What came to an end between two states of a stay; null: nothing did. */
export function endOfStay(before: PatientStay | null, after: PatientStay | null): "DISCHARGED" | "TRANSFERRED" | null {
  if (after === null || before?.state === "OUT") return null;
  if (after.state === "OUT") return "DISCHARGED";
  const isMoved = before !== null && before.location !== null && before.location !== after.location;
  return isMoved && before.since !== after.since ? "TRANSFERRED" : null;
}

export const patientStaySchema: z.ZodType<PatientStay> = z.object({
  state: z.enum(["IN", "OUT"]),
  visit: z.string().nullable(),
  location: z.string().nullable(),
  since: z.number().int(),
});
