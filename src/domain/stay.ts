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

export const patientStaySchema: z.ZodType<PatientStay> = z.object({
  state: z.enum(["IN", "OUT"]),
  visit: z.string().nullable(),
  location: z.string().nullable(),
  since: z.number().int(),
});
