import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Files, JobSpec } from "../../../src/backend/index.js";
import type { Clock } from "../../../src/clock.js";
import type { JobRecord } from "../../../src/domain/job.js";
import { LONGEST_READ_MS } from "../../../src/domain/retention.js";
import { VitalomeError } from "../../../src/errors.js";
import { abandonedPath, catalogPath, type Catalog } from "../../../src/lake/catalog.js";
import type { SnapshotChange } from "../../../src/lake/publish.js";
import { servedSnapshots } from "../../../src/lake/served-snapshots.js";
import { openSnapshots, type Snapshots } from "../../../src/lake/snapshots.js";
import { silentLog } from "../../../src/log.js";
import { createCleanUp, type CleanUpOptions, type CleanUpResult } from "../../../src/worker/clean-up.js";
import { createPublisher, type PublisherOptions } from "../../../src/worker/publisher.js";
import { createRevertRun } from "../../../src/worker/revert-run.js";
import { nothingBeside } from "../../../src/worker/sweeper.js";
import { buildAddedFile } from "../../lake/build.js";
import { buildJob, openLiveLog, type LiveLog } from "../../helpers/live-log.js";
import { chunksOf } from "./files.js";

export interface StoreUnderTest {
  readonly files: Files;
  /** A second way to the same store, as another process has. */
  readonly other: Files;
  dispose(): Promise<void>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a clean-up keeps and removes, for the files of any back end. */
export function defineCleanUpContract(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`${name}: clean-up`, () => {
    let live: LiveLog;
    let store: StoreUnderTest;
    let snapshots: Snapshots;
    let clock: LiveLog["clock"];
    let jobs: Map<string, JobRecord>;
    beforeAll(async () => {
      live = await openLiveLog();
      ({ clock } = live);
    });
    afterAll(async () => {
      await live.close();
    });
    beforeEach(async () => {
      store = await create();
      snapshots = await openSnapshots(store.files, silentLog);
      jobs = new Map();
    });
    afterEach(async () => {
      await store.dispose();
    });

    const put = async (...paths: readonly string[]): Promise<void> => {
      for (const path of paths) await store.files.write(path, chunksOf(path));
    };

    const buildIndexes: PublisherOptions["buildIndexes"] = async (indexed) =>
      Promise.all(
        indexed.map(async ({ path: data }) => {
          const path = data.replace("/data/", "/index/").replace(".parquet", ".idx");
          const written = await store.files.write(path, chunksOf(path));
          return { name: "index", path, ...written, entries: 1, minKey: null, maxKey: null };
        }),
      );
    const publisherOf = (of: Snapshots): ReturnType<typeof createPublisher> =>
      createPublisher({ files: store.files, snapshots: of, eventLog: live.eventLog, clock, buildIndexes });

    function remember(id: string, state: JobRecord["state"], more: Partial<JobRecord> = {}): void {
      jobs.set(id, buildJob({ id, state, endedAt: clock.now(), ...more }));
    }

    /** A job that ran now and published these tables in the place of what was there. */
    async function run(id: string, ...tables: readonly string[]): Promise<Catalog> {
      await put(`runs/${id}/spec.json`, `runs/${id}/log.json`, `runs/${id}/result.json`);
      const base = await snapshots.refresh();
      const add = tables.map((table) => buildAddedFile(table, `runs/${id}/data/${table}.parquet`));
      await put(...add.map(({ path }) => path));
      const remove = Object.fromEntries(
        tables.map((table) => [table, base.tables[table]?.files.map((f) => f.path) ?? []]),
      );
      const change: SnapshotChange = { jobId: id, kind: "test", baseSnapshot: base.snapshot, add, remove };
      const catalog = await publisherOf(snapshots).publish({ ...change, add, files: [], estimate: null });
      remember(id, "COMPLETE", { snapshotId: catalog.snapshot });
      return catalog;
    }

    let runs = 0;
    async function cleanUp(
      parameters: JobSpec["parameters"] = {},
      options: Partial<CleanUpOptions> & { readonly signal?: AbortSignal } = {},
    ): Promise<CleanUpResult & { readonly said: readonly string[] }> {
      const id = `clean-up-${String((runs += 1))}`;
      const own = await openSnapshots(options.files ?? store.files, silentLog);
      const said: string[] = [];
      const work = createCleanUp({
        ...{ files: store.files, snapshots: own, clock, jobs, sweeper: nothingBeside },
        publish: publisherOf(own).publish,
        ...options,
      })({
        spec: { id, kind: "clean-up", parameters, baseSnapshot: own.latest().snapshot, submittedBy: "somebody" },
        signal: options.signal ?? new AbortController().signal,
        progress: () => undefined,
        log: (line) => said.push(line),
      });
      for (;;) {
        try {
          return { ...((await work()) as CleanUpResult), said };
        } catch (thrown) {
          if ((thrown as { code?: unknown }).code !== "BACKEND_UNAVAILABLE") throw thrown;
        }
      }
    }

    async function stored(): Promise<readonly string[]> {
      const paths: string[] = [];
      for (const folder of ["runs", "exports", "quarantine", "raw"])
        for await (const { path } of store.other.list(folder)) paths.push(path);
      return paths;
    }
    const data = async (): Promise<readonly string[]> =>
      (await stored()).filter((path) => !/\/(spec|log|result)\.json$/.test(path));

    /** Reads each file of a snapshot as another process does. */
    async function readPinned(snapshot: number): Promise<void> {
      const served = servedSnapshots(await openSnapshots(store.other, silentLog));
      const catalog = await served.get(snapshot);
      for (const { files } of Object.values(catalog.tables))
        for (const { path, bytes } of files) expect(await store.other.stat(path)).toMatchObject({ bytes });
    }

    it("keeps what was the newest within the time asked for, and removes what older snapshots alone name", async () => {
      await run("a", "variants", "call_sets");
      clock.ahead(HOUR);
      await run("b", "variants");
      clock.ahead(HOUR);
      await run("c", "variants");
      clock.ahead(DAY - HOUR / 2);
      const first = await cleanUp();
      expect(first).toMatchObject({ oldestReadable: 2, cleanUp: { oldestReadable: 2, files: 2, bytes: BYTES } });
      expect(first.cleanUp.reasons).toEqual([{ reason: "superseded", files: 2, bytes: BYTES }]);
      expect(await data()).toEqual(["runs/a/data/call_sets.parquet", ...variantsOf("b"), ...variantsOf("c")]);
      await readPinned(2);
      await expect(readPinned(1)).rejects.toMatchObject({ code: "SNAPSHOT_EXPIRED", canRetry: false });
      clock.ahead(HOUR);
      expect(await cleanUp({ keep: "2d" })).toMatchObject({ oldestReadable: undefined, cleanUp: { files: 0 } });
      // The clean-up before was the newest for an hour, and before it the run was.
      expect(await cleanUp()).toMatchObject({ cleanUp: { oldestReadable: 3, files: 2 } });
      expect(await data()).toEqual(["runs/a/data/call_sets.parquet", ...variantsOf("c")]);
      await readPinned(3);
      await expect(readPinned(2)).rejects.toThrow("snapshot 2 is no longer kept: the oldest that can be read is 3");
      expect((await stored()).filter((path) => path.endsWith("spec.json"))).toHaveLength(3);
    });

    it("says in a dry run what would go, and touches nothing", async () => {
      await run("a", "variants");
      await run("b", "variants");
      clock.ahead(2 * DAY);
      const before = await stored();
      const { cleanUp: dry, oldestReadable } = await cleanUp({ dryRun: true });
      expect(dry).toMatchObject({ dryRun: true, oldestReadable: 2, files: 2, bytes: BYTES });
      expect(oldestReadable).toBeUndefined();
      expect(await stored()).toEqual(before);
      expect((await snapshots.refresh()).snapshot).toBe(2);
      expect((await cleanUp()).cleanUp).toEqual({ ...dry, dryRun: false });
    });

    it("keeps a snapshot that an open job reads, and the one before a run that is to be taken back", async () => {
      for (const id of ["a", "b", "c", "d"]) await run(id, "variants");
      clock.ahead(2 * DAY);
      const open = { kind: "export", endedAt: null, baseSnapshot: null };
      remember("exporting", "QUEUED", { ...open, parameters: { snapshot: 3 } });
      expect((await cleanUp()).cleanUp.oldestReadable).toBe(3);
      remember("exporting", "COMPLETE");
      remember("reverting", "RUNNING", { ...open, kind: "revert-run", parameters: { snapshot: 4, runId: "d" } });
      expect((await cleanUp()).cleanUp.oldestReadable).toBe(3);
      await readPinned(3);
      remember("reverting", "COMPLETE");
      remember("reading", "RUNNING", { endedAt: null, baseSnapshot: 4 });
      expect((await cleanUp()).cleanUp.oldestReadable).toBe(4);
      // What was given up does not come back.
      remember("reading", "RUNNING", { endedAt: null, baseSnapshot: 1 });
      expect((await cleanUp()).cleanUp.oldestReadable).toBe(4);
      expect(await data()).toEqual(variantsOf("d"));
    });

    it("removes what ended jobs left by the reason they ended for, and nothing that tells of them", async () => {
      const left = (id: string): readonly string[] =>
        ["data/variants/part-0.parquet", "index/variants/part-0.idx", "scratch/spill/1"].map((p) => `runs/${id}/${p}`);
      const states = { failed: "EXECUTOR_ERROR", cancelled: "CANCELED", unpublished: "COMPLETE" } as const;
      const told = ["cancel", "failure.json", "log.json", "plan.txt", "result.json", "spec.json", "status.json"];
      for (const [id, state] of Object.entries(states)) {
        await put(...left(id), ...told.map((file) => `runs/${id}/${file}`));
        remember(id, state);
      }
      await put(...left("unknown"), "quarantine/failed/x.ndjson", "raw/ab/data.vcf", "exports/failed/old.csv");
      clock.ahead(DAY + HOUR);
      await put(...left("late"), ...left("running"), "exports/running/new.csv", "exports/late/new.csv");
      remember("late", "CANCELED");
      remember("running", "RUNNING", { endedAt: null, queuedAt: 1 });
      const { cleanUp: ledger, said } = await cleanUp();
      const area = (id: string): object =>
        expect.objectContaining({
          reason: id,
          files: 2,
          bytes: `runs/${id}/data/variants/part-0.parquet`.length * 2 - 3,
        });
      expect(ledger.reasons).toEqual([
        ...["unpublished", "failed", "cancelled", "unknown"].map(area),
        expect.objectContaining({ reason: "scratch", files: 4 }),
        { reason: "export", files: 1, bytes: 22 },
      ]);
      expect(said.at(-1)).toMatch(/^removed 13 files, \d+ bytes; the oldest readable snapshot is 0$/);
      expect(await stored()).toEqual(
        [
          ...Object.keys(states).flatMap((id) => told.map((file) => `runs/${id}/${file}`)),
          ...left("late"),
          ...left("running"),
          ...["exports/late/new.csv", "exports/running/new.csv", "quarantine/failed/x.ndjson", "raw/ab/data.vcf"],
        ].sort((l, r) => order(l) - order(r) || (l < r ? -1 : 1)),
      );
    });

    it("removes single files of a folder of which a snapshot still names others", async () => {
      await run("a", "variants", "call_sets");
      await put("runs/a/data/call_sets/_temporary/0/part.parquet");
      await run("b", "variants");
      clock.ahead(2 * DAY);
      expect((await cleanUp()).cleanUp.files).toBe(3);
      expect(await data()).toEqual(["runs/a/data/call_sets.parquet", ...variantsOf("b")]);
    });

    it("lets those finish who read what is given up, before any of it goes", async () => {
      await run("a", "variants");
      await run("b", "variants");
      clock.ahead(2 * DAY);
      const slept: number[] = [];
      const watching: Clock = {
        ...clock,
        async sleep(ms) {
          slept.push(ms);
          await expect(readPinned(1)).rejects.toMatchObject({ code: "SNAPSHOT_EXPIRED" });
          expect(await data()).toContain("runs/a/data/variants.parquet");
          await readPinned(2);
          // Died while it waited.
          if (slept.length === 1) throw new Error("killed");
        },
      };
      await expect(cleanUp({}, { clock: watching })).rejects.toThrow("killed");
      await cleanUp({}, { clock: watching });
      expect(slept).toHaveLength(2);
      for (const ms of slept) expect(ms).toBeLessThanOrEqual(LONGEST_READ_MS);
      expect(slept[0]).toBeGreaterThan(LONGEST_READ_MS - 5_000);
      expect(await data()).toEqual(variantsOf("b"));
    });

    it("waits for nobody where nobody can read what goes", async () => {
      await put("runs/dry/data/part.parquet", "exports/dry/x.csv");
      remember("dry", "COMPLETE");
      await run("a", "variants");
      clock.ahead(2 * DAY);
      const sleep = (): Promise<never> => Promise.reject(new Error("slept"));
      expect((await cleanUp({}, { clock: { ...clock, sleep } })).cleanUp.files).toBe(2);
    });

    it("that dies at any step leaves every readable snapshot whole, and the next one ends its work", async () => {
      let steps = Number.POSITIVE_INFINITY;
      for (let step = 0; step < steps; step += 1) {
        const root = await create();
        const outer = store;
        store = root;
        snapshots = await openSnapshots(store.files, silentLog);
        jobs = new Map();
        for (const id of ["a", "b", "c"]) await run(id, "variants", "call_sets");
        await put("runs/failed/data/x.parquet", "exports/c/x.csv");
        remember("failed", "EXECUTOR_ERROR");
        clock.ahead(2 * DAY);
        let seen = 0;
        const at = (): void => {
          if (seen++ === step) throw new Error("killed");
        };
        const outcome = await cleanUp({}, { faults: { at } }).then(
          () => "ended",
          (thrown: unknown) => (thrown as Error).message,
        );
        expect(outcome).toBe(step < seen ? (outcome === "ended" ? "ended" : "killed") : "ended");
        if (outcome === "ended") steps = step;
        const newest = await (await openSnapshots(store.other, silentLog)).refresh();
        for (let number = newest.oldestReadable; number <= newest.snapshot; number += 1) await readPinned(number);
        const { cleanUp: after } = await cleanUp();
        expect(after.oldestReadable).toBe(3);
        expect(await data()).toEqual(["runs/c/data/call_sets.parquet", ...variantsOf("c")]);
        await store.dispose();
        store = outer;
      }
      // Planned, published, waited, dropped, and one for each of the six folders that go.
      expect(steps).toBe(10);
    }, 120_000);

    it("counts all it removed where the store was away half-way", async () => {
      for (const id of ["a", "b", "c"]) await run(id, "variants");
      clock.ahead(2 * DAY);
      let calls = 0;
      const files: Files = {
        ...store.files,
        async remove(path) {
          calls += 1;
          if (calls === 2) throw new VitalomeError("BACKEND_UNAVAILABLE", "HDFS is out of reach");
          await store.files.remove(path);
        },
      };
      expect(await cleanUp({}, { files })).toMatchObject({
        oldestReadable: 3,
        cleanUp: { files: 4, oldestReadable: 3 },
      });
    });

    it("removes nothing while a catalog that may name it is damaged, until an operator gave that up", async () => {
      for (const id of ["a", "b", "c"]) await run(id, "variants");
      await put("runs/failed/data/x.parquet");
      remember("failed", "EXECUTOR_ERROR");
      await store.files.write(catalogPath(2), chunksOf("damaged"));
      clock.ahead(DAY - HOUR);
      const before = await stored();
      await expect(cleanUp()).rejects.toMatchObject({
        code: "STORAGE_CORRUPT",
        message: expect.stringContaining("000000000002.json is damaged: nothing is removed"),
      });
      await store.files.write(abandonedPath(2), chunksOf());
      clock.ahead(3 * HOUR);
      expect(await stored()).toEqual(before);
      await cleanUp();
      expect(await data()).toEqual(variantsOf("c"));
    });

    it("goes no further once it is cancelled", async () => {
      await run("a", "variants");
      await run("b", "variants");
      clock.ahead(2 * DAY);
      const stop = new AbortController();
      const at = (point: string): void => {
        if (point === "clean-up:dropped") stop.abort(new Error("cancelled"));
      };
      await expect(cleanUp({}, { faults: { at }, signal: stop.signal })).rejects.toThrow("cancelled");
      expect(await data()).toContain("runs/a/data/variants.parquet");
    });

    it("goes on with files while databases of older snapshots cannot be dropped, and says so", async () => {
      await run("a", "variants");
      await run("b", "variants");
      clock.ahead(2 * DAY);
      const away = (): Promise<never> => Promise.reject(new VitalomeError("BACKEND_UNAVAILABLE", "Spark is away"));
      const { said, cleanUp: ledger } = await cleanUp({}, { sweeper: { ...nothingBeside, dropBefore: away } });
      expect(ledger.files).toBe(2);
      expect(said).toContain("databases of older snapshots stay until the next clean-up: Spark is away");
    });

    it("removes what drivers of ended jobs left on this machine, and of no others", async () => {
      const removed: string[] = [];
      const leftover = (jobId: string): object => ({
        ...{ jobId, files: 2, bytes: 10, modifiedAt: clock.now() },
        remove: async () => Promise.resolve(void removed.push(jobId)),
      });
      remember("ended", "COMPLETE");
      remember("running", "RUNNING", { endedAt: null });
      const held = ["ended", "running", "unknown"].map(leftover) as never;
      clock.ahead(2 * DAY);
      remember("late", "COMPLETE");
      const all = [...(held as object[]), leftover("late"), leftover("fresh")] as never;
      const sweeper = { ...nothingBeside, leftovers: async () => Promise.resolve(all) };
      expect((await cleanUp({}, { sweeper })).cleanUp.reasons).toEqual([{ reason: "driver", files: 4, bytes: 20 }]);
      expect(removed).toEqual(["ended", "unknown"]);
    });

    it("refuses to take back a run whose replaced files are gone, and says why", async () => {
      for (const id of ["a", "b"]) await run(id, "variants");
      const revert = async (): Promise<unknown> => {
        const base = await snapshots.refresh();
        const spec = { id: "r", kind: "revert-run", baseSnapshot: base.snapshot, submittedBy: "somebody" };
        return createRevertRun({ files: store.files, snapshots })({
          spec: { ...spec, parameters: { runId: "b", snapshot: 2, reason: "wrong" } },
          signal: new AbortController().signal,
          progress: () => undefined,
          log: () => undefined,
        })();
      };
      expect(await revert()).toMatchObject({ remove: { variants: ["runs/b/data/variants.parquet"] } });
      clock.ahead(2 * DAY);
      await cleanUp();
      await expect(revert()).rejects.toMatchObject({
        code: "SNAPSHOT_EXPIRED",
        message: expect.stringContaining("what b replaced in variants cannot return: a clean-up removed it"),
        details: { field: "jobId" },
      });
      await readPinned(2);
    });

    it.each(["23h", "0d", "1", "day", "", "1.5d", "-2d", "100000d", "24H", "24 h", 24, null])(
      "refuses keep %j, naming the field and what was expected",
      async (keep) => {
        await expect(cleanUp({ keep })).rejects.toMatchObject({
          code: "BAD_USER_INPUT",
          details: { field: "keep" },
        });
      },
    );
  });
}

const FOLDERS = ["runs", "exports", "quarantine", "raw"];

function order(path: string): number {
  return FOLDERS.indexOf(path.split("/")[0] ?? "");
}

/** What a run holds of one indexed table. */
const variantsOf = (id: string): readonly string[] => [
  `runs/${id}/data/variants.parquet`,
  `runs/${id}/index/variants.idx`,
];
const BYTES = variantsOf("a").join("").length;
