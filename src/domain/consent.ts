import { z } from "zod";

/** Whether somebody may be watched, in the registry under their id (kind `consent`). Nothing said is no withdrawal. */
export interface PatientConsent {
  readonly state: "GIVEN" | "WITHDRAWN";
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export const patientConsentSchema: z.ZodType<PatientConsent> = z.object({
  state: z.enum(["GIVEN", "WITHDRAWN"]),
  since: z.number().int(),
});
