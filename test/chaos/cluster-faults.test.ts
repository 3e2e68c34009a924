import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import {
  clusterEnvironment,
  killPart,
  ownStack,
  startOnePart,
  STACK_TIMEOUT_MS,
  type OwnStack,
} from "../helpers/stack.js";
import { generateVcf } from "../helpers/vcf.js";
import { askUntil, type Asked } from "./questions-meanwhile.js";

/** What may be killed, how `/readyz` of the API names it, and how its absence is named in an error. */
const PARTS = {
  thrift: { dependency: "tables", name: "Spark SQL" },
  datanode: { dependency: null, name: "HDFS" },
  namenode: { dependency: "store", name: "HDFS" },
  kafka: { dependency: "log", name: "Kafka" },
} as const;

const RECORDS = 200;
const SAMPLES = 6;
/** "Within seconds": two rounds of probes. */
const TOLD_MS = 20_000;
const BACK_MS = 120_000;
const AWAY_MS = 12_000;
const JOB_MS = 400_000;
const TEST_MS = 600_000;

let own: OwnStack;
let folder: string;
let environment: Readonly<Record<string, string>>;
let api: Service;
let worker: Service;
let ingested = 0;

async function start(role: "api" | "worker"): Promise<Service> {
  return startService(join(folder, role), ["--no-demo", "--role", role], environment);
}

beforeAll(async () => {
  own = await ownStack();
  folder = await mkdtemp(join(tmpdir(), "vitalome-faults-"));
  environment = {
    ...clusterEnvironment(own.stack, "faults"),
    VITALOME_KEYS: join(folder, "keys"),
    VITALOME_LOG_LEVEL: "error",
  };
  api = await start("api");
  worker = await start("worker");
  const first = await submit("before");
  await complete(first.id);
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await api.stop();
  await worker.stop();
  await own.stop();
  await removeFolder(folder);
}, 120_000);

interface JobState {
  readonly id: string;
  readonly state: string;
  readonly error: { readonly retryable: boolean; readonly message: string } | null;
  readonly ledger: { readonly recordsRead: number; readonly accepted: number; readonly balanced: boolean } | null;
}

/** Uploads a cohort of its own and starts its ingest. */
async function submit(name: string): Promise<{ readonly id: string }> {
  ingested += 1;
  const response = await fetch(new URL(`/files?name=${name}.vcf`, api.url), {
    method: "PUT",
    headers: { authorization: `Bearer ${api.token}`, "content-disposition": `attachment; filename="${name}.vcf"` },
    body: generateVcf(RECORDS, SAMPLES, 7919 * ingested),
  });
  const { id } = (await response.json()) as { id: string };
  const input = { uris: [id], format: "VCF", callSet: name, idempotencyKey: name };
  const { ingestVariants: job } = await api.query<{ ingestVariants: { id: string } }>(
    "mutation I($input: VariantIngestInput!) { ingestVariants(input: $input) { id } }",
    { input },
  );
  return job;
}

/** Follows a job to its end through whatever fails meanwhile; one that failed and may be retried is. */
async function complete(id: string): Promise<JobState> {
  const deadline = Date.now() + JOB_MS;
  let job = id;
  for (;;) {
    if (Date.now() > deadline) throw new Error(`job ${job} does not end`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const found = await api
      .query<{ job: JobState }>(
        "query J($id: ID!) { job(id: $id) { id state error { retryable message } ledger { recordsRead accepted balanced } } }",
        { id: job },
      )
      .catch(() => null);
    if (found === null || ["QUEUED", "RUNNING"].includes(found.job.state)) continue;
    if (found.job.state === "COMPLETE") return found.job;
    expect(found.job.error).toMatchObject({ retryable: true });
    const again = await api.query<{ retryJob: { id: string } }>("mutation R($id: ID!) { retryJob(id: $id) { id } }", {
      id: job,
    });
    job = again.retryJob.id;
  }
}

interface Ready {
  readonly status: number;
  readonly dependencies: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

async function ready(service: Service): Promise<Ready> {
  const response = await fetch(new URL("/readyz", service.url), { signal: AbortSignal.timeout(2_000) });
  const { dependencies } = (await response.json()) as Pick<Ready, "dependencies">;
  return { status: response.status, dependencies };
}

/** Milliseconds until `/readyz` says so. */
async function until(service: Service, holds: (ready: Ready) => boolean, withinMs: number): Promise<number> {
  const from = Date.now();
  let last: unknown = null;
  while (Date.now() - from < withinMs) {
    last = await ready(service).catch((thrown: unknown) => thrown);
    if (typeof last === "object" && last !== null && "status" in last && holds(last as Ready)) return Date.now() - from;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`/readyz never said so: ${JSON.stringify(last)}`);
}

const isWhole = ({ status, dependencies }: Ready): boolean =>
  status === 200 && Object.values(dependencies).every(({ ok }) => ok);

/** Every ingest so far is there once and whole. */
async function expectAllRows(): Promise<void> {
  const { callSets } = await api.query<{ callSets: { name: string; sites: number }[] }>("{ callSets { name sites } }");
  expect(callSets).toHaveLength(ingested);
  for (const { sites } of callSets) expect(sites).toBe(RECORDS);
}

/** Nothing hung, and what was refused may be asked again and says whose fault it is. */
function expectAnswersOrReasons(asked: readonly Asked[], name: string): void {
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter(({ outcome }) => outcome === "hung")).toEqual([]);
  const refused = asked.filter(({ outcome }) => outcome === "refused");
  for (const { code, canRetry, message } of refused) {
    expect({ code, canRetry }).toEqual({ code: "BACKEND_UNAVAILABLE", canRetry: true });
    expect(message).toContain(name);
  }
}

describe("a cluster in which one part after the other is killed while it is asked and ingests", () => {
  it.each(Object.entries(PARTS))(
    "goes on after %s was away",
    async (part, { dependency, name }) => {
      const kind = part as keyof typeof PARTS;
      const stop = new AbortController();
      const asking = askUntil(() => api, stop.signal);
      const job = await submit(part);
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await killPart(own, kind);
      const told =
        dependency === null
          ? null
          : await until(api, ({ dependencies }) => dependencies[dependency]?.ok === false, TOLD_MS);
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      await startOnePart(own, kind);
      const back = await until(api, isWhole, BACK_MS);
      const { ledger } = await complete(job.id);
      stop.abort();
      const asked = await asking;
      console.info(
        JSON.stringify({
          part,
          toldMs: told,
          backMs: back,
          asked: asked.length,
          refused: asked.filter(({ outcome }) => outcome === "refused").length,
          longestMs: Math.max(...asked.map(({ ms }) => ms)),
        }),
      );
      expect(ledger).toEqual({ recordsRead: RECORDS, accepted: RECORDS, balanced: true });
      expectAnswersOrReasons(asked, name);
      await expectAllRows();
    },
    TEST_MS,
  );

  it(
    "goes on after the worker was killed: the job it had started is neither lost nor done twice",
    async () => {
      const job = await submit("worker");
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await worker.kill();
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      await api.query("{ callSets { name } }");
      worker = await start("worker");
      const { ledger } = await complete(job.id);
      expect(ledger).toEqual({ recordsRead: RECORDS, accepted: RECORDS, balanced: true });
      await expectAllRows();
    },
    TEST_MS,
  );

  it(
    "goes on after the API was killed: the job does not notice, and cursors of before are good after",
    async () => {
      const job = await submit("api");
      const document =
        "query V($after: Cursor) { variants(filter: {}, first: 5, after: $after) { nodes { id } pageInfo { endCursor } } }";
      const idsAfter = async (cursor: string): Promise<unknown> =>
        (await api.query<{ variants: { nodes: unknown } }>(document, { after: cursor })).variants.nodes;
      const page = await api.query<{ variants: { pageInfo: { endCursor: string } } }>(document);
      const after = page.variants.pageInfo.endCursor;
      const next = await idsAfter(after);
      await api.kill();
      api = await start("api");
      expect(await idsAfter(after)).toEqual(next);
      const { ledger } = await complete(job.id);
      expect(ledger).toEqual({ recordsRead: RECORDS, accepted: RECORDS, balanced: true });
      await expectAllRows();
    },
    TEST_MS,
  );
});
