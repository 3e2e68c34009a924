import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AlertRecord } from "../../src/domain/alert/alert.js";
import type { JobRecord } from "../../src/domain/job.js";
import { ALERT_TRANSITIONED } from "../../src/ingest/streams/alert.js";
import { JOB_CHANGED } from "../../src/ingest/streams/job.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED } from "../../src/ingest/streams/observation.js";
import type { JobResult } from "../../src/jobs/context.js";
import { filesOf } from "../../src/lake/catalog.js";
import { openCompaction, type Compaction } from "../helpers/compaction.js";
import { buildJob, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildWindow } from "../helpers/build.js";
import { buildAlert, buildReading, HEART_RATE } from "../helpers/live-views.js";

let log: LiveLog;
let compaction: Compaction;
beforeEach(async () => {
  log = await openLiveLog();
  compaction = await openCompaction(log);
});
afterEach(async () => {
  await log.close();
  await compaction.close();
});

const append = async (topic: string, key: string, ...values: readonly unknown[]): Promise<void> => {
  await log.eventLog.append(
    topic,
    values.map((value) => ({ key, value })),
  );
};
const accept = async (...readings: readonly ReturnType<typeof buildReading>[]): Promise<void> => {
  for (const reading of readings) await append(VITALS_ACCEPTED, reading.patientId, reading);
};
const STEP = { from: null, to: "ON", reason: "RAISED", text: null, by: null, dueAt: 0 };
const step = async (alert: AlertRecord, text: string): Promise<void> =>
  append(ALERT_TRANSITIONED, alert.patientId, {
    ...{ schema: 1, kind: "changed", alert, step: { ...STEP, text }, commandId: null, input: null },
  });
const change = async (job: JobRecord): Promise<void> => append(JOB_CHANGED, job.id, { schema: 1, job });

function ledgerOf(result: JobResult, topic: string): unknown {
  const found = result.files.find(({ file }) => file === topic);
  return found === undefined || found.status === "refused" ? found : found.ledger.records;
}

describe("compact-log", () => {
  it("makes a row of each reading, the first of its repeats, whatever came in between and before", async () => {
    const full = buildReading({
      ...{ eventId: "a", sequence: 7, submission: "s", originalCode: "76282-3", codedValue: null, comparator: ">" },
      ...{ flags: ["EXTREME"], quality: ['artefact, or "noise"'], watermark: 5, clockOffsetMs: -3, replaces: "z" },
      input: { topic: "labs.observed.v1", partition: 3, offset: "900719925474099" },
    });
    await accept(full, { ...full, value: "999" }, buildReading({ eventId: "b", patientId: "p2" }));
    const first = await compaction.run("one");
    expect(ledgerOf(first, VITALS_ACCEPTED)).toEqual({
      ...{ read: 3, accepted: 2, filtered: {}, quarantined: {}, duplicates: 1 },
    });
    await compaction.publish(first);
    await accept(buildReading({ eventId: "c" }), { ...full, effectiveTime: full.effectiveTime + 86_400_000 });
    await accept(buildReading({ eventId: "a", patientId: "p2" }));
    await compaction.compact("two");
    const reader = (await compaction.reader()).logged;
    expect((await compaction.rows("vitals")).map((row) => [row["patient_id"], row["event_id"]])).toEqual([
      ["p1", "a"],
      ["p1", "c"],
      ["p2", "a"],
      ["p2", "b"],
    ]);
    expect(reader.vital("p1", "a")).toEqual({ reading: full, partition: expect.any(Number), offset: 0 });
  });

  it("adds nothing when the same range comes again", async () => {
    await accept(buildReading({ eventId: "a" }));
    await append(VITALS_WINDOWED, "p1", buildWindow());
    await step(buildAlert(), "one");
    await change(buildJob());
    const result = await compaction.run("one");
    const before = await compaction.publish({ ...result, horizon: undefined });
    expect(before.horizon).toEqual({});
    const again = await compaction.run("two");
    expect([again.add, again.remove]).toEqual([[], {}]);
    expect(again.horizon).toEqual(result.horizon);
    const after = await compaction.publish(again);
    expect(after.tables).toEqual(before.tables);
    expect((await compaction.run("three")).horizon).toBeUndefined();
  });

  it("keeps of a window the version that has read furthest, and takes the others out of the table", async () => {
    const hour = buildWindow({ size: "PT1H", throughOffset: "5", count: 3 });
    await append(VITALS_WINDOWED, "p1", hour, { ...hour, throughOffset: "3", count: 1 }, buildWindow());
    await compaction.compact("one");
    await append(VITALS_WINDOWED, "p1", { ...hour, throughOffset: "9", count: 4 }, { ...hour, throughOffset: "7" });
    await append(VITALS_WINDOWED, "p1", { ...hour, throughOffset: "9", count: 99 });
    const second = await compaction.run("two");
    expect(ledgerOf(second, VITALS_WINDOWED)).toMatchObject({ read: 3, accepted: 1, filtered: { OVERTAKEN: 2 } });
    await compaction.publish(second);
    expect((await compaction.rows("vital_windows")).map((row) => [row["size"], Number(row["readings"])])).toEqual([
      ["PT1H", 4],
      ["PT1M", 1],
    ]);
    const { logged } = await compaction.reader();
    const { start } = hour;
    expect(logged.windows("p1", HEART_RATE, "PT1H", start, start + 1).map(({ window }) => window)).toEqual([
      { ...hour, throughOffset: "9", count: 4 },
    ]);
    expect(logged.windows("p1", HEART_RATE, "PT1H", start + 1, start + 3_600_000)).toEqual([]);
  });

  it("keeps an alert as its last step left it, with all its steps in order, over compactions", async () => {
    const alert = buildAlert({ message: 'é \u2028 "quoted"' });
    await step(alert, "first");
    await step({ ...alert, version: 2, presence: "ACK" }, "second, \u{1F600}");
    await step(alert, "a repeat");
    await append(ALERT_TRANSITIONED, "p1", {
      ...{ schema: 1, kind: "refused", commandId: "c", alertId: "x", patientId: "p1", code: "NOT_FOUND" },
      ...{ message: "", version: null, input: null },
    });
    const first = await compaction.run("one");
    expect(ledgerOf(first, ALERT_TRANSITIONED)).toEqual({
      ...{ read: 4, accepted: 2, filtered: { NO_STEP: 1 }, quarantined: {}, duplicates: 1 },
    });
    await compaction.publish(first);
    for (let version = 3; version <= 12; version += 1) await step({ ...alert, version }, `step ${String(version)}`);
    await step({ ...alert, id: "alert-2", patientId: "p2", code: null }, "another");
    await compaction.compact("two");
    const { logged } = await compaction.reader();
    const [one, two] = [...logged.alerts()] as { record: AlertRecord; steps: { version: number; step: object }[] }[];
    expect(one?.record).toEqual({ ...alert, version: 12 });
    expect(one?.steps.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(one?.steps.slice(0, 2)).toEqual([
      expect.objectContaining({ step: { ...STEP, text: "first" }, offset: "0", patientId: "p1", priority: "HIGH" }),
      expect.objectContaining({ step: { ...STEP, text: "second, \u{1F600}" }, offset: "1" }),
    ]);
    expect(two?.record.id).toBe("alert-2");
    expect(await compaction.rows("alerts")).toHaveLength(2);
  });

  it("keeps a job as its last transition left it", async () => {
    const job = buildJob({ parameters: { "2": 1.5, "1": [null, "a"], nested: { big: 1e21 } } });
    for (const version of [1, 3, 2]) await change({ ...job, version, state: version === 3 ? "COMPLETE" : "RUNNING" });
    await compaction.compact("one");
    await change(buildJob({ id: "job-2" }));
    await change({ ...job, version: 4, endedAt: 7, error: { code: "A", message: "b", retryable: true } });
    await compaction.compact("two");
    const { logged } = await compaction.reader();
    expect([...logged.jobs()]).toEqual([
      { ...job, version: 4, endedAt: 7, error: { code: "A", message: "b", retryable: true } },
      buildJob({ id: "job-2" }),
    ]);
  });

  it("puts what is not what a topic carries into quarantine, with its place, and goes on", async () => {
    const good = buildReading({ eventId: "good" });
    const { input: _, ...without } = good;
    const bad: readonly (readonly [unknown, string])[] = [
      [without, "input.topic"],
      [{ ...good, late: "no" }, "late"],
      [{ ...good, sequence: 1.5 }, "sequence"],
      [{ ...good, value: 80 }, "value"],
      [{ ...good, input: { ...good.input, offset: "12345678901234567890" } }, "input.offset"],
      ["text", "schema"],
      [{ ...good, schema: 0 }, "schema"],
    ];
    await append(VITALS_ACCEPTED, "p1", ...bad.map(([value]) => value), good);
    const result = await compaction.run("one");
    expect(ledgerOf(result, VITALS_ACCEPTED)).toMatchObject({
      ...{ read: 8, accepted: 1, quarantined: { UNREADABLE_EVENT: 7 }, duplicates: 0 },
    });
    const [outcome] = result.files;
    if (outcome === undefined || outcome.status === "refused") throw new Error("no ledger");
    expect(outcome.status).toBe("partial");
    const kept = (await readFile(join(compaction.store.root, outcome.quarantineUri ?? ""), "utf8")).trim().split("\n");
    expect(kept.map((line) => JSON.parse(line) as object)).toEqual(
      bad.map(([value, field], offset) =>
        expect.objectContaining({
          ...{ field, raw: JSON.stringify(value), source: VITALS_ACCEPTED, line: null },
          position: expect.stringMatching(new RegExp(`^partition \\d, offset ${String(offset)}$`)) as unknown,
        }),
      ),
    );
    expect((await compaction.publish(result)).horizon[VITALS_ACCEPTED]).toContain("8");
  });

  it("stops at an event that a later release wrote: nothing is published", async () => {
    await append(VITALS_ACCEPTED, "p1", { ...buildReading(), schema: 2 });
    await expect(compaction.run("one")).rejects.toMatchObject({ code: "STORAGE_NEWER" });
  });

  it("joins small files: rows of many compactions lie in few of them, sorted, each once", async () => {
    const start = Date.UTC(2026, 0, 1);
    for (let round = 0; round < 10; round += 1) {
      await accept(
        buildReading({ eventId: `e${String(round)}`, effectiveTime: start + round * 60_000 }),
        buildReading({ eventId: `e${String(round)}`, patientId: "p0", effectiveTime: start - round * 60_000 }),
      );
      await append(VITALS_WINDOWED, "p1", buildWindow({ size: "PT1H", throughOffset: String(round) }));
      await compaction.compact(`job-${String(round)}`);
      expect(filesOf(compaction.snapshots.latest(), "vitals").length).toBeLessThanOrEqual(8);
    }
    const catalog = compaction.snapshots.latest();
    expect(filesOf(catalog, "vitals").reduce((sum, { rows }) => sum + rows, 0)).toBe(20);
    expect(filesOf(catalog, "vital_windows").map(({ rows }) => rows)).toEqual([1]);
    const { logged } = await compaction.reader();
    const found = [...logged.vitals("p1", HEART_RATE, start, start + 3_600_000)];
    expect(found.map(({ reading }) => reading.eventId)).toEqual(
      Array.from({ length: 10 }, (_, at) => `e${String(9 - at)}`),
    );
    for (const { meta } of filesOf(catalog, "vitals"))
      expect(Number(meta["from"])).toBeLessThanOrEqual(Number(meta["to"]));
  }, 120_000);
});
