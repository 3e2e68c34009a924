import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog, JobRunner } from "../../src/backend/index.js";
import { VitalomeError } from "../../src/errors.js";
import { JOB_CHANGED, JOB_COMMANDED } from "../../src/ingest/streams/job.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { startJobWorker } from "../../src/worker/job-worker.js";
import { nothingBeside } from "../../src/worker/sweeper.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { createStore, type Store } from "../lake/build.js";

let live: LiveLog;
let store: Store;
beforeEach(async () => {
  live = await openLiveLog();
  store = await createStore();
});
afterEach(async () => {
  await live.close();
  await store.dispose();
});

async function submit(id: string): Promise<void> {
  const command = { schema: 1, command: "submit", id, kind: "ingest-variants", parameters: {}, inputs: [] };
  const value = { ...command, submittedBy: "somebody", idempotencyKey: id, retryOf: null };
  await live.eventLog.append(JOB_COMMANDED, [{ key: id, value }]);
}

const transitions = async (): Promise<bigint> => (await live.eventLog.positions(JOB_CHANGED))[0]?.end ?? 0n;

describe("a worker whose place another one has taken", () => {
  it("says so, decides nothing more, and leaves what runs to the other one", async () => {
    let isTaken = false;
    const eventLog: EventLog = {
      ...live.eventLog,
      transact: (place, work) =>
        isTaken
          ? Promise.reject(new VitalomeError("CONFLICT", "another worker took this consumer's place over"))
          : live.eventLog.transact(place, work),
    };
    const ended: string[] = [];
    const beat = { state: "running", progress: null, stage: null, heartbeatAt: 0 } as const;
    const runner: JobRunner = {
      submit: async () => Promise.resolve(),
      status: async () => Promise.resolve(beat),
      cancel: async (id) => Promise.resolve(void ended.push(id)),
      logs: async () => Promise.resolve([]),
      close: async () => Promise.resolve(void ended.push("all")),
    };
    const { files } = store;
    const worker = await startJobWorker({
      ...{ log: silentLog, clock: live.clock, files, eventLog, runner, sweeper: nothingBeside },
      snapshots: await openSnapshots(files, silentLog),
      publish: async () => Promise.reject(new Error("nothing is published here")),
    });
    await submit("runs");
    // Queued, then running.
    while ((await transitions()) < 2n) await live.clock.sleep(10);
    expect(worker.fault()).toBeNull();
    isTaken = true;
    await submit("comes too late");
    expect(await worker.displaced).toBe("another worker has taken this one's place");
    expect(worker.fault()).toBe("another worker has taken this one's place");
    await worker.close();
    expect(ended).toEqual([]);
    expect(await transitions()).toBe(2n);
  });
});
