import { afterAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import { systemClock } from "../../src/clock.js";
import { silentLog } from "../../src/log.js";
import { outcomeOf, type LiveOutcome } from "../helpers/live-outcome.js";
import { removeFolder, startService } from "../helpers/service.js";
import { chaosCycles } from "./kill.js";
import { expectMeansCalled, expectSameOutcome, linesOf, runLive, type LiveRunOptions } from "./live-run.js";

/** `make chaos` runs it whole, `make test` a part of it. */
const IS_WHOLE = process.env["VITALOME_LONG_TESTS"] === "1";
const BEDS = IS_WHOLE ? 40 : 12;
const SECONDS = IS_WHOLE ? 800 : 120;
const KILLS = chaosCycles(IS_WHOLE ? 20 : 3);
const ENVIRONMENT = { VITALOME_CLOCK: "input", VITALOME_LOG_LEVEL: "error" };
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await removeFolder(folder);
});

async function run(lines: readonly string[], name: string, strikes: LiveRunOptions["strikes"]): Promise<LiveOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-live-"));
  folders.push(folder);
  const start = () => startService(folder, ["--no-demo"], ENVIRONMENT);
  await runLive({ name, lines, beds: BEDS, folder, start, strikes });
  const eventLog = await createEmbeddedEventLog({ directory: join(folder, "log"), clock: systemClock, log: silentLog });
  try {
    return await outcomeOf(eventLog);
  } finally {
    await eventLog.close();
  }
}

describe("readings and alerts of a service that is killed again and again", () => {
  it("are those of one that never was, one for one, and the ledger balances", async () => {
    const lines = linesOf(BEDS, SECONDS);
    const undisturbed = await run(lines, "undisturbed live run", []);
    const kills: LiveRunOptions["strikes"] = Array.from({ length: KILLS }, () => (live) => live.killService());
    expectSameOutcome(lines, undisturbed, await run(lines, `live run with ${String(KILLS)} kills`, kills));
    expect(Object.keys(undisturbed.steps).length).toBeGreaterThan(IS_WHOLE ? 10 : 2);
    if (IS_WHOLE) expectMeansCalled(undisturbed);
  }, 900_000);
});
