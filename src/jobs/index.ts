import { annotateVariants } from "./annotate-variants.js";
import { COMPACT_LOG, compactLog } from "./compact-log.js";
import type { Job } from "./context.js";
import { exportVariants } from "./export.js";
import { ingestAnnotations } from "./ingest-annotations.js";
import { ingestClinical } from "./ingest-clinical.js";
import { ingestVariants } from "./ingest-variants.js";
import { removeCallSet } from "./remove-call-set.js";

/** Every job by name, with the tables it writes: one writer per table at a time. */
export const JOBS: Readonly<Record<string, Job>> = {
  "annotate-variants": annotateVariants,
  [COMPACT_LOG]: compactLog,
  export: exportVariants,
  "ingest-annotations": ingestAnnotations,
  "ingest-clinical": ingestClinical,
  "ingest-variants": ingestVariants,
  "remove-call-set": removeCallSet,
};
