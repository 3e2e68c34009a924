import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import { isVitalomeError } from "../../src/errors.js";
import { EMPTY_CATALOG, catalogPath, filesOf, type Catalog } from "../../src/lake/catalog.js";
import { publishRun } from "../../src/lake/publish.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { buildChange, createStore, fixedClock, type Store } from "../lake/build.js";
import { compileSources } from "./compiled.js";

const CHILD = join(import.meta.dirname, "publish-child.mjs");
const SEED = Number(process.env["CHAOS_SEED"] ?? Date.now() % 1_000_000);

let compiled = "";
let store: Store;
beforeAll(async () => {
  compiled = await compileSources("publish", [
    "backend/embedded/files.ts",
    "lake/publish.ts",
    "lake/snapshots.ts",
    "log.ts",
    "clock.ts",
  ]);
});
afterAll(async () => {
  await rm(compiled, { recursive: true });
});
beforeEach(async () => {
  store = await createStore();
});
afterEach(async () => {
  await store.dispose();
});

interface Ended {
  readonly said: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
}

/** Runs the child to its end, or kills it after `killAfterMs`. */
async function runChild(args: readonly string[], killAfterMs?: number): Promise<Ended> {
  const child = spawn(process.execPath, [CHILD, compiled, ...args], { stdio: ["ignore", "pipe", "inherit"], env: {} });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const timer = killAfterMs === undefined ? null : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...ended) => {
      resolve(ended);
    });
  });
  if (timer !== null) clearTimeout(timer);
  return { said: output.split("\n").filter((line) => line !== ""), signal, code };
}

/** The store as a process sees it that starts now; each of its files is whole. */
async function openStore(): Promise<Catalog> {
  const files = await createEmbeddedFiles({ root: store.root });
  const snapshots = await openSnapshots(files, silentLog);
  expect([...snapshots.faults()]).toEqual([]);
  const latest = snapshots.latest();
  for (const { files: held } of Object.values(latest.tables)) {
    for (const file of held) {
      const content = await readFile(join(store.root, file.path));
      expect(createHash("sha256").update(content).digest("hex")).toBe(file.sha256);
    }
  }
  expect(await readdir(join(store.root, ".scratch"))).toEqual([]);
  return latest;
}

const pathsOf = (catalog: Catalog): string[] =>
  Object.values(catalog.tables).flatMap(({ files }) => files.map((file) => file.path));

async function publishFirst(): Promise<Catalog> {
  const snapshots = await openSnapshots(store.files, silentLog);
  return publishRun(
    { files: store.files, snapshots, clock: fixedClock },
    await buildChange(store.files, "first", ["variants"]),
  );
}

describe(`publishing under faults (seed ${String(SEED)})`, () => {
  it("killed at any step leaves the old snapshot or the new one, whole, and the next run clean", async () => {
    const first = await publishFirst();
    const undisturbed = await runChild(["once", store.root, "-1"]);
    const whole = await openStore();
    expect(pathsOf(whole)).toHaveLength(3);
    const steps = undisturbed.said;
    expect(steps).toEqual(
      expect.arrayContaining(["files:written", "files:linked", "publish:before-catalog", "publish:after-catalog"]),
    );
    const outcomes = new Set<number>();
    for (let step = 0; step < steps.length; step += 1) {
      await store.dispose();
      store = await createStore();
      await publishFirst();
      const killed = await runChild(["once", store.root, String(step)]);
      expect({ signal: killed.signal, said: killed.said }).toEqual({
        signal: "SIGKILL",
        said: steps.slice(0, step + 1),
      });
      const after = await openStore();
      outcomes.add(after.snapshot);
      expect(pathsOf(after)).toEqual(pathsOf(after.snapshot === 1 ? first : whole));
      for (let round = 0; round < 2; round += 1) {
        expect(await runChild(["once", store.root, "-1"])).toMatchObject({ code: 0 });
        const repeated = await openStore();
        expect(repeated.snapshot).toBe(2);
        expect(pathsOf(repeated)).toEqual(pathsOf(whole));
      }
    }
    expect([...outcomes].sort()).toEqual([1, 2]);
  }, 180_000);

  it("killed at random moments loses nothing it had acknowledged and doubles nothing", async () => {
    const random = fc.sample(fc.integer({ min: 60, max: 400 }), { seed: SEED, numRuns: 12 });
    const acknowledged: string[] = [];
    for (const [round, killAfterMs] of random.entries()) {
      const { said } = await runChild(["race", store.root, `round${String(round)}`, "10000"], killAfterMs);
      acknowledged.push(...said);
      const latest = await openStore();
      const published = new Set(pathsOf(latest).map((path) => path.split("/")[1] ?? ""));
      expect({ seed: SEED, missing: acknowledged.filter((job) => !published.has(job)) }).toEqual({
        seed: SEED,
        missing: [],
      });
      // At most the one that was killed between its catalog and saying so.
      expect(published.size).toBeLessThanOrEqual(acknowledged.length + round + 1);
      expect(new Set(pathsOf(latest)).size).toBe(pathsOf(latest).length);
    }
    expect(acknowledged.length).toBeGreaterThan(0);
  }, 120_000);

  it("loses nothing of two processes that race 200 publishes", async () => {
    const ended = await Promise.all(["left", "right"].map(async (name) => runChild(["race", store.root, name, "100"])));
    expect(ended.map(({ code, said }) => [code, said.length])).toEqual([
      [0, 100],
      [0, 100],
    ]);
    const latest = await openStore();
    expect(latest.snapshot).toBe(200);
    expect(filesOf(latest, "left")).toHaveLength(100);
    expect(filesOf(latest, "right")).toHaveLength(100);
    expect(new Set(filesOf(latest, "shared").map((file) => file.path)).size).toBe(100);
    expect(await readdir(join(store.root, "snapshots"))).toHaveLength(200);
  }, 120_000);

  it("serves the right snapshot or STORAGE_CORRUPT under any damage to the catalogs, never a mixed one", async () => {
    const originals = new Map<number, { readonly catalog: Catalog; readonly bytes: Buffer }>();
    const snapshots = await openSnapshots(store.files, silentLog);
    for (let at = 1; at <= 8; at += 1) {
      const change = await buildChange(store.files, `job${String(at)}`, ["variants"], { baseSnapshot: at - 1 });
      const catalog = await publishRun({ files: store.files, snapshots, clock: fixedClock }, change);
      originals.set(at, { catalog, bytes: await readFile(join(store.root, catalogPath(at))) });
    }
    const number = fc.integer({ min: 1, max: 8 });
    const damage = fc.oneof(
      fc.record({ kind: fc.constant("cut" as const), at: number, position: fc.nat() }),
      fc.record({
        kind: fc.constant("flip" as const),
        at: number,
        position: fc.nat(),
        mask: fc.integer({ min: 1, max: 255 }),
      }),
      fc.record({ kind: fc.constant("swap" as const), at: number, from: number }),
      fc.record({ kind: fc.constant("random" as const), at: number, bytes: fc.uint8Array({ maxLength: 2000 }) }),
      fc.record({ kind: fc.constant("remove" as const), at: number }),
    );
    const property = fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
      const now = new Map<number, Buffer | null>([...originals].map(([at, { bytes }]) => [at, bytes]));
      for (const one of damages) {
        const bytes = now.get(one.at) ?? Buffer.alloc(0);
        if (one.kind === "cut") now.set(one.at, bytes.subarray(0, one.position % Math.max(1, bytes.length)));
        else if (one.kind === "swap") now.set(one.at, originals.get(one.from)?.bytes ?? null);
        else if (one.kind === "random") now.set(one.at, Buffer.from(one.bytes));
        else if (one.kind === "remove") now.set(one.at, null);
        else {
          const flipped = Buffer.from(bytes);
          const position = one.position % Math.max(1, bytes.length);
          flipped[position] = (flipped[position] ?? 0) ^ one.mask;
          now.set(one.at, flipped);
        }
      }
      for (const [at, bytes] of now) {
        const path = join(store.root, catalogPath(at));
        if (bytes === null) await unlink(path).catch(() => undefined);
        else await writeFile(path, bytes);
      }
      const damagedStore = await openSnapshots(store.files, silentLog);
      const intact = [...originals].filter(([at, { bytes }]) => now.get(at)?.equals(bytes) === true);
      expect(damagedStore.latest()).toEqual(intact.at(-1)?.[1].catalog ?? EMPTY_CATALOG);
      for (const [at, { catalog }] of originals) {
        const answer = await damagedStore
          .get(at)
          .catch((thrown: unknown) => (isVitalomeError(thrown) ? thrown.code : thrown));
        const isIntact = intact.some(([other]) => other === at);
        expect(answer).toEqual(isIntact ? catalog : now.get(at) === null ? "SNAPSHOT_NOT_FOUND" : "STORAGE_CORRUPT");
      }
    });
    await fc.assert(property, { numRuns: 400, seed: SEED });
  }, 120_000);

  const inSmallDisk = ["-m", "sh", "-c", 'mount -t tmpfs -o size=256k none "$0" && exec "$@"'];
  const canMount = spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;
  (canMount ? it : it.skip)(
    "says STORAGE_FULL on a full disk, serves what is there, and publishes once there is room",
    () => {
      const child = [process.execPath, CHILD, compiled, "fill", store.root, "20"];
      const { stdout, status } = spawnSync("unshare", [...inSmallDisk, store.root, ...child], {
        env: { PATH: process.env["PATH"] ?? "" },
      });
      const cycles = stdout
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
      const expected = Array.from({ length: 20 }, (_, at) => ({
        refused: "STORAGE_FULL",
        full: "STORAGE_FULL",
        readable: at,
        snapshot: at + 1,
      }));
      expect(cycles).toEqual(expected);
      expect(status).toBe(0);
    },
  );
});
