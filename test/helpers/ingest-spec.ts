import { createHash } from "node:crypto";
import type { Files, JobSpec } from "../../src/backend/index.js";

/** Stores a VCF as an upload does, and answers the id of it. */
export async function storeVcf(files: Files, text: string): Promise<string> {
  const sha256 = createHash("sha256").update(text).digest("hex");
  await files.putIfAbsent(`raw/${sha256}/data.vcf`, Buffer.from(text));
  return `raw:${sha256}/cohort.vcf`;
}

/** The job that reads one stored VCF into an empty store. */
export function buildIngestSpec(id: string, uri: string): JobSpec {
  return {
    id,
    kind: "ingest-variants",
    baseSnapshot: 0,
    submittedBy: "test",
    parameters: {
      uris: [uri],
      assemblyId: null,
      callSet: null,
      callSetKind: null,
      samplesUri: null,
      referenceUri: null,
      minQual: null,
      passOnly: false,
      minAf: null,
      maxAf: null,
      dryRun: false,
    },
  };
}
