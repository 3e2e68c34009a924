import { mkdir } from "node:fs/promises";
import type { Engine } from "../engine/duckdb.js";
import { openFasta, type Fasta } from "../ingest/sources/fasta.js";
import { parseSampleSheet } from "../ingest/sources/sample-sheet.js";
import { bindExisting } from "./ingest-variants/existing.js";
import { ingestFile, type IngestedFile } from "./ingest-variants/ingest-file.js";
import { createCallSetDraft, type CallSetDraft } from "./ingest-variants/call-set-draft.js";
import { readNamedCallSets, refuseOtherSamples } from "./ingest-variants/call-set-names.js";
import { createStaging } from "./ingest-variants/staging.js";
import { settleFiles } from "./ingest-variants/settle.js";
import { writeVariantTables } from "./ingest-variants/write-tables.js";
import type { SampleFacts } from "../domain/sample.js";
import type { JobContext, JobResult } from "./context.js";
import { ingestVariantsParameters, parseParameters, parseRawId } from "./parameters.js";
import { withEngine } from "./scratch.js";

/**
 * Reads VCF files into `variants`, `calls`, `structural_variants`, `reference_blocks` and the tables that
 * describe call sets. Every record of every file ends in one line of a ledger; a file with a fault of its
 * own is refused without touching the others.
 */
export async function ingestVariants(context: JobContext): Promise<JobResult> {
  const parameters = parseParameters(ingestVariantsParameters, context.spec.parameters);
  const startedAt = context.clock.now();
  await mkdir(context.quarantineDirectory, { recursive: true });
  return withEngine(context, async (engine) => {
    let reference: Fasta | null = null;
    try {
      const sheet = await readSheet(context, parameters.samplesUri, engine);
      reference = await openReference(context, parameters.referenceUri);
      const staging = await createStaging(engine);
      const callSets = new Map<string, CallSetDraft>();
      const ingested: IngestedFile[] = [];
      const named = await readNamedCallSets(context, engine);
      let nextRow = 0;
      for (const [fileIndex, uri] of parameters.uris.entries()) {
        context.signal.throwIfAborted();
        const file = await ingestFile(context, {
          fileIndex,
          uri,
          parameters,
          reference,
          engine,
          staging,
          nextRow: () => nextRow++,
          callSetFor: (build, columns) => {
            const draft = createCallSetDraft(build, columns, parameters.callSet, parameters.callSetKind, sheet);
            const known = callSets.get(draft.id);
            if (known !== undefined) return known;
            refuseOtherSamples(draft, [...callSets.values(), ...named]);
            callSets.set(draft.id, draft);
            return draft;
          },
          progressOf: (fraction) => {
            context.progress(
              (fileIndex + fraction) / (parameters.uris.length * 1.25),
              `reading ${parseRawId(uri).name}`,
            );
          },
        });
        ingested.push(file);
      }
      staging.flush();
      context.progress(0.82, "finding duplicates");
      await bindExisting(engine, "variants", await context.tableFiles("variants"));
      await bindExisting(engine, "structural_variants", await context.tableFiles("structural_variants"));
      await bindExisting(engine, "reference_blocks", await context.tableFiles("reference_blocks"));
      const outcomes = await settleFiles(context, engine, ingested);
      context.progress(0.86, "writing tables");
      const add = await writeVariantTables(context, engine, staging, {
        ingested,
        outcomes,
        callSets: [...callSets.values()],
      });
      const written = add.reduce((sum, file) => ({ rows: sum.rows + file.rows, bytes: sum.bytes + file.bytes }), {
        rows: 0,
        bytes: 0,
      });
      return {
        jobId: context.spec.id,
        kind: context.spec.kind,
        baseSnapshot: context.spec.baseSnapshot,
        add: parameters.dryRun ? [] : add,
        remove: {},
        files: outcomes,
        estimate: parameters.dryRun ? { ...written, seconds: (context.clock.now() - startedAt) / 1000 } : null,
      };
    } finally {
      reference?.close();
    }
  });
}

/** The sheet given with the job, or what earlier jobs said about the same samples. */
async function readSheet(
  context: JobContext,
  uri: string | null,
  engine: Engine,
): Promise<ReadonlyMap<string, SampleFacts>> {
  if (uri !== null) {
    const { path, name } = parseRawId(uri);
    const chunks: Uint8Array[] = [];
    for await (const chunk of context.files.read(path)) chunks.push(chunk);
    return parseSampleSheet(Buffer.concat(chunks).toString("utf8"), name);
  }
  const known = new Map<string, SampleFacts>();
  for (const path of await context.tableFiles("samples")) {
    const rows = await engine.rows(
      "SELECT sample_id, sex, populations, superpopulations FROM read_parquet($1) WHERE in_sheet",
      [path],
    );
    for (const row of rows) {
      const sampleId = String(row["sample_id"]);
      const sex = row["sex"];
      const list = (value: unknown): string[] => (typeof value === "string" && value !== "" ? value.split(",") : []);
      known.set(sampleId, {
        sampleId,
        sex: sex === "female" || sex === "male" ? sex : null,
        populations: list(row["populations"]),
        superpopulations: list(row["superpopulations"]),
      });
    }
  }
  return known;
}

async function openReference(context: JobContext, uri: string | null): Promise<Fasta | null> {
  if (uri === null) return null;
  const { path, name } = parseRawId(uri);
  return openFasta(await context.localPath(path), name);
}
