import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { join } from "node:path";
import { createEmbeddedTables, type ClosableTables } from "../../src/backend/embedded/tables.js";
import type { JobSpec } from "../../src/backend/index.js";
import type { AlertRule } from "../../src/domain/alert/rule.js";
import type { VitalAccepted } from "../../src/domain/events/observation.js";
import { VITALS_ACCEPTED } from "../../src/ingest/streams/observation.js";
import { parseParameters, backtestParameters } from "../../src/jobs/parameters.js";
import type { JobResult } from "../../src/jobs/context.js";
import { createFileCache } from "../../src/lake/file-cache.js";
import { createBacktestJob } from "../../src/worker/backtest/index.js";
import { createPeopleDirectory } from "../../src/worker/live/people-directory.js";
import { buildAccepted, TEN } from "../helpers/build.js";
import { openCompaction, type Compaction } from "../helpers/compaction.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildRule, HR } from "../domain/alert/build.js";

const MINUTE = 60_000;
let live: LiveLog;
let compaction: Compaction;
let tables: ClosableTables;

beforeEach(async () => {
  live = await openLiveLog();
  compaction = await openCompaction(live);
  const { root, files } = compaction.store;
  tables = createEmbeddedTables({
    copies: await createFileCache({ files, directory: root, maxBytes: 0, direct: root }),
    ...{ snapshots: compaction.snapshots, directories: [root], spillDirectory: join(root, "spill") },
    ...{ memoryLimit: "300MB", threads: 1 },
  });
});
afterEach(async () => {
  await tables.close();
  await compaction.close();
  await live.close();
});

const limit = (value: number): AlertRule["limit"] => ({ comparator: ">", value, unit: "/min" });
const rule = buildRule({ code: HR, limit: limit(120), clear: null, delayMs: 0, clearDelayMs: 0 });

/** A heart rate a minute from ten o'clock. */
function pulses(patientId: string, values: readonly number[]): readonly VitalAccepted[] {
  return values.map((value, index) => {
    const effectiveTime = TEN + index * MINUTE;
    return buildAccepted({ patientId, eventId: `${patientId}-${String(index)}`, value: String(value), effectiveTime });
  });
}

async function log(readings: readonly unknown[]): Promise<void> {
  const events = readings.map((value) => ({ key: (value as { patientId?: string }).patientId ?? "p1", value }));
  await live.eventLog.append(VITALS_ACCEPTED, events);
}

interface Run {
  readonly result: JobResult;
  readonly lines: readonly string[];
  readonly fractions: readonly (number | null)[];
}

async function run(overrides: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal): Promise<Run> {
  const { snapshots, readers } = compaction;
  const { snapshot } = await snapshots.refresh();
  const people = createPeopleDirectory({ snapshots, readers, clock: live.clock });
  const parameters = parseParameters(backtestParameters, {
    ...{ asked: {}, candidate: rule, current: null, from: TEN, to: TEN + 60 * MINUTE },
    ...{ patientIds: null, toleranceMs: 0, ...overrides },
  });
  const lines: string[] = [];
  const fractions: (number | null)[] = [];
  const spec: JobSpec = { id: "j", kind: "backtest-rule", parameters, baseSnapshot: snapshot, submittedBy: "somebody" };
  const job = createBacktestJob({ eventLog: live.eventLog, tables, snapshots, readers, people });
  const result = await job({
    ...{ spec, signal: signal ?? new AbortController().signal },
    progress: (fraction) => void fractions.push(fraction),
    log: (line) => void lines.push(line),
  })();
  return { result, lines, fractions };
}

describe("the replay of a period", () => {
  it("takes each reading once, whether tables hold it, the log, or both", async () => {
    await log([...pulses("p1", [80, 130, 80]), ...pulses("p2", [80, 80])]);
    await compaction.compact("job-1");
    const [, high] = pulses("p1", [80, 130]);
    const again = { ...high, receivedAt: TEN + 30 * MINUTE };
    await log([again, ...pulses("p1", [80, 80, 80, 140, 80, 80]).slice(3), again]);
    const { result, lines } = await run();
    expect(result.backtest).toMatchObject({ patients: 2, candidate: { alerts: 1 } });
    // The second rise follows within five minutes: the same alert.
    expect(lines[0]).toBe("8 readings of 2 patients over 0.00 patient-days");
    const [one] = result.backtest!.candidate.cases;
    expect([one!.raisedAt, one!.endedAt].map((at) => Math.floor((at! - TEN) / MINUTE))).toEqual([1, 5]);
    expect((await run({ patientIds: ["p2"] })).result.backtest).toMatchObject({
      patients: 1,
      candidate: { alerts: 0 },
    });
    const cut = { from: TEN + 2 * MINUTE, to: TEN + 4 * MINUTE };
    expect((await run(cut)).lines[0]).toBe("2 readings of 1 patients over 0.00 patient-days");
  });

  it("passes over what is no reading, and says how many", async () => {
    await log([...pulses("p1", [130]), { schema: 1, patientId: "p1" }, "nonsense"]);
    const { result, lines } = await run();
    expect(result.backtest?.candidate.alerts).toBe(1);
    expect(lines[0]).toBe("passed over 2 events of the log that are no readings");
  });

  it("tells how far it is, and ends when it is cancelled", async () => {
    await log(pulses("p1", Array<number>(600).fill(80)));
    const { fractions } = await run({ to: TEN + 600 * MINUTE });
    const told = fractions.filter((fraction) => fraction !== null);
    expect(told.length).toBeGreaterThan(9);
    expect(told).toEqual([...told].sort((left, right) => left - right));
    const stop = new AbortController();
    stop.abort(new Error("cancelled"));
    await expect(run({ to: TEN + 600 * MINUTE }, stop.signal)).rejects.toThrow("cancelled");
  });

  it("is refused where there is nothing to replay", async () => {
    await log(pulses("p1", [80]));
    const nobody = run({ patientIds: ["p9"] });
    await expect(nobody).rejects.toMatchObject({ code: "NOT_FOUND", details: { field: "period" } });
    await expect(run({ from: TEN + MINUTE })).rejects.toThrow("no accepted reading lies between 2026-01-01T10:01");
  });
});
