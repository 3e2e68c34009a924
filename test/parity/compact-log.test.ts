import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterEventLog } from "../../src/backend/cluster/event-log.js";
import { createClusterFiles } from "../../src/backend/cluster/files.js";
import { createClusterJobRunner } from "../../src/backend/cluster/job-runner.js";
import type { EventLog, Files, JobRunner } from "../../src/backend/index.js";
import { systemClock } from "../../src/clock.js";
import { openEngine, quoteText, type Engine } from "../../src/engine/duckdb.js";
import { ALERT_TRANSITIONED } from "../../src/ingest/streams/alert.js";
import { JOB_CHANGED } from "../../src/ingest/streams/job.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED } from "../../src/ingest/streams/observation.js";
import { COMPACT_LOG } from "../../src/jobs/compact-log.js";
import type { FileOutcome, JobResult } from "../../src/jobs/context.js";
import { readJobResult } from "../../src/jobs/run.js";
import { filesOf } from "../../src/lake/catalog.js";
import { LOG_TABLES } from "../../src/lake/log-tables.js";
import { publishRun } from "../../src/lake/publish.js";
import { openSnapshots, type Snapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import { createCompactionHandOver } from "../../src/worker/compaction/hand-over.js";
import { openCompaction, type Compaction } from "../helpers/compaction.js";
import { buildJob, openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildWindow } from "../helpers/build.js";
import { buildAlert, buildReading } from "../helpers/live-views.js";
import { createRandom } from "../helpers/random.js";
import { sparkSubmit } from "../helpers/spark-submit.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../helpers/stack.js";
import { readStored } from "./profiles.js";

const JOB_TIMEOUT_MS = 600_000;
const CORNER = `compact-${randomBytes(4).toString("hex")}`;

interface Written {
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
}

let live: LiveLog;
let embedded: Compaction;
let kafka: EventLog;
let files: Files;
let snapshots: Snapshots;
let runner: JobRunner;
let engine: Engine;
let folder: string;

beforeAll(async () => {
  const stack = await stackForTests(["namenode", "datanode", "kafka"]);
  live = await openLiveLog();
  embedded = await openCompaction(live);
  folder = await mkdtemp(join(tmpdir(), "vitalome-compact-"));
  const prefix = `${CORNER}.`;
  kafka = await createClusterEventLog({ brokers: [stack.kafka], prefix, clock: systemClock, log: silentLog });
  files = createClusterFiles({ webhdfs: stack.webhdfs, root: `/${CORNER}`, user: stack.user, clock: systemClock });
  snapshots = await openSnapshots(files, silentLog);
  const submit = { ...sparkSubmit(stack, `/${CORNER}`, folder), kafka: { servers: stack.kafka, prefix } };
  runner = createClusterJobRunner({ files, clock: systemClock, log: silentLog, submit });
  engine = await openEngine({
    ...{ database: ":memory:", directories: [folder], spillDirectory: null, memoryLimit: "500MB", threads: 1 },
  });
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  engine.close();
  await runner.close();
  await kafka.close();
  for (const name of ["runs", "quarantine", "snapshots"]) await files.remove(name);
  await embedded.close();
  await live.close();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

/** Both logs get the same; in Kafka much of it in transactions, whose markers leave holes between offsets. */
async function write(events: readonly Written[]): Promise<void> {
  for (const { topic, ...event } of events) await live.eventLog.append(topic, [event]);
  for (let at = 0; at < events.length; at += 40) {
    const group = events.slice(at, at + 40);
    if (at % 80 === 0) {
      await kafka.transact({ consumer: "test", topic: VITALS_ACCEPTED, partition: 0 }, (transaction) => {
        for (const { topic, ...event } of group) transaction.append(topic, event);
      });
    } else for (const { topic, ...event } of group) await kafka.append(topic, [event]);
  }
}

/** Readings, windows, steps and jobs of some people, with repeats, versions and what no topic carries. */
function eventsOf(seed: number, count: number): readonly Written[] {
  const { below } = createRandom(seed);
  const pick = <T>(...values: readonly T[]): T => values[below(values.length)] as T;
  const start = Date.UTC(2026, 0, 1, 10);
  return Array.from({ length: count }, (): Written => {
    const patientId = `p${String(below(20))}`;
    const minute = start + below(90) * 60_000;
    switch (below(10)) {
      case 0:
      case 1: {
        const throughOffset = String(below(1_000));
        const values = { min: pick("36.65", "-1", null), sum: "123456789012345678901234567890" };
        return {
          ...{ topic: VITALS_WINDOWED, key: patientId },
          value: buildWindow({ patientId, start: minute, size: pick("PT1M", "PT1H"), throughOffset, ...values }),
        };
      }
      case 2: {
        const alert = buildAlert({ id: `a-${patientId}`, patientId, version: 1 + below(30), message: "\u00e9\u2028" });
        const step = { from: null, to: "ON", reason: "RAISED", text: pick("a", null), by: null, dueAt: minute };
        const changed = { schema: 1, kind: "changed", alert, step, commandId: null, input: null };
        const refused = { schema: 1, kind: "refused", commandId: "c", alertId: "a", patientId, code: "CONFLICT" };
        return { topic: ALERT_TRANSITIONED, key: patientId, value: below(8) === 0 ? refused : changed };
      }
      case 3: {
        const id = `j${String(below(10))}`;
        const job = buildJob({ id, version: 1 + below(9), parameters: { "2": 1e21, "1": 0.5, a: ["\ud83d"] } });
        return { topic: JOB_CHANGED, key: id, value: { schema: 1, job } };
      }
      case 4:
        return {
          ...{ topic: VITALS_ACCEPTED, key: patientId },
          value: pick<unknown>({ schema: 1, patientId }, "text", null, [], { ...buildReading(), late: 1 }),
        };
      default: {
        const eventId = `e${String(below(count))}`;
        const value = pick("80", "36.650", null);
        const facts = { flags: value === null ? (["NO_VALUE"] as const) : [], quality: [pick("\u{1F600}", "a")] };
        return {
          ...{ topic: VITALS_ACCEPTED, key: patientId },
          value: buildReading({
            eventId,
            patientId,
            value,
            effectiveTime: minute,
            code: pick("8867-4", "2708-6"),
            ...facts,
          }),
        };
      }
    }
  });
}

async function compactInCluster(id: string): Promise<JobResult> {
  const base = await snapshots.refresh();
  const handOver = createCompactionHandOver({ eventLog: kafka, files, log: silentLog, jobsReachLog: true });
  const asked = { id, kind: COMPACT_LOG, parameters: {}, baseSnapshot: base.snapshot, submittedBy: "test" };
  await runner.submit(await handOver(asked, base, new AbortController().signal));
  for (;;) {
    const status = await runner.status(id);
    if (status.state === "succeeded") break;
    if (status.state !== "running") throw new Error(`${JSON.stringify(status)} ${(await runner.logs(id, 20)).join()}`);
    await systemClock.sleep(300);
  }
  const result = await readJobResult(files, id);
  if (result === null) throw new Error("no result");
  if (result.horizon === undefined) return result;
  const add = result.add.map((file) => ({ ...file, indexes: [] }));
  await publishRun({ files, snapshots, clock: systemClock }, { ...result, add });
  return result;
}

/** Rows of a table without what is of one log: offsets, and when it took an event. */
async function rowsOf(paths: readonly string[]): Promise<readonly unknown[]> {
  if (paths.length === 0) return [];
  const rows = await engine.rows(`SELECT * FROM read_parquet([${paths.map(quoteText).join(", ")}]) ORDER BY ALL`);
  const plain = rows.map(({ log_offset: _, steps, ...row }) => {
    const kept = typeof steps === "string" ? (JSON.parse(steps) as { offset: string; at: number }[]) : [];
    return JSON.stringify([row, kept.map(({ offset: _offset, at: _at, ...step }) => step)], (_key, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
  });
  return plain.sort();
}

async function rowsIn(
  store: { readonly files: Files; readonly snapshots: Snapshots },
  table: string,
): Promise<readonly unknown[]> {
  const paths: string[] = [];
  const local = await mkdtemp(join(folder, "table-"));
  for (const [index, { path }] of filesOf(store.snapshots.latest(), table).entries()) {
    paths.push(join(local, `${String(index)}.parquet`));
    await writeFile(paths[index] ?? "", (await readStored(store.files, path)) ?? "");
  }
  return rowsOf(paths);
}

const ledgersOf = ({ files: outcomes }: JobResult): unknown =>
  outcomes.map((outcome: FileOutcome) => [outcome.file, outcome.status === "refused" ? null : outcome.ledger]);

describe("the same log in Kafka and in the journal", () => {
  it(
    "becomes the same rows and ledgers, over two compactions and holes in the offsets; the same range adds nothing",
    async () => {
      for (const [round, count] of [1_000, 400].entries()) {
        await write(eventsOf(round + 1, count));
        const wanted = await embedded.run(`round-${String(round)}`);
        await embedded.publish(wanted);
        const found = await compactInCluster(`round-${String(round)}`);
        expect(ledgersOf(found)).toEqual(ledgersOf(wanted));
        for (const table of LOG_TABLES) {
          const rows = await rowsIn({ files, snapshots }, table);
          expect(rows.length).toBeGreaterThan(0);
          expect([table, rows]).toEqual([table, await rowsIn({ ...embedded, files: embedded.store.files }, table)]);
        }
      }
      const before = snapshots.latest();
      expect((await compactInCluster("nothing")).horizon).toBeUndefined();
      expect(snapshots.latest()).toEqual(before);
    },
    JOB_TIMEOUT_MS,
  );
});
