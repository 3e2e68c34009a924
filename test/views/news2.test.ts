import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import type { VitalAccepted } from "../../src/domain/events/observation.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { REGISTRY_CHANGED } from "../../src/ingest/streams/registry.js";
import { openLiveViews, type Answered, type LiveViews } from "../helpers/live-views.js";

const SCORE = `query Score($id: ID!, $at: DateTime) { alert(id: $id) { patient { news2(at: $at) {
  total lowerBound band redParameters missing notApplicable scale at parameters { name value points } readings { id } } } } }`;
const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const CODES: Readonly<Record<string, string>> = {
  respiration: "9279-1",
  spo2: "2708-6",
  flow: "3151-8",
  systolic: "8480-6",
  pulse: "8867-4",
  consciousness: "67775-7",
  temperature: "8310-5",
};

let schema: GraphQLSchema;
let views: LiveViews;
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  views = await openLiveViews();
  await views.transition(
    { id: "p1", patientId: "p1" },
    { id: "child", patientId: "child" },
    { id: "who", patientId: "who" },
  );
});
afterEach(async () => {
  await views.close();
});

/** A set of readings at noon, by parameter. */
async function take(set: Readonly<Record<string, string>>, overrides: Partial<VitalAccepted> = {}): Promise<void> {
  await views.accept(
    ...Object.entries(set).map(([name, value]) => ({
      code: CODES[name] ?? "",
      effectiveTime: NOON,
      ...(name === "consciousness" ? { codedValue: value, value: null } : { value }),
      ...overrides,
    })),
  );
}

async function score(id = "p1", at = NOON + MINUTE): Promise<Record<string, unknown>> {
  await views.settled();
  const { data, errors }: Answered = await views.ask(schema, SCORE, { id, at: new Date(at).toISOString() });
  expect(errors).toEqual([]);
  return data.alert.patient.news2 as Record<string, unknown>;
}

const plan = async (value: object): Promise<void> => {
  const entry = { schema: 1, kind: "monitoring-plan", id: "p1", version: 1, by: "dr", reason: "x", at: 0 };
  await views.log.eventLog.append(REGISTRY_CHANGED, [{ key: "monitoring-plan/p1", value: { ...entry, value } }]);
};

const FINE = {
  respiration: "16",
  spo2: "98",
  flow: "0",
  systolic: "120",
  pulse: "75",
  consciousness: "A",
  temperature: "37.0",
};

describe("NEWS2", () => {
  it("is the sum over the seven parameters", async () => {
    await take({
      ...FINE,
      respiration: "28",
      spo2: "90",
      flow: "2",
      systolic: "95",
      pulse: "125",
      consciousness: "V",
      temperature: "39.2",
    });
    const found = await score();
    expect(found).toMatchObject({
      total: 17,
      lowerBound: 17,
      band: "high",
      missing: [],
      notApplicable: null,
      scale: 1,
    });
    expect(found["redParameters"]).toEqual(["respiration", "spo2", "consciousness"]);
    expect((found["readings"] as unknown[]).length).toBe(7);
  });

  it("with a parameter missing is at least the sum of the others: the set of the handbook, 0.15", async () => {
    const { temperature: _, ...rest } = FINE;
    await take({ ...rest, respiration: "22", spo2: "93", flow: "2", systolic: "95", pulse: "120" });
    expect(await score()).toMatchObject({ total: null, lowerBound: 10, band: "high", missing: ["temperature"] });
  });

  it("counts a reading for an hour, corrected as it is known today, and never one from later", async () => {
    await take(FINE);
    await views.accept({
      code: CODES["pulse"] ?? "",
      effectiveTime: NOON + 10 * MINUTE,
      value: "150",
      eventId: "wrong",
    });
    await views.accept({
      ...{ code: CODES["pulse"] ?? "", effectiveTime: NOON + 10 * MINUTE, value: "95" },
      ...{ eventId: "right", replaces: "wrong", status: "corrected" },
    });
    expect(await score("p1", NOON + MINUTE)).toMatchObject({ total: 0, band: "none" });
    expect(await score("p1", NOON + 20 * MINUTE)).toMatchObject({ total: 1, band: "low" });
    expect(await score("p1", NOON + 61 * MINUTE)).toMatchObject({ total: null, lowerBound: 1 });
    expect(await score("p1", NOON + 71 * MINUTE)).toMatchObject({ total: null, lowerBound: null, band: "unknown" });
    expect((await score("p1", NOON - MINUTE))["missing"]).toHaveLength(7);
  });

  it("uses scale 2 once a plan prescribes it", async () => {
    await take({ ...FINE, spo2: "90" });
    expect(await score()).toMatchObject({ total: 3, band: "low-medium", scale: 1 });
    const base = {
      patientId: "p1",
      version: 1,
      pregnancy: null,
      adult: null,
      baselineConfusion: null,
      ceilingOfCare: null,
    };
    await plan({ ...base, spo2Scale: 2, validFrom: NOON, validTo: null, prescriber: "dr", reason: "hypercapnic" });
    expect(await score()).toMatchObject({ total: 0, band: "none", scale: 2 });
  });

  it("is no number for whom it was not made", async () => {
    for (const patientId of ["child", "who"]) await take(FINE, { patientId });
    expect(await score("child")).toMatchObject({ total: null, band: "not-applicable", notApplicable: "UNDER_16" });
    expect(await score("who")).toMatchObject({ total: null, lowerBound: null, notApplicable: "AGE_UNKNOWN" });
  });
});
