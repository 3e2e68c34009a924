import { describe, expect, it } from "@jest/globals";
import { observationRejectedSchema, vitalAcceptedSchema } from "../../../src/domain/events/observation.js";
import { START, asLogged, buildFacts, buildRecord, createState, iso, openWard, rulesOf } from "./build.js";

const second = (n: number): number => START + n * 1000;

function buildSequenced(sequence: number, overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return buildRecord({ deviceId: "m1", session: "s1", sequence, eventTime: iso(second(sequence)), ...overrides });
}

describe("judging a record", () => {
  it("accepts a reading whole, with everything its event needs", () => {
    const reading = openWard().accept(buildRecord({ deviceId: "m1", session: 7, sequence: 1 }));
    expect(vitalAcceptedSchema.parse(reading)).toEqual(reading);
    expect(reading).toMatchObject({
      ...{ patientId: "p1", code: "8867-4", originalCode: null, value: "72", unit: "/min", originalValue: "72" },
      ...{ session: "7", effectiveTime: START, originalTime: iso(START), receivedAt: START + 1000, late: false },
      ...{ watermark: START - 120_000, flags: [], clockOffsetMs: null, status: "final", simulated: false },
    });
  });

  it("says of a refused record what is wrong with it, and keeps it whole", () => {
    const record = buildRecord({ unit: "furlong" });
    const [verdict] = openWard().take(record);
    if (verdict?.kind !== "rejected") throw new Error("not rejected");
    expect(observationRejectedSchema.parse(verdict.rejection)).toEqual(verdict.rejection);
    expect(verdict.rejection).toMatchObject({ rule: "UNKNOWN_UNIT", field: "unit", found: '"furlong"' });
    expect(JSON.parse(verdict.rejection.raw)).toEqual(record);
  });

  it("keeps a line that is no JSON as it stood, and the beginning of one that is too long", () => {
    const raw = (record: unknown): string => {
      const [verdict] = openWard().take(record);
      return verdict?.kind === "rejected" ? verdict.rejection.raw : "";
    };
    expect(raw('HR=72;"SpO2')).toBe('HR=72;"SpO2');
    expect(raw(buildRecord({ quality: "x".repeat(100_000) }))).toHaveLength(65_536);
    expect(raw(`${"x".repeat(65_535)}😀`)).toHaveLength(65_535);
  });

  it("leaves nothing in the state of what it refuses", () => {
    const ward = openWard();
    const faulty = [{ unit: "furlong" }, { patientId: "nobody" }, { eventTime: "yesterday" }, { value: -1 }];
    for (const fault of faulty) ward.take(buildSequenced(1, fault));
    expect(ward.state.entries.size).toBe(0);
    expect(ward.accept(buildSequenced(1)).flags).toEqual([]);
  });

  it.each([
    ["of nobody on record", buildRecord({ patientId: "nobody" }), {}, "UNKNOWN_PATIENT", "patientId"],
    ["under the key of another patient", buildRecord(), { key: "p2" }, "KEY_MISMATCH", "key"],
    ["under the key of its source", buildRecord(), { key: "ward-7" }, "KEY_MISMATCH", "key"],
    [
      "without an offset where no zone is known",
      buildRecord({ eventTime: "2026-03-01T10:00:00" }),
      {},
      "TIME_ZONE",
      "eventTime",
    ],
    ["of no time", buildRecord({ eventTime: "2026-03-01" }), {}, "TIME", "eventTime"],
    ["that says when it was received", buildRecord({ receivedAt: iso(START) }), {}, "RECEIVED_AT", "receivedAt"],
  ])("refuses one %s", (_name, record, at, rule, field) => {
    expect(openWard().take(record, at)).toMatchObject([{ kind: "rejected", rejection: { rule, field } }]);
  });

  it("reads a time in the zone of its source, and keeps it as it came", () => {
    const source = (id: string) => ({ id, kind: "BEDSIDE", staleAfterMs: 60_000, zone: "Europe/Berlin" }) as const;
    const reading = openWard(buildFacts({ source })).accept(buildRecord({ eventTime: "2026-03-01T11:00:00" }));
    expect(reading).toMatchObject({ effectiveTime: START, originalTime: "2026-03-01T11:00:00" });
  });

  it("takes a record's own time of receipt where time comes from the input", () => {
    const ward = openWard(buildFacts({ mayStateReceipt: true }));
    const reading = ward.accept(buildRecord({ receivedAt: iso(START + 5000) }), { receivedAt: START + 9e9 });
    expect(reading).toMatchObject({ receivedAt: START + 5000, flags: [] });
    expect(rulesOf(ward.take(buildRecord({ receivedAt: "now" })))).toEqual(["TIME"]);
  });

  it("names the code as received where it is another of its group", () => {
    const reading = openWard().accept(buildRecord({ code: "59408-5", value: 97, unit: "%" }));
    expect(reading).toMatchObject({ code: "2708-6", originalCode: "59408-5" });
  });

  it("flags what is extreme, and what has no value", () => {
    expect(openWard().accept(buildRecord({ value: 0 })).flags).toEqual(["EXTREME"]);
    const without = buildRecord({ value: null, unit: null, absentReason: "error" });
    expect(openWard().accept(without)).toMatchObject({ flags: ["NO_VALUE"], value: null, quality: ["error"] });
    const stated = { ...buildRecord({ code: "67775-7", value: "A" }), unit: null };
    expect(openWard().accept(stated)).toMatchObject({ flags: [], codedValue: "A" });
  });

  it("says that a reading of a made-up person is made up", () => {
    const person = (id: string) => ({ id, birthDate: null, simulated: true });
    expect(openWard(buildFacts({ person })).accept(buildRecord()).simulated).toBe(true);
  });

  it("looks a merged person up under the id they have now, and keeps the id of the reading", () => {
    const facts = buildFacts({ resolve: (id) => (id === "56789" ? "p12345" : id) });
    expect(openWard(facts).accept(buildRecord({ patientId: "56789" })).patientId).toBe("56789");
  });
});

describe("a record that comes again", () => {
  it("is a duplicate by device, session and sequence", () => {
    const ward = openWard();
    const verdicts = [1, 2, 1, 2, 3].flatMap((sequence) => ward.take(buildSequenced(sequence)));
    expect(rulesOf(verdicts)).toEqual(["accepted", "accepted", "duplicate", "duplicate", "accepted"]);
  });

  it("is a duplicate by the id of its source, and else by all it says", () => {
    const ward = openWard();
    const [named, bare] = [buildRecord({ eventId: "e1", value: 80 }), buildRecord()];
    expect(ward.accept(named).eventId).toBe("e1");
    ward.accept(bare);
    expect(rulesOf([...ward.take(named), ...ward.take(bare)])).toEqual(["duplicate", "duplicate"]);
    expect(ward.accept(buildRecord({ value: 73 })).flags).toEqual([]);
    expect(ward.accept(bare, { source: "ward-8" }).flags).toEqual([]);
  });

  it("is still one when its value is written in another way", () => {
    const ward = openWard();
    ward.accept(buildSequenced(1, { code: "8310-5", value: 37, unit: "Cel" }));
    expect(rulesOf(ward.take(buildSequenced(1, { code: "8310-5", value: "98.60", unit: "[degF]" })))).toEqual([
      "duplicate",
    ]);
  });

  it("is no duplicate after the device was started again", () => {
    const ward = openWard();
    for (const sequence of [1, 2, 3]) ward.accept(buildSequenced(sequence));
    const again = [1, 2, 3].map((n) =>
      ward.accept(buildSequenced(n, { session: "s2", eventTime: iso(second(n + 30)) })),
    );
    expect(again.map(({ flags }) => flags)).toEqual([[], [], []]);
    expect(rulesOf(ward.take(buildSequenced(2)))).toEqual(["duplicate"]);
  });

  it("of a device with a sequence and no session is judged by what it says", () => {
    const ward = openWard();
    const restarted = [1, 2, 1, 2].map((sequence, n) =>
      ward.accept(buildSequenced(sequence, { session: null, eventTime: iso(second(n)) })),
    );
    expect(restarted.flatMap(({ flags }) => flags)).toEqual([]);
  });

  it("with other content is kept beside the first, flagged, under a name of its own, and that one once", () => {
    const ward = openWard();
    const first = ward.accept(buildSequenced(1));
    const other = buildSequenced(1, { value: 140 });
    const second = ward.accept(other);
    expect(second).toMatchObject({ value: "140", flags: ["CONFLICT"] });
    expect(second.eventId).not.toBe(first.eventId);
    expect(rulesOf([...ward.take(other), ...ward.take(buildSequenced(1))])).toEqual(["duplicate", "duplicate"]);
    expect(ward.accept(buildRecord({ eventId: "e1" })).flags).toEqual([]);
    expect(ward.accept(buildRecord({ eventId: "e1", value: 90 })).flags).toEqual(["CONFLICT"]);
  });

  it("fills the gap it left, however far back it lies in its session", () => {
    const ward = openWard();
    for (const sequence of [1, 100_000, 100_001]) ward.accept(buildSequenced(sequence));
    const backlog = [5, 4, 5, 99_999, 2, 4].flatMap((sequence) => ward.take(buildSequenced(sequence)));
    expect(rulesOf(backlog)).toEqual(["accepted", "accepted", "duplicate", "accepted", "accepted", "duplicate"]);
  });

  it("before the first that came of a session is new once", () => {
    const ward = openWard();
    const verdicts = [50, 3, 2, 3, 50].flatMap((sequence) => ward.take(buildSequenced(sequence)));
    expect(rulesOf(verdicts)).toEqual(["accepted", "accepted", "accepted", "duplicate", "duplicate"]);
  });

  it("from far back is told from a counter that begins anew by its time", () => {
    const ward = openWard();
    for (let sequence = 1; sequence <= 600; sequence += 1)
      ward.accept(buildSequenced(sequence), { receivedAt: second(sequence) });
    expect(rulesOf(ward.take(buildSequenced(7), { receivedAt: second(601) }))).toEqual(["duplicate"]);
    const wrapped = buildSequenced(7, { eventTime: iso(second(601)) });
    expect(ward.accept(wrapped, { receivedAt: second(601) }).flags).toEqual(["CONFLICT"]);
  });

  it("of a panel is taken whole, and judged whole when it comes again", () => {
    const ward = openWard();
    const code = (name: string) => ({ coding: [{ system: "http://loinc.org", code: name }] });
    const part = (name: string, value: number) => ({ code: code(name), valueQuantity: { value, unit: "mm[Hg]" } });
    const panel = (systolic: number) => ({
      ...{ resourceType: "Observation", id: "o1", status: "final", code: code("85354-9") },
      ...{ subject: { reference: "Patient/p1" }, effectiveDateTime: iso(START) },
      component: [part("8480-6", systolic), part("8462-4", 80)],
    });
    const ids = ward.take(panel(120)).map((verdict) => (verdict.kind === "accepted" ? verdict.reading.eventId : ""));
    expect(ids).toEqual(["o1#8480-6", "o1#8462-4"]);
    expect(rulesOf(ward.take(panel(120)))).toEqual(["duplicate", "duplicate"]);
    expect(ward.take(panel(140))).toMatchObject([{ reading: { flags: ["CONFLICT"] } }, { kind: "duplicate" }]);
  });
});

describe("a correction", () => {
  it("is an event of its own that names the one it replaces", () => {
    const ward = openWard();
    ward.accept(buildRecord({ eventId: "e1" }));
    const corrected = ward.accept(buildRecord({ eventId: "e2", replaces: "e1", value: 74 }));
    expect(corrected).toMatchObject({ eventId: "e2", replaces: "e1", status: "corrected", flags: [] });
    const withdrawn = ward.accept(buildRecord({ replaces: "e2", status: "entered-in-error", value: null, unit: null }));
    expect(withdrawn).toMatchObject({ replaces: "e2", status: "entered-in-error", flags: ["NO_VALUE"] });
  });

  it("is what a final value is to the preliminary one before it", () => {
    const observation = (status: string, value: number) => ({
      ...{ resourceType: "Observation", id: "o1", status, subject: { reference: "Patient/p1" } },
      code: { coding: [{ system: "http://loinc.org", code: "2823-3" }] },
      ...{ effectiveDateTime: iso(START), valueQuantity: { value, unit: "mmol/L" } },
    });
    const ward = openWard();
    expect(ward.accept(observation("preliminary", 4.1))).toMatchObject({ eventId: "o1@preliminary", replaces: null });
    expect(ward.accept(observation("final", 4.2))).toMatchObject({
      ...{ eventId: "o1", replaces: "o1@preliminary", status: "corrected", flags: [] },
    });
    expect(openWard().accept(observation("final", 4.2))).toMatchObject({ replaces: null, status: "final" });
  });
});

describe("the watermark", () => {
  it("follows the latest time by the allowed lateness, and never goes back", () => {
    const ward = openWard();
    const watermarks = [10, 20, 15, 19, 300].map(
      (n) => ward.accept(buildSequenced(n), { receivedAt: second(n) }).watermark,
    );
    expect(watermarks).toEqual([10, 20, 20, 20, 300].map((n) => second(n - 120)));
  });

  it("makes late what is older than it, as it stood before the reading", () => {
    const ward = openWard();
    ward.accept(buildSequenced(200), { receivedAt: second(200) });
    const late = [80, 79].map((n) => ward.accept(buildSequenced(n), { receivedAt: second(201) }).late);
    expect(late).toEqual([false, true]);
  });

  it("is one for the partition: a patient's readings are late by another's", () => {
    const ward = openWard();
    ward.accept(buildSequenced(500), { receivedAt: second(500) });
    expect(ward.accept(buildRecord({ patientId: "p2" }), { receivedAt: second(500) }).late).toBe(true);
  });
});

describe("a device whose clock is wrong", () => {
  it("is ahead: its readings happen when they are received, and nobody else's become late by them", () => {
    const ward = openWard();
    ward.accept(buildRecord({ patientId: "p2" }));
    const fast = ward.accept(buildSequenced(1, { value: 150, eventTime: iso(START + 121_000) }), {
      receivedAt: START + 1000,
    });
    expect(fast).toMatchObject({
      ...{ flags: ["CLOCK_FAST"], clockOffsetMs: 120_000, effectiveTime: START + 1000, late: false },
      ...{ originalTime: iso(START + 121_000), watermark: START - 120_000 },
    });
    expect(ward.accept(buildSequenced(2, { eventTime: iso(START + 61_000) })).flags).toEqual([]);
  });

  it("is behind: told after a minute of readings that do not catch up, and then they happen when they are received", () => {
    const ward = openWard();
    const flags = Array.from({ length: 80 }, (_, n) => {
      const record = buildSequenced(n, { eventTime: iso(second(n - 600)) });
      return ward.accept(record, { receivedAt: second(n) });
    });
    expect(flags.findIndex((reading) => reading.flags.includes("CLOCK_SLOW"))).toBe(60);
    expect(flags.at(-1)).toMatchObject({
      ...{ flags: ["CLOCK_SLOW"], clockOffsetMs: -600_000, effectiveTime: second(79), late: false },
    });
    const set = ward.accept(buildSequenced(80), { receivedAt: second(80) });
    expect(set).toMatchObject({ flags: [], clockOffsetMs: null, effectiveTime: second(80) });
    expect([...ward.state.entries.keys()].filter((key) => key.startsWith("clocks/"))).toEqual([]);
  });

  it("stands still: that is behind as well", () => {
    const ward = openWard();
    const readings = Array.from({ length: 300 }, (_, n) =>
      ward.accept(buildSequenced(n, { value: 60 + (n % 40), eventTime: iso(START) }), { receivedAt: second(n) }),
    );
    expect(readings.findIndex(({ flags }) => flags.includes("CLOCK_SLOW"))).toBe(181);
    expect(readings.at(-1)).toMatchObject({ flags: ["CLOCK_SLOW"], effectiveTime: second(299) });
  });

  it("was never set", () => {
    const reading = openWard().accept(buildRecord({ eventTime: "0001-01-01T00:00:00Z" }));
    expect(reading).toMatchObject({ flags: ["CLOCK_SLOW"], effectiveTime: START + 1000, watermark: null });
  });

  it("is not told from a backlog, which catches up", () => {
    const ward = openWard();
    // Cut off for a quarter of an hour, then eight readings a second of receipt.
    const backlog = Array.from({ length: 900 }, (_, n) =>
      ward.accept(buildSequenced(n), { receivedAt: second(900 + n / 8) }),
    );
    expect(backlog.flatMap(({ flags }) => flags)).toEqual([]);
  });

  it("is not told from old readings handed in among new ones", () => {
    const ward = openWard();
    const flags: string[] = [];
    for (let n = 0; n < 300; n += 1) {
      flags.push(...ward.accept(buildSequenced(10_000 + n), { receivedAt: second(10_000 + n) }).flags);
      flags.push(...ward.accept(buildSequenced(1000 + n), { receivedAt: second(10_000 + n) }).flags);
    }
    expect(flags).toEqual([]);
  });

  it("is not told from a backlog at the pace of life, behind newer readings of its session", () => {
    const ward = openWard();
    ward.accept(buildSequenced(10_000), { receivedAt: second(10_000) });
    const flags = Array.from(
      { length: 100 },
      (_, n) => ward.accept(buildSequenced(1000 + n), { receivedAt: second(10_001 + n) }).flags,
    );
    expect(flags.flat()).toEqual([]);
  });

  it("is still behind when it is set further back", () => {
    const ward = openWard();
    const readings = Array.from({ length: 120 }, (_, n) => {
      const eventTime = iso(second(n - (n < 90 ? 300 : 900)));
      return ward.accept(buildSequenced(n, { eventTime }), { receivedAt: second(n) });
    });
    expect(readings.slice(60).every(({ flags }) => flags.includes("CLOCK_SLOW"))).toBe(true);
  });

  it("is not told of where somebody looks in, or sends what a laboratory found", () => {
    const source = (id: string) => ({ id, kind: "LABORATORY", staleAfterMs: 86_400_000, zone: null }) as const;
    const ward = openWard(buildFacts({ source }));
    const flags = Array.from(
      { length: 100 },
      (_, n) => ward.accept(buildSequenced(n, { eventTime: iso(second(n - 7200)) }), { receivedAt: second(n) }).flags,
    );
    expect(flags.flat()).toEqual([]);
  });
});

describe("the same records in the same order", () => {
  it("give the same events, and so does a successor that goes on from the state", () => {
    const records = Array.from({ length: 60 }, (_, n) => buildSequenced(n % 25, { value: n % 7 === 0 ? 140 : 72 }));
    const whole = openWard();
    const expected = records.map((record) => rulesOf(whole.take(record)));
    const first = openWard();
    const begun = records.slice(0, 31).map((record) => rulesOf(first.take(record)));
    const successor = openWard(buildFacts(), createState(asLogged(first.state.entries)));
    const gone = records.slice(31).map((record) => rulesOf(successor.take(record)));
    expect([...begun, ...gone]).toEqual(expected);
    expect(successor.state.entries).toEqual(whole.state.entries);
  });
});
