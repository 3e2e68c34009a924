import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { observationsCountedSchema, type ObservationsCounted } from "../../../src/domain/events/observation.js";
import { LIVE } from "../../../src/domain/observation/live.js";
import { total } from "../../../src/domain/ledger.js";
import { countVerdicts, forgetSilent, judge, type Judged } from "../../../src/ingest/observations/index.js";
import { START, buildFacts, buildObserved, buildRecord, createState, iso, openWard, rulesOf } from "./build.js";

interface Draw {
  readonly patientId: string;
  readonly device: number;
  readonly session: number;
  readonly sequence: number;
  readonly named: boolean;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  patientId: fc.constantFrom("p1", "p2"),
  device: fc.integer({ min: 1, max: 2 }),
  session: fc.integer({ min: 1, max: 3 }),
  sequence: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5000 })),
  named: fc.boolean(),
});

/** What a device said under a name is always the same. */
function recordOf({ patientId, device, session, sequence, named }: Draw): Record<string, unknown> {
  const eventTime = iso(START - 60_000 + sequence * 10);
  const value = 60 + ((sequence * 7 + device) % 60);
  if (named)
    return buildRecord({ patientId, eventId: `e${String(sequence)}`, value, eventTime: iso(START - sequence) });
  const own = { deviceId: `m${String(device)}`, session: `s${String(session)}`, sequence };
  return buildRecord({ patientId, ...own, value, eventTime });
}

function acceptedIds(records: readonly unknown[]): readonly string[] {
  const ward = openWard();
  return records.flatMap((record) =>
    ward.take(record).flatMap((verdict) => (verdict.kind === "accepted" ? [verdict.reading.eventId] : [])),
  );
}

describe("whatever the order and however often records come", () => {
  it("each is accepted once, and the accepted are the same", () => {
    const cases = fc
      .array(draw, { maxLength: 40 })
      .chain((draws) =>
        fc.tuple(
          fc.constant(draws),
          fc.shuffledSubarray([...draws, ...draws, ...draws], { minLength: draws.length * 3 }),
        ),
      );
    fc.assert(
      fc.property(cases, ([draws, shuffled]) => {
        // The value of a named one depends on its device: one device for all of a name.
        const fix = (one: Draw): Draw => (one.named ? { ...one, device: 1 } : one);
        const inOrder = acceptedIds(draws.map(fix).map(recordOf));
        const mixed = acceptedIds(shuffled.map(fix).map(recordOf));
        const unique = new Set(draws.map(fix).map((one) => JSON.stringify(recordOf(one))));
        expect(inOrder).toHaveLength(unique.size);
        expect([...mixed].sort()).toEqual([...inOrder].sort());
        expect(new Set(mixed).size).toBe(mixed.length - sharedNames(draws.map(fix)));
      }),
      { numRuns: 60 },
    );
  });

  /** Ids of sources are names within a patient: two patients may share one. */
  function sharedNames(draws: readonly Draw[]): number {
    const named = new Set(
      draws.filter((one) => one.named).map(({ patientId, sequence }) => `${patientId} ${String(sequence)}`),
    );
    const ids = new Set(draws.filter((one) => one.named).map(({ sequence }) => sequence));
    return named.size - ids.size;
  }
});

const anyField = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom("p1", "8867-4", "2708-6", "/min", "%", iso(START), 72, -1, "m1", "final", null),
);
const shortForm = fc.record(
  {
    patientId: fc.oneof({ weight: 5, arbitrary: fc.constant("p1") }, { weight: 1, arbitrary: anyField }),
    code: fc.oneof({ weight: 5, arbitrary: fc.constant("8867-4") }, { weight: 1, arbitrary: anyField }),
    value: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 120 }) }, { weight: 1, arbitrary: anyField }),
    unit: fc.oneof({ weight: 5, arbitrary: fc.constant("/min") }, { weight: 1, arbitrary: anyField }),
    eventTime: fc.oneof({ weight: 5, arbitrary: fc.constant(iso(START)) }, { weight: 1, arbitrary: anyField }),
    eventId: anyField,
    deviceId: anyField,
    session: anyField,
    sequence: anyField,
    quality: anyField,
    status: anyField,
    replaces: anyField,
    __proto__: anyField,
  },
  { requiredKeys: [] },
);
const resource = fc.record(
  {
    resourceType: fc.constant("Observation"),
    id: anyField,
    identifier: anyField,
    status: anyField,
    code: fc.oneof(anyField, fc.constant({ coding: [{ system: "http://loinc.org", code: "8867-4" }] })),
    subject: fc.oneof(anyField, fc.constant({ reference: "Patient/p1" })),
    effectiveDateTime: fc.oneof(anyField, fc.constant(iso(START))),
    effectivePeriod: anyField,
    valueQuantity: fc.oneof(anyField, fc.constant({ value: 72, unit: "/min" })),
    valueCodeableConcept: anyField,
    component: fc.oneof(anyField, fc.array(fc.record({ code: anyField, valueQuantity: anyField }))),
    dataAbsentReason: anyField,
    device: anyField,
    meta: anyField,
  },
  { requiredKeys: ["resourceType"] },
);

describe("whatever a record holds", () => {
  it("it ends in a verdict, and the ledger balances", () => {
    const records = fc.array(fc.oneof(fc.jsonValue(), fc.string(), shortForm, resource, draw.map(recordOf)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 30 }), (all, at) => {
        const state = createState();
        const judged = all.map((record, index): Judged => {
          const observed = buildObserved(record, {
            source: index % 2 === 0 ? "a" : "b",
            submission: index % 3 === 0 ? "s" : null,
          });
          const key = (record as { patientId?: unknown } | null)?.patientId;
          const place = {
            key: typeof key === "string" ? key : "p1",
            input: { topic: "vitals.observed.v1", partition: 0, offset: String(index) },
          };
          const verdicts = judge(observed, place, state, buildFacts());
          expect(verdicts.length).toBeGreaterThan(0);
          return { observed, place, verdicts };
        });
        const whole = countVerdicts(judged).map(({ counted }) => counted);
        for (const counted of whole) {
          expect(observationsCountedSchema.parse(counted)).toEqual(counted);
          expect(counted.read).toBe(counted.accepted + counted.duplicates + total(counted.rejected));
        }
        expect(whole.reduce((sum, { read }) => sum + read, 0)).toBe(
          judged.reduce((sum, { verdicts }) => sum + verdicts.length, 0),
        );
        // In two stretches they add up to the same.
        const parts = [...countVerdicts(judged.slice(0, at)), ...countVerdicts(judged.slice(at))].map(
          ({ counted }) => counted,
        );
        expect(sums(parts)).toEqual(sums(whole));
      }),
      { numRuns: 60 },
    );
  });

  function sums(counted: readonly ObservationsCounted[]): readonly unknown[] {
    const by = new Map<string, Record<string, number>>();
    for (const { source, submission, read, accepted, late, duplicates, rejected } of counted) {
      const name = JSON.stringify([source, submission]);
      const sum = by.get(name) ?? {};
      by.set(name, sum);
      for (const [rule, count] of Object.entries({ read, accepted, late, duplicates, ...rejected })) {
        sum[rule] = (sum[rule] ?? 0) + count;
      }
    }
    return [...by].sort(([one], [other]) => (one < other ? -1 : 1));
  }
});

describe("the state of a patient", () => {
  it("is forgotten a day after they were last heard of, and not before", () => {
    const ward = openWard();
    const state = { ...ward.state, entries: () => ward.state.entries.entries() };
    for (let n = 0; n < 100; n += 1) {
      const slow = { deviceId: "m1", session: "s1", sequence: n, eventTime: iso(START - 600_000 + n) };
      ward.take(buildRecord(slow), { receivedAt: START });
      ward.take(buildRecord({ eventId: `e${String(n)}` }), { receivedAt: START });
    }
    const begins = (key: string) => key.split("/")[0];
    const kinds = () => [...new Set([...ward.state.entries.keys()].map(begins))].sort();
    forgetSilent(state, START + LIVE.silentMs - 1);
    expect(kinds()).toEqual(["forgotten", "ids", "sequence", "session", "watermark"]);
    forgetSilent(state, START + LIVE.silentMs);
    expect(kinds()).toEqual(["forgotten", "ids", "sequence", "session", "watermark"]);
    forgetSilent(state, START + LIVE.silentMs + 3_600_000);
    expect([...ward.state.entries.keys()].sort()).toEqual(["forgotten", "watermark"]);
  });

  it("counts no more after a day, whether or not it was forgotten", () => {
    const day = LIVE.silentMs;
    const verdicts = [false, true].map((isForgotten) => {
      const ward = openWard();
      return [0, 1, 2].flatMap((step) => {
        const at = START + 1000 + step * day;
        const device = { deviceId: "m1", session: "s1" };
        const all = [
          ...ward.take(buildRecord({ ...device, sequence: 7, value: 60 + step }), { receivedAt: at }),
          ...ward.take(buildRecord({ ...device, sequence: 3 }), { receivedAt: at }),
          ...ward.take(buildRecord({ ...device, sequence: 3 }), { receivedAt: at }),
          ...ward.take(buildRecord({ eventId: "e1", value: 60 + step }), { receivedAt: at }),
        ];
        if (isForgotten) forgetSilent({ ...ward.state, entries: () => ward.state.entries.entries() }, at + day - 1);
        return all;
      });
    });
    expect(verdicts[0]).toEqual(verdicts[1]);
    expect(rulesOf(verdicts[0]!.slice(4, 8))).toEqual(["accepted", "accepted", "duplicate", "accepted"]);
    expect(verdicts[0]!.flatMap((verdict) => (verdict.kind === "accepted" ? verdict.reading.flags : []))).not.toContain(
      "CONFLICT",
    );
  });

  it("stays small whatever their devices do", () => {
    const ward = openWard();
    for (let n = 0; n < 3_000; n += 1) {
      const device = `m${String(n % 40)}`;
      const record = { deviceId: device, session: String(n % 97), sequence: (n * 7919) % 100_003, value: n % 200 };
      const named = n % 3 === 0 ? { eventId: `e${String(n)}` } : n % 3 === 1 ? {} : { session: null, sequence: null };
      ward.take(buildRecord({ ...record, ...named, eventTime: iso(START + n * 10 - (n % 2) * 300_000) }), {
        receivedAt: START + n * 10,
      });
    }
    const { entries } = ward.state;
    const sizes = [...entries.values()].map((value) => JSON.stringify(value).length);
    const { sessionsPerPatient, blocks } = LIVE.sequences;
    expect(entries.size).toBeLessThanOrEqual(sessionsPerPatient * (1 + blocks) + LIVE.ids.buckets + 2);
    expect(Math.max(...sizes)).toBeLessThan(4096);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(500_000);
  });
});
