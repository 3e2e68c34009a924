import { afterAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../../src/backend/embedded/event-log.js";
import { systemClock } from "../../src/clock.js";
import { silentLog } from "../../src/log.js";
import { outcomeOf, type LiveOutcome } from "../helpers/live-outcome.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { chaosCycles, createChance } from "./kill.js";
import { admit, deliver, linesOf, quiet } from "./live-run.js";

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

/** One run over the same lines; killed at random moments as often as told. */
async function run(lines: readonly string[], kills: number): Promise<LiveOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-live-"));
  folders.push(folder);
  const start = (): Promise<Service> => startService(folder, ["--no-demo"], ENVIRONMENT);
  let service = await start();
  await admit(service, folder, BEDS);
  const chance = createChance(`live run with ${String(kills)} kills`);
  let left = kills;
  let killing = Promise.resolve();
  const strike = async (): Promise<void> => {
    await systemClock.sleep(chance.between(0, 400));
    await service.kill();
    await systemClock.sleep(chance.between(0, 200));
    service = await start();
  };
  const every = Math.floor(lines.length / (kills + 1));
  await deliver(
    () => service,
    lines,
    (at) => {
      if (left === 0 || at < every * (kills - left + 1)) return;
      left -= 1;
      killing = killing.then(strike);
    },
  );
  await killing;
  expect(left).toBe(0);
  await quiet(() => service);
  expect(await service.stop()).toBe(0);
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
    process.stderr.write(`live: ${String(lines.length)} records\n`);
    const undisturbed = await run(lines, 0);
    const disturbed = await run(lines, KILLS);
    expect(Object.keys(undisturbed.steps).length).toBeGreaterThan(IS_WHOLE ? 10 : 2);
    expect(disturbed.steps).toEqual(undisturbed.steps);
    expect(disturbed.accepted).toEqual(undisturbed.accepted);
    for (const { ledger, accepted, rejected } of [undisturbed, disturbed]) {
      expect(ledger.read).toBe(ledger.accepted + ledger.rejected + ledger.duplicates);
      expect(ledger).toMatchObject({ accepted: accepted.length, rejected: rejected.length });
    }
    expect(undisturbed.ledger.read).toBe(lines.length);
    process.stderr.write(`live: ${JSON.stringify([undisturbed.ledger, disturbed.ledger])}\n`);
  }, 900_000);
});
