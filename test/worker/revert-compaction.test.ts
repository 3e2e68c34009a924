import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { JobResult } from "../../src/jobs/context.js";
import type { Catalog } from "../../src/lake/catalog.js";
import type { Horizon } from "../../src/lake/horizon.js";
import { publishRun, type SnapshotChange } from "../../src/lake/publish.js";
import { openSnapshots, type Snapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { createRevertRun } from "../../src/worker/revert-run.js";
import { buildChange, createStore, fixedClock, type Store } from "../lake/build.js";

let store: Store;
let snapshots: Snapshots;
beforeEach(async () => {
  store = await createStore();
  snapshots = await openSnapshots(store.files, silentLog);
});
afterEach(async () => {
  await store.dispose();
});

const publish = async (change: SnapshotChange): Promise<Catalog> =>
  publishRun({ files: store.files, snapshots, clock: fixedClock }, change);

/** A compaction up to an offset, with a row or without. */
async function compact(jobId: string, next: string, tables: readonly string[] = ["vitals"]): Promise<Catalog> {
  const { snapshot: baseSnapshot } = snapshots.latest();
  const horizon: Horizon = { "vitals.accepted.v1": [next] };
  return publish(await buildChange(store.files, jobId, tables, { kind: "compact-log", baseSnapshot, horizon }));
}

/** The result of taking a run back. */
async function revert(runId: string, snapshot: number): Promise<JobResult> {
  const parameters = { runId, snapshot, reason: "wrong" };
  const spec = { id: `undo ${runId}`, kind: "revert-run", parameters, submittedBy: "somebody" };
  const signal = new AbortController().signal;
  const job = createRevertRun({ files: store.files, snapshots });
  const { snapshot: baseSnapshot } = snapshots.latest();
  return job({ spec: { ...spec, baseSnapshot }, signal, progress: () => undefined, log: () => undefined })();
}

describe("taking back a compaction", () => {
  it("takes its rows, and the horizon back to where it was: what the tables lose the log is asked for again", async () => {
    await compact("one", "3");
    await compact("two", "7");
    const result = await revert("two", 2);
    expect(result).toMatchObject({
      horizon: { "vitals.accepted.v1": ["3"] },
      remove: { vitals: ["runs/two/data/vitals.parquet"] },
    });
    expect((await publish({ ...result, add: [] })).horizon).toEqual({ "vitals.accepted.v1": ["3"] });
    const first = await revert("one", 1);
    expect(first.horizon).toEqual({});
    expect((await publish({ ...first, add: [] })).horizon).toEqual({});
    await expect(revert("two", 2)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("takes the horizon back of one that found events and no row", async () => {
    await compact("one", "3", []);
    expect(await revert("one", 1)).toMatchObject({ horizon: {}, remove: {} });
  });

  it("is refused while a later one stands on it, naming that one", async () => {
    await compact("one", "3");
    await compact("two", "7");
    const refused = revert("one", 1);
    await expect(refused).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("two") });
  });

  it("is refused once the log need not hold any more what the tables would lose", async () => {
    await compact("one", "3");
    const { snapshot: baseSnapshot } = await compact("two", "7");
    const tidy = { jobId: "tidy", kind: "clean-up", baseSnapshot, add: [], remove: {} };
    await publish({ ...tidy, oldestReadable: 2 });
    await expect(revert("two", 2)).rejects.toMatchObject({ code: "SNAPSHOT_EXPIRED" });
  });

  it("leaves the horizon alone where another run is taken back", async () => {
    await compact("one", "3");
    await publish(await buildChange(store.files, "genes", ["genes"], { baseSnapshot: 1 }));
    const result = await revert("genes", 2);
    expect(result.horizon).toBeUndefined();
    expect((await publish({ ...result, add: [] })).horizon).toEqual({ "vitals.accepted.v1": ["3"] });
  });
});
