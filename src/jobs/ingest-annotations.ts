import { mkdir } from "node:fs/promises";
import { parseDate } from "../ingest/sources/annotations/index.js";
import type { FileOutcome, JobContext, JobResult } from "./context.js";
import { readFileOfRelease, type ReadFile } from "./ingest-annotations/read-file.js";
import { bindKeys, writeRelease, type ReleaseChange } from "./ingest-annotations/release.js";
import { settleFiles } from "./ingest-annotations/settle.js";
import { createAnnotationStaging } from "./ingest-annotations/staging.js";
import { ingestAnnotationsParameters, parseParameters, parseRawId } from "./parameters.js";
import { withEngine } from "./scratch.js";

/**
 * Reads the files of one release of a source into `genes`, `gene_disease` and `annotations`. A release is taken whole:
 * one file that is refused refuses the others, so that no half of a release takes the place of the one before.
 */
export async function ingestAnnotations(context: JobContext): Promise<JobResult> {
  const parameters = parseParameters(ingestAnnotationsParameters, context.spec.parameters);
  await mkdir(context.quarantineDirectory, { recursive: true });
  return withEngine(context, async (engine) => {
    const staging = await createAnnotationStaging(engine);
    const files: ReadFile[] = [];
    for (const [fileIndex, uri] of parameters.uris.entries()) {
      files.push(
        await readFileOfRelease(context, {
          fileIndex,
          uri,
          build: parameters.assemblyId,
          staging,
          progressOf: (fraction) => {
            context.progress(
              (fileIndex + fraction) / (parameters.uris.length * 1.25),
              `reading ${parseRawId(uri).name}`,
            );
          },
        }),
      );
    }
    staging.flush();
    const staged = files.filter((file) => file.status === "staged");
    if (staged.length < files.length) {
      for (const { quarantine } of staged) await quarantine.close();
      return resultOf(context, files.map(refusedWhole), { add: [], remove: {} });
    }
    const released =
      parameters.releasedAt ?? latest(staged.map(({ summary }) => summary.released)) ?? parseDate(parameters.version);
    const release = { name: parameters.source, version: parameters.version, released };
    context.progress(0.82, "finding duplicates");
    await bindKeys(context, engine, release);
    const outcomes = await settleFiles(context, engine, staged);
    context.progress(0.9, "writing tables");
    return resultOf(context, outcomes, await writeRelease(context, engine, staged, release));
  });
}

function resultOf(context: JobContext, files: readonly FileOutcome[], change: ReleaseChange): JobResult {
  const { id, kind, baseSnapshot } = context.spec;
  return { jobId: id, kind, baseSnapshot, ...change, files, estimate: null };
}

function refusedWhole(file: ReadFile): FileOutcome {
  const { name, uri } = file;
  const refusal =
    file.status === "refused"
      ? file.refusal
      : {
          code: "INGEST_REJECTED",
          message: "another file of this release was refused: nothing of the release is taken",
          line: null,
          field: null,
          expected: null,
        };
  return { file: name, uri, callSetId: null, status: "refused", refusal };
}

function latest(dates: readonly (string | null)[]): string | null {
  return (
    dates
      .filter((date) => date !== null)
      .sort()
      .at(-1) ?? null
  );
}
