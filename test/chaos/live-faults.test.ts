import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterEventLog } from "../../src/backend/cluster/event-log.js";
import { createClusterFiles } from "../../src/backend/cluster/files.js";
import { systemClock } from "../../src/clock.js";
import { silentLog } from "../../src/log.js";
import { readWindowsStatus } from "../../src/worker/live/windows-status.js";
import { outcomeOf, type LiveOutcome } from "../helpers/live-outcome.js";
import { removeFolder, startService } from "../helpers/service.js";
import {
  clusterEnvironment,
  killPart,
  ownStack,
  STACK_TIMEOUT_MS,
  startOnePart,
  type OwnStack,
} from "../helpers/stack.js";
import { startWindowsDriver, type WindowsDriver } from "../helpers/windows-driver.js";
import { chaosCycles } from "./kill.js";
import { expectMeansCalled, expectSameOutcome, linesOf, runLive, type LiveRunOptions } from "./live-run.js";

const BEDS = 40;
const SECONDS = chaosCycles(800);
const KILLS = 20;
const WINDOWS_MS = 300_000;

let own: OwnStack;
let driver: WindowsDriver | null = null;
const folders: string[] = [];

beforeAll(async () => {
  own = await ownStack();
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await driver?.kill();
  await own.stop();
  for (const folder of folders) await removeFolder(folder);
}, 120_000);

async function run(lines: readonly string[], corner: string, strikes: LiveRunOptions["strikes"]): Promise<LiveOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-live-"));
  folders.push(folder);
  const { stack } = own;
  const environment = {
    ...clusterEnvironment(stack, corner),
    ...{ VITALOME_CLOCK: "input", VITALOME_LOG_LEVEL: "error" },
  };
  const eventLog = await createClusterEventLog({
    ...{ brokers: [stack.kafka], prefix: `${corner}.`, clock: systemClock, log: silentLog, patienceMs: 60_000 },
  });
  const files = createClusterFiles({
    webhdfs: stack.webhdfs,
    root: `/${corner}`,
    user: stack.user,
    clock: systemClock,
  });
  driver = await startWindowsDriver({ stack, corner });
  const settled = async (): Promise<void> => {
    for (const deadline = Date.now() + WINDOWS_MS; ; await systemClock.sleep(1_000)) {
      const status = await readWindowsStatus({ files, eventLog, clock: systemClock });
      if (status.state === "running" && status.behind === 0) return;
      if (status.state === "failed" || Date.now() > deadline) throw new Error(JSON.stringify(status));
    }
  };
  try {
    const start = () => startService(folder, ["--no-demo"], environment);
    await runLive({ name: `live run of ${corner}`, lines, beds: BEDS, folder, start, strikes, settled });
    return await outcomeOf(eventLog);
  } finally {
    await driver.kill();
    await eventLog.close();
  }
}

describe("readings, windows and alerts of a cluster whose parts are killed", () => {
  it("are those of one that never was, one for one, and the ledger balances", async () => {
    const lines = linesOf(BEDS, SECONDS);
    const undisturbed = await run(lines, "undisturbed", []);
    const service: LiveRunOptions["strikes"][number] = (live) => live.killService();
    const broker = async (): Promise<void> => {
      await killPart(own, "kafka");
      await startOnePart(own, "kafka");
    };
    const windows = async (): Promise<void> => {
      await driver?.kill();
      driver = await startWindowsDriver({ stack: own.stack, corner: "disturbed" });
    };
    const strikes = Array.from({ length: KILLS }, (_none, at) =>
      at % 5 === 4 ? [service, at % 10 === 4 ? broker : windows] : [service],
    ).flat();
    expectSameOutcome(lines, undisturbed, await run(lines, "disturbed", strikes));
    expect(Object.keys(undisturbed.steps).length).toBeGreaterThan(10);
    expectMeansCalled(undisturbed);
  }, 3_000_000);
});
