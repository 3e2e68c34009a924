import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import { systemClock } from "../../src/clock.js";
import { JOB_CHANGED, parseJobChanged } from "../../src/ingest/streams/job.js";
import { silentLog } from "../../src/log.js";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { createChance } from "./kill.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");
/** On a machine that does much else a job takes seconds, and a whole life of them waits. */
const PATIENCE_MS = 180_000;
const KILLS = 5;
const JOBS_PER_LIFE = 3;
const VCF = `##fileformat=VCFv4.3
##contig=<ID=chr22,length=50818468>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1
`;

interface Line {
  readonly cursor: string;
  readonly event: {
    readonly __typename: string;
    readonly id: string;
    readonly version: number;
    readonly state: string;
  };
}

/** What is watched, as it came. */
function startWatching(directory: string): { readonly child: ChildProcess; lines(): Line[]; talk(): string } {
  const args = ["watch", "jobs", "--data", directory, "--resume", join(directory, "cursor"), "--output", "json"];
  const child = spawn(BIN, args, { env: { ...process.env, NODE_OPTIONS: "" }, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let talk = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (talk += chunk.toString()));
  return {
    child,
    lines: () =>
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    talk: () => talk,
  };
}

async function eventually(condition: () => Promise<boolean> | boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it did not come about: ${what()}`);
    await systemClock.sleep(50);
  }
}

async function submit(service: Service, key: string): Promise<string> {
  const upload = await fetch(new URL(`/files?name=${key}.vcf`, service.url), {
    method: "PUT",
    headers: { authorization: `Bearer ${service.token}` },
    body: `${VCF}chr22\t${String(1_000 + key.length)}\t.\tA\tG\t50\tPASS\t.\tGT\t0/1\n`,
  });
  const { id: uri } = (await upload.json()) as { id: string };
  const { ingestVariants } = await service.query<{ ingestVariants: { id: string } }>(
    "mutation Start($input: VariantIngestInput!) { ingestVariants(input: $input) { id } }",
    { input: { uris: [uri], callSet: key, assemblyId: "GRCh38", idempotencyKey: key } },
  );
  return ingestVariants.id;
}

/** Every transition in the log, in its order. */
async function transitions(directory: string): Promise<readonly string[]> {
  const log = await createEmbeddedEventLog({ directory: join(directory, "log"), clock: systemClock, log: silentLog });
  const [range] = await log.positions(JOB_CHANGED);
  const found: string[] = [];
  const enough = new AbortController();
  for await (const event of log.read(JOB_CHANGED, new Map([[0, 0n]]), enough.signal)) {
    if (event.kind === "gap") throw new Error("the log has lost events");
    const { id, version, state } = parseJobChanged(event).job;
    found.push(`${id} ${String(version)} ${state}`);
    if (event.offset + 1n === range?.end) break;
  }
  enough.abort(new Error("read"));
  await log.close();
  return found;
}

describe("following jobs while the service is killed", () => {
  let service: Service | null = null;
  let watcher: ReturnType<typeof startWatching> | null = null;
  beforeAll(ensureBuilt);
  afterAll(async () => {
    watcher?.child.kill("SIGKILL");
    await service?.kill();
  });

  it(`receives over ${String(KILLS)} kills exactly the transitions of the log, in its order`, async () => {
    const chance = createChance("watch");
    service = await startService();
    const { directory } = service;
    const own = startWatching(directory);
    watcher = own;
    await eventually(
      () =>
        readFile(join(directory, "cursor")).then(
          () => true,
          () => false,
        ),
      () => own.talk(),
    );
    const ids: string[] = [];
    for (let kill = 0; kill <= KILLS; kill += 1) {
      for (let job = 0; job < JOBS_PER_LIFE; job += 1)
        ids.push(await submit(service, `job ${String(kill)} ${"x".repeat(job)}`));
      if (kill === KILLS) break;
      await systemClock.sleep(chance.between(0, 1_500));
      await service.kill();
      service = await startService(directory);
    }
    const last = service;
    const open = "{ jobs(first: 1000) { nodes { id version state endedAt } } }";
    let ended: readonly { id: string; version: number; endedAt: string | null }[] = [];
    await eventually(
      async () => {
        ended = (await last.query<{ jobs: { nodes: typeof ended } }>(open)).jobs.nodes;
        return ended.every(({ endedAt }) => endedAt !== null);
      },
      () => JSON.stringify(ended),
    );
    expect(new Set(ended.map(({ id }) => id))).toEqual(new Set(ids));
    const isThere = ({ id, version }: { id: string; version: number }): boolean =>
      own.lines().some(({ event }) => event.id === id && event.version === version);
    await eventually(
      () => ended.every(isThere),
      () => own.talk(),
    );
    own.child.kill("SIGINT");
    expect((await once(own.child, "close"))[0]).toBe(130);
    expect(own.talk()).toContain(`resume with --after ${String(own.lines().at(-1)?.cursor)}`);
    expect(await last.stop()).toBe(0);
    const received = own.lines().map(({ event }) => `${event.id} ${String(event.version)} ${event.state}`);
    const logged = await transitions(directory);
    expect(logged.length).toBeGreaterThanOrEqual(3 * ids.length);
    expect(received).toEqual(logged);
    expect(own.talk().match(/disconnected/g)?.length).toBeGreaterThanOrEqual(KILLS);
    await removeFolder(directory);
  }, 400_000);
});
