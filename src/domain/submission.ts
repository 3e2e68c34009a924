import { createHash } from "node:crypto";
import type { ObservationLedger } from "./observation/ledger.js";

/** How readings are written: one JSON object a line, or messages of HL7 version 2. */
export const SUBMISSION_FORMATS = ["ndjson", "hl7"] as const;
export type SubmissionFormat = (typeof SUBMISSION_FORMATS)[number];

/** What is known of a submission before its first line. */
export interface SubmissionRequest {
  /** Name of the source the records are of. */
  readonly source: string;
  readonly format: SubmissionFormat;
  /** Whether they are made up, or replayed from a recording. */
  readonly simulated: boolean;
  /** Null: whatever is sent is a submission of its own. */
  readonly idempotencyKey: string | null;
}

/** Records that are durable, whatever will be said of them. */
export interface Submission {
  readonly id: string;
  readonly cursor: string;
  /** Records in the log: lines that are not blank; of HL7 each result, and each message that gives none. */
  readonly lines: number;
  /** Where their readings went; null until the worker has judged the last of them. */
  readonly ledger: ObservationLedger | null;
}

/** The same tenant and key are the same submission. */
export function submissionId(tenant: string, idempotencyKey: string): string {
  const hash = createHash("sha256").update(`${tenant}\nobservations\n${idempotencyKey}`).digest("hex");
  return `submission-${hash.slice(0, 20)}`;
}
