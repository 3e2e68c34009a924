import { createHash } from "node:crypto";
import type { Build } from "./contig.js";

/** What an absent site means never follows from the kind alone: absent is never reference. */
export const CALL_SET_KINDS = ["FORCED_SITES", "COHORT_VARIANTS_ONLY", "GVCF", "SINGLE_VARIANTS_ONLY"] as const;
export type CallSetKind = (typeof CALL_SET_KINDS)[number];

/** The same build and the same samples are one call set, whatever the number of files; a name keeps two apart. */
export function callSetId(build: Build, sortedSamples: readonly string[], name: string | null): string {
  const hash = createHash("sha256").update(`${build}\n${name ?? ""}\n`);
  for (const sample of sortedSamples) hash.update(`${sample}\n`);
  return `cs-${hash.digest("hex").slice(0, 16)}`;
}
