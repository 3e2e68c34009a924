import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KNOWLEDGE_FILES, writeDemo } from "../simulate/index.js";
import { createClient, type Client, type Endpoint } from "./client.js";
import { EXIT, failure } from "./output.js";
import { awaitJob, submitAndWait, SUBMIT, type Submission } from "./submit.js";

export interface DemoLoad {
  /** False where the folder holds data of its own, or has loaded the demo before. */
  readonly isNew: boolean;
  readonly people: number;
}

export interface DemoLoadOptions {
  readonly endpoint: Endpoint;
  /** The data folder of the service. */
  readonly directory: string;
  readonly people: number;
  show(text: string): void;
  readonly signal: AbortSignal;
}

/** Below the data folder: how many people the demo has, and whether all of it is in the store. */
const STATE = "demo-state.json";

/**
 * Fills an empty store with a simulated cohort, as a user would: files through `PUT /files`, jobs through mutations.
 * A start that was killed half-way goes on with the next. A store that holds anything else is left alone.
 */
export async function loadDemo({ endpoint, directory, people, show, signal }: DemoLoadOptions): Promise<DemoLoad> {
  const folder = join(directory, "demo");
  const client = createClient(endpoint, signal);
  const state = join(directory, STATE);
  const before = await readFile(state, "utf8").then(
    (text) => JSON.parse(text) as { readonly people: number; readonly isLoaded: boolean },
    () => null,
  );
  if (before?.isLoaded === true || (before === null && !(await isEmpty(client)))) return { isNew: false, people: 0 };
  const count = before?.people ?? people;
  await writeFile(state, JSON.stringify({ people: count, isLoaded: false }));
  const demo = await writeDemo({
    directory: folder,
    people: count,
    signal,
    onProgress(share) {
      show(bar(share / 2, `simulating ${String(count)} people`));
    },
  });
  const paths = (kind: string): readonly string[] =>
    demo.files.filter((file) => file.kind === kind).map(({ path }) => join(folder, path));
  const key = (step: string): string => `demo ${demo.callSet} ${String(demo.generator)} ${String(count)} ${step}`;
  const steps: readonly (Submission & { readonly name: string })[] = [
    ...KNOWLEDGE_FILES.map(({ path, source, release }) => ({
      name: `ingesting ${source}`,
      mutation: SUBMIT.annotations,
      files: [join(folder, path)],
      variables: (uris: readonly string[]) => ({
        ...{ uris, source, version: release, assemblyId: "GRCh38", releasedAt: null },
        idempotencyKey: key(source),
      }),
    })),
    {
      name: "ingesting people",
      mutation: SUBMIT.clinical,
      files: paths("fhir"),
      variables: (uris) => ({ uris, idempotencyKey: key("people") }),
    },
    {
      name: "ingesting genomes",
      mutation: SUBMIT.variants,
      files: [...paths("vcf"), ...paths("samples")],
      variables: (uris) => ({
        input: {
          ...{ uris: uris.slice(0, -1), samplesUri: uris.at(-1), format: "VCF", assemblyId: "GRCh38" },
          ...{ callSet: demo.callSet, callSetKind: "FORCED_SITES", idempotencyKey: key("genomes") },
        },
      }),
    },
  ];
  for (const [index, { name, ...submission }] of steps.entries()) {
    show(bar(0.5 + index / steps.length / 2, name));
    await complete(client, submission, signal, (text) => {
      show(bar(0.5 + (index + 0.5) / steps.length / 2, `${name}  ${text}`));
    });
  }
  await writeFile(state, JSON.stringify({ people: count, isLoaded: true }));
  return { isNew: true, people: count };
}

async function isEmpty(client: Client): Promise<boolean> {
  const { jobs } = await client.ask<{ jobs: { nodes: readonly unknown[] } }>("{ jobs(first: 1) { nodes { id } } }");
  return jobs.nodes.length === 0;
}

/** A job that a killed service left failed is tried again; anything else that goes wrong is told. */
async function complete(
  client: Client,
  submission: Submission,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<void> {
  let job = await submitAndWait(client, submission, show, signal);
  if (job.state !== "COMPLETE" && job.error?.retryable === true) {
    const retry = "mutation Retry($id: ID!) { retryJob(id: $id) { id } }";
    const { retryJob } = await client.ask<{ retryJob: { id: string } }>(retry, { id: job.id });
    job = await awaitJob(client, retryJob.id, show, signal);
  }
  if (job.state === "COMPLETE") return;
  throw failure(EXIT.failed, `the demo was not loaded: ${job.error?.message ?? job.state}`);
}

function bar(share: number, text: string): string {
  const width = 24;
  const done = Math.round(share * width);
  return `[${"=".repeat(done)}${" ".repeat(width - done)}] ${String(Math.round(share * 100)).padStart(3)} %  ${text}`;
}
