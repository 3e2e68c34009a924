import { mkdir } from "node:fs/promises";
import type { JobContext, JobResult } from "./context.js";
import { readKnownPeople } from "./ingest-clinical/known-people.js";
import { readClinicalFile, type ReadFile } from "./ingest-clinical/read-file.js";
import { settleClinicalFiles, writeClinicalTables } from "./ingest-clinical/settle.js";
import { createClinicalStaging } from "./ingest-clinical/staging.js";
import { ingestClinicalParameters, parseParameters, parseRawId } from "./parameters.js";
import { withEngine } from "./scratch.js";

/** Reads FHIR R4 and tables of subjects into the tables of people. A file that is refused does not refuse the others. */
export async function ingestClinical(context: JobContext): Promise<JobResult> {
  const { uris, sampleSystems, subjectSystem } = parseParameters(ingestClinicalParameters, context.spec.parameters);
  await mkdir(context.quarantineDirectory, { recursive: true });
  return withEngine(context, async (engine) => {
    const staging = await createClinicalStaging(engine);
    const knownBy = subjectSystem === null ? null : await readKnownPeople(context, engine, subjectSystem);
    const files: ReadFile[] = [];
    for (const [fileIndex, uri] of uris.entries()) {
      const progressOf = (fraction: number): void => {
        context.progress((fileIndex + fraction) / (uris.length * 1.25), `reading ${parseRawId(uri).name}`);
      };
      files.push(await readClinicalFile(context, { fileIndex, uri, sampleSystems, knownBy, staging, progressOf }));
    }
    staging.flush();
    const staged = files.filter((file) => file.status === "staged");
    context.progress(0.82, "finding repeats and revisions");
    const settled = await settleClinicalFiles(context, engine, staged);
    context.progress(0.9, "writing tables");
    const change = await writeClinicalTables(context, engine, staged);
    const outcomes = files.map((file) => {
      if (file.status === "refused") {
        const { name, uri, refusal } = file;
        return { file: name, uri, callSetId: null, status: "refused" as const, refusal };
      }
      const outcome = settled.get(file.fileIndex);
      if (outcome === undefined) throw new Error(`file ${String(file.fileIndex)} was not settled`);
      return outcome;
    });
    const { id, kind, baseSnapshot } = context.spec;
    return { jobId: id, kind, baseSnapshot, ...change, files: outcomes, estimate: null };
  });
}
