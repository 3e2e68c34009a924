import { z } from "zod";

/**
 * What a clinician has laid down for watching one patient; a null says nothing. Versions follow each other in the registry
 * under the patient's id.
 */
export interface MonitoringPlan {
  readonly patientId: string;
  readonly version: number;
  /** 2 (target 88 to 92 %) only with prescriber and reason: hypercapnic respiratory failure. */
  readonly spo2Scale: 1 | 2;
  readonly pregnancy: boolean | null;
  /** Attests an age of 16 years or more where the birth date is not known. */
  readonly adult: boolean | null;
  /** Confusion is not new for this patient. */
  readonly baselineConfusion: boolean | null;
  readonly ceilingOfCare: string | null;
  /** Milliseconds since the epoch; half open. */
  readonly validFrom: number;
  readonly validTo: number | null;
  readonly prescriber: string | null;
  readonly reason: string;
}

export const monitoringPlanSchema: z.ZodType<MonitoringPlan> = z.object({
  patientId: z.string().min(1),
  version: z.number().int().min(1),
  spo2Scale: z.union([z.literal(1), z.literal(2)]),
  pregnancy: z.boolean().nullable(),
  adult: z.boolean().nullable(),
  baselineConfusion: z.boolean().nullable(),
  ceilingOfCare: z.string().nullable(),
  validFrom: z.number().int(),
  validTo: z.number().int().nullable(),
  prescriber: z.string().nullable(),
  reason: z.string().min(1),
});
