import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, findEndpoint, type ConnectionOptions } from "./client.js";
import { reportJob } from "./ingest-report.js";
import { outputMode } from "./output.js";
import { addConnection } from "./query.js";
import { runSubmission, SUBMIT } from "./submit.js";

interface ClinicalOptions extends ConnectionOptions {
  readonly sampleSystem: readonly string[];
  readonly subjectSystem?: string;
  readonly idempotencyKey?: string;
  readonly strict?: boolean;
  readonly output?: string;
}

export function addIngestClinical(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("ingest-clinical"))
    .description("Ingest records about people: FHIR R4 (NDJSON or a Bundle), or a table with one person a line.")
    .argument("<files...>", "files, plain or compressed; each tells what it is")
    .option(
      "--sample-system <uri>",
      "identifiers of this system are names of samples in VCF files (may be repeated)",
      (value: string, all: readonly string[]) => [...all, value],
      [],
    )
    .option("--subject-system <uri>", "rows of a table belong to the people known by this identifier system")
    .option("--idempotency-key <text>", "the same key is the same job")
    .option("--strict", "end with 3 when anything was quarantined")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Kept are Patient, Condition, MedicationRequest, Encounter, Consent and Observation; Specimen for its sample name.
Other resources are counted as filtered. A sample is somebody's only where a record says so; a sample that two
people claim is nobody's until that is settled. Ends as vitalome ingest does.

Examples:
  vitalome ingest-clinical demo/fhir/*.ndjson
  vitalome ingest-clinical Patient.ndjson.gz --sample-system https://example.org/sample-names
  vitalome ingest-clinical subjects.tsv --sample-system https://vitalome.org/subject
  vitalome ingest-clinical subjects.tsv --subject-system https://example.org/sample-names`,
    )
    .action(async (files: string[], options: ClinicalOptions) => {
      end(await ingest(files, options, signal));
    });
}

async function ingest(paths: readonly string[], options: ClinicalOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const client = createClient(await findEndpoint(options, environment()), signal);
  const { sampleSystem: sampleSystems, subjectSystem = null, idempotencyKey = randomUUID() } = options;
  const job = await runSubmission(
    client,
    {
      mutation: SUBMIT.clinical,
      files: paths,
      variables: (uris) => ({ uris, sampleSystems, subjectSystem, idempotencyKey }),
    },
    signal,
  );
  return reportJob(job, paths, mode, options.strict === true);
}
