import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { partitionOf } from "../../src/backend/partition.js";
import type { ObservedRecord } from "../../src/domain/events/observation.js";
import { VitalomeError } from "../../src/errors.js";
import { OBSERVATIONS_SUBMITTED, VITALS_OBSERVED } from "../../src/ingest/streams/observation.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { buildCaller, openGateway, pieces, type Gateway } from "../helpers/submissions.js";

let log: LiveLog;
let gateway: Gateway;
beforeEach(async () => {
  log = await openLiveLog();
  gateway = openGateway(log);
});
afterEach(async () => {
  gateway.close();
  await log.close();
});

const WARD = { source: "ward", format: "ndjson", simulated: false, idempotencyKey: null } as const;
const reading = (patientId: string, sequence: number): string =>
  JSON.stringify({ patientId, code: "8867-4", value: 80, unit: "/min", sequence });
const linesOf = (patients: readonly string[]): string => patients.map((id, at) => `${reading(id, at)}\n`).join("");
/** Two patients in two partitions, and a source that lies in a third. */
const KEYS = ["p1", "p2", "ward"];

/** What the worker would count of everything observed, in one stretch per partition. */
async function countAll(id: string): Promise<void> {
  const observed = (await gateway.observed()).filter(({ value }) => (value as ObservedRecord).submission === id);
  for (const partition of new Set(observed.map((event) => event.partition))) {
    const events = observed.filter((event) => event.partition === partition);
    const last = events.at(-1)!;
    const input = { topic: VITALS_OBSERVED, partition, offset: String(last.offset) };
    await gateway.count({ submission: id, read: events.length, accepted: events.length, input }, last.key);
  }
}

describe("a submission", () => {
  it("is in the log as it came, line by line, each under its patient, else under its source", async () => {
    expect(new Set(KEYS.map((key) => partitionOf(key, 4))).size).toBeGreaterThan(1);
    const fhir = { resourceType: "Observation", subject: { reference: "Patient/p2" }, receivedAt: "2026-01-01T00:00Z" };
    const text = `${reading("p1", 1)}\r\n\n${JSON.stringify(fhir)}\nno JSON\n[1]`;
    const { id, lines, ledger } = await gateway.view().submit(pieces(text), { ...WARD, simulated: true });
    expect({ lines, ledger }).toEqual({ lines: 4, ledger: null });
    const common = { schema: 1, submission: id, source: "ward", by: "somebody", simulated: true };
    const observed = await gateway.observed();
    const lineOf = ({ value }: (typeof observed)[number]): number => (value as ObservedRecord).line ?? 0;
    const expected: readonly (readonly [key: string, line: number, record: unknown])[] = [
      ["p1", 1, JSON.parse(reading("p1", 1))],
      ["p2", 3, fhir],
      ["ward", 4, "no JSON"],
      ["ward", 5, [1]],
    ];
    expect([...observed].sort((a, b) => lineOf(a) - lineOf(b)).map(({ key, value }) => ({ key, value }))).toEqual(
      expected.map(([key, line, record]) => ({
        key,
        value: { ...common, line, record, receivedAt: expect.any(Number) },
      })),
    );
  });

  it("has its ledger once every partition is counted past its last record, not before", async () => {
    const patients = Array.from({ length: 40 }, (_, at) => `p${String(at)}`);
    const { id, cursor, lines } = await gateway.view().submit(pieces(linesOf(patients)), WARD);
    expect(lines).toBe(40);
    const observed = await gateway.observed();
    const last = observed.findLast(({ partition }) => partition === 3)!;
    const input = { topic: VITALS_OBSERVED, partition: 3, offset: String(last.offset) };
    await gateway.count(
      { submission: id, input, read: 5, accepted: 2, duplicates: 1, rejected: { TIME: 2 } },
      last.key,
    );
    await gateway.view().wait(cursor, 50);
    expect((await gateway.view().find(cursor)).ledger).toBeNull();
    await countAll(id);
    const { ledger } = await gateway.view().wait(cursor, 5_000);
    const rest = observed.filter(({ partition }) => partition !== 3).length;
    expect(ledger).toEqual({ read: rest + 5, accepted: rest + 2, late: 0, duplicates: 1, rejected: { TIME: 2 } });
    expect((await gateway.view().find(cursor)).cursor).toBe(cursor);
  });

  it("of no line at all is whole at once", async () => {
    const { lines, ledger } = await gateway.view().submit(pieces("\n \r\n"), WARD);
    expect([lines, ledger?.read]).toEqual([0, 0]);
  });

  it("is found by its cursor by its own tenant only, and by nothing else", async () => {
    const { cursor } = await gateway.view().submit(pieces(reading("p1", 1)), WARD);
    const other = gateway.view({ caller: buildCaller({ tenant: "other" }) });
    await expect(other.find(cursor)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    await expect(gateway.view().find(`${cursor}A`)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    log.clock.ahead(8 * 24 * 3_600_000);
    await expect(gateway.view().find(cursor)).rejects.toMatchObject({ code: "CURSOR_EXPIRED" });
  });

  it("that was counted before many others says that its ledger is no longer kept", async () => {
    gateway.close();
    gateway = openGateway(log, 2);
    const sent = [];
    for (let n = 0; n < 3; n += 1) sent.push(await gateway.view().submit(pieces(reading("p1", n)), WARD));
    for (const { id } of sent) await countAll(id);
    await gateway.view().wait(sent[2]!.cursor, 5_000);
    await expect(gateway.view().find(sent[0]!.cursor)).rejects.toMatchObject({ code: "CURSOR_EXPIRED" });
    expect((await gateway.view().find(sent[1]!.cursor)).ledger).toMatchObject({ read: 1 });
  });

  it.each([
    ["", "source"],
    ["a\nb", "source"],
    ["x".repeat(129), "source"],
  ])("needs a source with a name: not %j", async (source, field) => {
    const submitting = gateway.view().submit(pieces(""), { ...WARD, source });
    await expect(submitting).rejects.toMatchObject({ code: "BAD_USER_INPUT", details: { field } });
  });

  it("is refused to every role but the owner before anything of it is read", async () => {
    const view = gateway.view({ caller: buildCaller({ role: "clinician" }) });
    let read = 0;
    const watched = (async function* () {
      read += 1;
      yield* pieces(reading("p1", 1));
    })();
    await expect(view.submit(watched, WARD)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(read).toBe(0);
    expect(await gateway.observed()).toEqual([]);
  });
});

describe("a submission that breaks off", () => {
  it("says how many lines are in the log, and only those are", async () => {
    const broken = (async function* () {
      yield* pieces(linesOf(["p1", "p2"]), reading("p3", 3).slice(0, 10));
      throw new VitalomeError("BAD_REQUEST", "body: the sender went away");
    })();
    await expect(gateway.view().submit(broken, WARD)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: "body: the sender went away: 2 lines are in the log; sent again they count as duplicates",
      details: { durableLines: 2 },
    });
    expect(await gateway.observed()).toHaveLength(2);
  });

  it("says so where the log is what fails, in the middle", async () => {
    let appends = 0;
    const eventLog: typeof log.eventLog = {
      ...log.eventLog,
      async append(topic, events) {
        appends += 1;
        if (appends === 3) throw new VitalomeError("STORAGE_FULL", "the store has no room left");
        return log.eventLog.append(topic, events);
      },
    };
    const many = linesOf(Array.from({ length: 1_700 }, () => "p1"));
    const submitting = gateway.view({ eventLog }).submit(pieces(many), WARD);
    await expect(submitting).rejects.toMatchObject({ code: "STORAGE_FULL", details: { durableLines: 1_000 } });
    expect(await gateway.observed()).toHaveLength(1_000);
  });

  it("reads no further than one piece ahead of what is durable", async () => {
    let given = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const eventLog: typeof log.eventLog = {
      ...log.eventLog,
      async append(topic, events) {
        await held;
        return log.eventLog.append(topic, events);
      },
    };
    const endless = (async function* () {
      for (; given < 100; given += 1) yield* pieces(linesOf(["p1"]));
    })();
    const submitting = gateway.view({ eventLog }).submit(endless, WARD);
    await log.clock.sleep(50);
    expect(given).toBeLessThanOrEqual(1);
    release();
    expect((await submitting).lines).toBe(100);
  });
});

describe("an idempotency key", () => {
  const KEYED = { ...WARD, idempotencyKey: "once" };
  const text = linesOf(["p1", "p2"]);

  it("answers the same submission, however the bytes are cut, and writes nothing again", async () => {
    const first = await gateway.view().submit(pieces(text), KEYED);
    const again = await gateway.view().submit(pieces(text.slice(0, 5), text.slice(5)), KEYED);
    expect({ ...again, cursor: "" }).toEqual({ ...first, cursor: "" });
    expect(await gateway.observed()).toHaveLength(2);
    await countAll(first.id);
    expect((await gateway.view().wait(again.cursor, 5_000)).ledger).toMatchObject({ read: 2 });
  });

  it("is known to a process that starts later", async () => {
    const first = await gateway.view().submit(pieces(text), KEYED);
    gateway.close();
    gateway = openGateway(log);
    expect((await gateway.view().submit(pieces(text), KEYED)).id).toBe(first.id);
    expect(await gateway.observed()).toHaveLength(2);
  });

  it("is refused with other lines, another source, or as simulated, and nothing is written", async () => {
    await gateway.view().submit(pieces(text), KEYED);
    for (const [other, request] of [
      [`${text}\n{}`, KEYED],
      [text, { ...KEYED, source: "other" }],
      [text, { ...KEYED, simulated: true }],
    ] as const) {
      const submitting = gateway.view().submit(pieces(other), request);
      await expect(submitting).rejects.toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
    }
    expect(await gateway.observed()).toHaveLength(2);
  });

  it("of another tenant is another submission", async () => {
    const first = await gateway.view().submit(pieces(text), KEYED);
    const other = gateway.view({ caller: buildCaller({ tenant: "other" }) });
    expect((await other.submit(pieces("{}"), KEYED)).id).not.toBe(first.id);
  });

  it("that two use at once with other lines answers one of them, and tells the other what is in the log", async () => {
    const both = await Promise.allSettled([
      gateway.view().submit(pieces(text), KEYED),
      gateway.view().submit(pieces("{}\n"), KEYED),
    ]);
    const refused = both.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
    expect(refused[0]?.reason.details.durableLines).toBeGreaterThan(0);
    expect((await log.eventLog.positions(OBSERVATIONS_SUBMITTED)).reduce((sum, { end }) => sum + end, 0n)).toBe(2n);
  });

  it("may be sent again after its submission broke off: then it is whole", async () => {
    const broken = (async function* () {
      yield* pieces(`${reading("p1", 0)}\n`);
      throw new VitalomeError("BAD_REQUEST", "gone");
    })();
    await expect(gateway.view().submit(broken, KEYED)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    const { lines, id } = await gateway.view().submit(pieces(text), KEYED);
    expect(lines).toBe(2);
    expect((await gateway.observed()).map(({ value }) => (value as ObservedRecord).submission)).toEqual([id, id, id]);
  });

  it.each(["", "x".repeat(201), "a\u0000b"])("is 1 to 200 characters: not %j", async (idempotencyKey) => {
    const submitting = gateway.view().submit(pieces(text), { ...WARD, idempotencyKey });
    await expect(submitting).rejects.toMatchObject({ code: "BAD_USER_INPUT", details: { field: "idempotencyKey" } });
  });
});

describe("the ledgers of sources", () => {
  it("add up what was counted of each, with and without a submission; a repeat of the worker counts once", async () => {
    const at = (
      partition: number,
      offset: number,
    ): { input: { topic: string; partition: number; offset: string } } => ({
      input: { topic: VITALS_OBSERVED, partition, offset: String(offset) },
    });
    await gateway.count({ ...at(0, 3), read: 4, accepted: 3, late: 1, rejected: { TIME: 1 } });
    await gateway.count({ ...at(0, 3), read: 4, accepted: 3, late: 1, rejected: { TIME: 1 } });
    await gateway.count({ ...at(0, 9), read: 2, accepted: 0, duplicates: 1, rejected: { TIME: 1 }, submission: "a" });
    await gateway.count({ ...at(0, 8), read: 1, submission: "b" });
    await gateway.count({ ...at(0, 9), read: 2, accepted: 0, duplicates: 1, rejected: { TIME: 1 }, submission: "a" });
    await gateway.count({ ...at(1, 0), read: 1, accepted: 0, rejected: { JSON: 1 } });
    await gateway.count({ ...at(0, 12), source: "icu" });
    const sentinel = gateway.ledgers.untilCounted("icu", "z", VITALS_OBSERVED, ["14"], 5_000);
    await gateway.count({ ...at(0, 13), source: "icu", submission: "z" });
    await sentinel;
    const ledgers = await gateway.view().sourceLedgers();
    expect(ledgers.map(({ source, ledger }) => [source, ledger])).toEqual([
      ["icu", { read: 2, accepted: 2, late: 0, duplicates: 0, rejected: {} }],
      ["ward", { read: 8, accepted: 4, late: 1, duplicates: 1, rejected: { TIME: 2, JSON: 1 } }],
    ]);
    expect(ledgers[1]!.lastCountedAt).toBeGreaterThanOrEqual(ledgers[1]!.since);
  });
});
