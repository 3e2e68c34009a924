import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { GraphQLSchema } from "graphql";
import { codeKeys, LOINC } from "../../src/domain/person.js";
import type { ClinicalRow } from "../../src/lake/clinical-tables.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { HEART_RATE, openLiveViews, type Answered, type LiveViews } from "../helpers/live-views.js";

const LIST = `query List($id: ID!, $code: [CodingInput!], $effective: DateRangeInput, $period: TimeRangeInput,
  $errors: Boolean! = false, $first: Int! = 100, $after: Cursor) {
  observations(patientId: $id, code: $code, effective: $effective, period: $period, includeErrors: $errors,
    first: $first, after: $after) { nodes { id status freshness { layer } } pageInfo { endCursor hasNextPage } } }`;
const SPO2 = "2708-6";
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

interface Final {
  readonly isFinal: boolean;
}

let schema: GraphQLSchema;
let views: LiveViews;
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  views = await openLiveViews();
});
afterEach(async () => {
  await views.close();
});

const ask = (source: string, variables: object = {}, caller = {}): Promise<Answered> =>
  views.ask(schema, source, variables, caller);

function record(id: string, effective: string | null, overrides: Partial<Record<string, string>> = {}): ClinicalRow {
  const code = overrides["code"] ?? HEART_RATE;
  const codings = [{ system: LOINC, code, display: null }];
  return {
    patient_id: "p1",
    id,
    code,
    codings: JSON.stringify(codings),
    code_keys: codeKeys(codings),
    effective_at: effective,
    status: "final",
    value: 80,
    unit_code: "/min",
    simulated: true,
    run_id: "run",
    ...overrides,
  };
}

async function listed(variables: object = {}): Promise<readonly string[]> {
  await views.settled();
  const { data, errors } = await ask(LIST, { id: "p1", ...variables });
  expect(errors).toEqual([]);
  return (data.observations.nodes as { id: string }[]).map(({ id }) => id);
}

describe("observations", () => {
  it("are records and live readings as one list, the newest first, each saying which it is", async () => {
    views.rows.push(record("r1", "2026-01-01T10:00:00Z"), record("r2", "2026-01-01T12:00:00Z"), record("r3", null));
    await views.accept(
      { eventId: "l1", effectiveTime: at("11:00:00"), receivedAt: at("11:00:01"), watermark: at("10:58:00") },
      { eventId: "r1", effectiveTime: at("10:00:00"), value: "1" },
      { eventId: "l2", effectiveTime: at("13:00:00"), receivedAt: at("13:00:01") },
    );
    expect(await listed()).toEqual(["l2", "r2", "l1", "r1", "r3"]);
    const { data } = await ask(`{ observations(patientId: "p1") { nodes { id patientId status simulated revision
      code { code display } valueQuantity { value unit code system } receivedAt effectiveDateTime source device late flags
      freshness { layer asOf watermark isFinal } provenance { snapshotId } } } }`);
    const [live, batch] = data.observations.nodes as Record<string, unknown>[];
    expect(live).toMatchObject({
      id: "l2",
      patientId: "p1",
      status: "final",
      simulated: false,
      revision: 0,
      code: { code: HEART_RATE, display: "Heart rate" },
      valueQuantity: { value: 80, unit: "/min", code: "/min", system: "http://unitsofmeasure.org" },
      receivedAt: "2026-01-01T13:00:01.000Z",
      effectiveDateTime: "2026-01-01T13:00:00.000Z",
      source: "bedside",
      device: "monitor-1",
      freshness: { layer: "SPEED", watermark: "2026-01-01T10:58:00.000Z", isFinal: false },
      provenance: null,
    });
    expect(batch).toMatchObject({
      id: "r2",
      receivedAt: null,
      simulated: true,
      freshness: { layer: "BATCH", asOf: "1970-01-01T00:00:01.000Z", watermark: null, isFinal: true },
      provenance: { snapshotId: "1" },
    });
  });

  it("are corrected and taken back live, whichever layer holds the first version", async () => {
    views.rows.push(record("r1", "2026-01-01T10:00:00Z"), record("r2", "2026-01-01T11:00:00Z"));
    await views.accept(
      { eventId: "c1", replaces: "r1", status: "corrected", effectiveTime: at("10:00:00") },
      { eventId: "x2", replaces: "r2", status: "entered-in-error", effectiveTime: at("11:00:00"), value: null },
      { eventId: "l1", effectiveTime: at("12:00:00") },
      { eventId: "c2", replaces: "l1", status: "corrected", effectiveTime: at("12:00:00"), value: "81" },
    );
    expect(await listed()).toEqual(["c2", "c1"]);
    expect(await listed({ errors: true })).toEqual(["c2", "r2", "c1"]);
    const { data } = await ask(LIST, { id: "p1", errors: true });
    expect(data.observations.nodes[1]).toMatchObject({ id: "r2", status: "entered-in-error" });
  });

  it("are found by code, by day as it was stated, and by moment", async () => {
    views.rows.push(record("r1", "2026-01-01T23:30:00-05:00"), record("r2", "2026-01", { code: "59408-5" }));
    await views.accept(
      { eventId: "l1", effectiveTime: at("23:30:00"), originalTime: "2026-01-02T00:30:00+01:00" },
      {
        eventId: "l2",
        effectiveTime: at("12:00:00"),
        originalTime: "2026-01-09T12:00:00Z",
        clockOffsetMs: 700_000_000,
      },
      { eventId: "l3", effectiveTime: at("12:30:00"), code: SPO2, originalCode: "59408-5" },
    );
    expect(await listed({ effective: { from: "2026-01-02", to: "2026-01-02" } })).toEqual(["l1"]);
    expect(await listed({ effective: { to: "2026-01-01" } })).toEqual(["r1", "l3", "l2", "r2"]);
    expect(await listed({ period: { ge: "2026-01-01T12:00:00Z", lt: "2026-01-01T23:30:00Z" } })).toEqual(["l3", "l2"]);
    expect(await listed({ code: [{ code: "59408-5" }] })).toEqual(["l3", "r2"]);
    expect(await listed({ code: [{ system: LOINC, code: SPO2 }] })).toEqual(["l3"]);
    expect(await listed({ code: [{ system: "urn:other", code: SPO2 }] })).toEqual([]);
    const years = { ge: "0001-01-01T00:00:00Z", lt: "9999-12-31T00:00:00Z" };
    expect((await listed({ period: years })).length).toBe(5);
  });

  it("are paged without a repeat or a miss while readings come, also late ones", async () => {
    const rows = [1, 3, 5, 7].map((hour) => record(`r${String(hour)}`, `2026-01-01T0${String(hour)}:00:00Z`));
    views.rows.push(...rows, record("none", null));
    await views.accept(
      ...[2, 4, 6, 7].map((hour) => ({ eventId: `l${String(hour)}`, effectiveTime: at(`0${String(hour)}:00:00`) })),
    );
    await views.settled();
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 5; page += 1) {
      const { data, errors } = await ask(LIST, { id: "p1", first: 2, after });
      expect(errors).toEqual([]);
      seen.push(...(data.observations.nodes as { id: string }[]).map(({ id }) => id));
      after = data.observations.pageInfo.endCursor as string;
      expect(data.observations.pageInfo.hasNextPage).toBe(page < 4);
      await views.accept({ effectiveTime: at("23:00:00") }, { effectiveTime: at("06:59:00"), late: true });
      await views.settled();
    }
    expect(seen.filter((id) => /^[rln]/.test(id))).toEqual(["l7", "r7", "l6", "r5", "l4", "r3", "l2", "r1", "none"]);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("are the same list however it is cut into pages and spread over layers", async () => {
    const one = fc.record({ hour: fc.integer({ min: 0, max: 9 }), isBatch: fc.boolean(), isLive: fc.boolean() });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 25 }), fc.integer({ min: 1, max: 7 }), async (put, first) => {
        const patient = `p ${String((round += 1))}`;
        const known = put.map((entry, n) => ({
          ...entry,
          id: `${String((n * 7) % 31)}-${String(n)}`,
          isHeld: entry.isBatch || entry.isLive,
        }));
        for (const { hour, isBatch, id } of known)
          if (isBatch) views.rows.push({ ...record(id, `2026-01-01T0${String(hour)}:00:00Z`), patient_id: patient });
        await views.accept(
          { patientId: patient, eventId: "last", effectiveTime: 0 },
          ...known
            .filter(({ isLive }) => isLive)
            .map(({ hour, id }) => ({ patientId: patient, eventId: id, effectiveTime: at(`0${String(hour)}:00:00`) })),
        );
        await views.settled();
        const seen: string[] = [];
        let after: string | null = null;
        do {
          const { data } = await ask(LIST, { id: patient, first, after });
          seen.push(...(data.observations.nodes as { id: string }[]).map(({ id }) => id));
          after =
            data.observations.pageInfo.hasNextPage === true ? (data.observations.pageInfo.endCursor as string) : null;
        } while (after !== null);
        const expected = known
          .filter(({ isHeld }) => isHeld)
          .sort((a, b) => b.hour - a.hour || (a.id < b.id ? -1 : 1))
          .map(({ id }) => id);
        expect(seen).toEqual([...expected, "last"]);
      }),
      { numRuns: 25 },
    );
  });

  it("are refused for another query's cursor, an unknown person and a range that ends before it begins", async () => {
    await views.accept({ patientId: "p1" }, { patientId: "p1" }, { patientId: "p2" });
    await views.settled();
    const { data } = await ask(LIST, { id: "p1", first: 1 });
    const after = data.observations.pageInfo.endCursor as string;
    expect((await ask(LIST, { id: "p2", after })).codes).toEqual(["CURSOR_INVALID"]);
    expect((await ask(LIST, { id: "p1", after, code: [{ code: SPO2 }] })).codes).toEqual(["CURSOR_INVALID"]);
    expect((await ask(LIST, { id: "p1", after }, { tenant: "other" })).codes).toEqual(["CURSOR_INVALID"]);
    expect((await ask(LIST, { id: "nobody" })).errors).toMatchObject([{ code: "NOT_FOUND", field: "patientId" }]);
    const period = { ge: "2026-01-02T00:00:00Z", lt: "2026-01-02T00:00:00Z" };
    expect((await ask(LIST, { id: "p1", period })).errors).toMatchObject([{ field: "period.lt" }]);
    expect((await ask(LIST, { id: "p1" }, { role: "operator" })).codes).toEqual(["FORBIDDEN"]);
  });
});

describe("lastN", () => {
  const LAST = `query Last($code: [CodingInput!], $max: Int! = 1) {
    alert(id: "a") { patient { lastN(code: $code, max: $max) { id } } } }`;
  const last = async (variables: object = {}): Promise<readonly string[]> => {
    await views.settled();
    const { data, errors } = await ask(LAST, variables);
    expect(errors).toEqual([]);
    return (data.alert.patient.lastN as { id: string }[]).map(({ id }) => id);
  };

  it("gives the newest of each code over both layers, by code", async () => {
    views.rows.push(
      record("r1", "2026-01-01T10:00:00Z"),
      record("r2", "2026-01-01T12:00:00Z", { code: "59408-5" }),
      record("r3", null, { code: "718-7" }),
    );
    await views.transition({ id: "a" });
    await views.accept(
      { eventId: "l1", effectiveTime: at("11:00:00") },
      { eventId: "l2", effectiveTime: at("09:00:00") },
      { eventId: "l3", effectiveTime: at("11:00:00"), code: SPO2 },
      { eventId: "x1", replaces: "l1", status: "entered-in-error", effectiveTime: at("11:00:00") },
    );
    expect(await last()).toEqual(["r2", "r3", "r1"]);
    expect(await last({ max: 2 })).toEqual(["r2", "l3", "r3", "r1", "l2"]);
    expect(await last({ code: [{ code: SPO2 }] })).toEqual(["l3"]);
    expect(await last({ code: [{ code: "1-1" }] })).toEqual([]);
    expect((await ask(LAST, { max: 0 })).errors).toMatchObject([{ field: "max" }]);
  });
});

describe("vitals", () => {
  const SERIES = `query Series($ge: DateTime!, $lt: DateTime!, $window: String! = "PT5M", $slide: String, $code: String! = "8867-4") {
    alert(id: "a") { patient { vitals(code: { code: $code }, effective: { ge: $ge, lt: $lt }, window: $window, slide: $slide) {
      code { code } late gaps { from to reason } freshness { layer watermark isFinal }
      points { windowStart n mean stddev min max unit firstAt lastAt isFinal revision layer simulated } } } } }`;
  const range = { ge: "2026-01-01T10:00:00Z", lt: "2026-01-01T10:05:00Z" };
  const EVENTS = [
    { effectiveTime: at("10:00:05"), value: "80" },
    { effectiveTime: at("10:00:35"), value: "82" },
    { effectiveTime: at("10:01:10"), value: "84" },
    { effectiveTime: at("10:02:20"), value: "120" },
    { effectiveTime: at("10:04:50"), value: "118" },
  ];
  const series = async (variables: object = {}): Promise<Answered> => {
    await views.settled();
    return ask(SERIES, { ...range, ...variables });
  };
  beforeEach(async () => {
    await views.transition({ id: "a" });
  });

  it("answer the moving average of the handbook, and the worked example of its merge", async () => {
    await views.measure(...EVENTS);
    const moving = await series({ slide: "PT1M" });
    const points = moving.data.alert.patient.vitals.points as { windowStart: string; mean: number }[];
    expect(points.map(({ windowStart, mean }) => [windowStart.slice(11, 16), Math.round(mean * 1e4) / 1e4])).toEqual([
      ...[
        ["09:56", 81],
        ["09:57", 82],
        ["09:58", 91.5],
        ["09:59", 91.5],
        ["10:00", 96.8],
      ],
      ...[
        ["10:01", 107.3333],
        ["10:02", 119],
        ["10:03", 118],
        ["10:04", 118],
      ],
    ]);
    const [whole] = (await series()).data.alert.patient.vitals.points as Record<string, unknown>[];
    expect(whole).toMatchObject({ n: 5, mean: 96.8, min: 80, max: 120, unit: "/min", layer: "SPEED", isFinal: false });
    expect(whole?.["stddev"]).toBeCloseTo(20.3273, 4);
    // The same windows again, a reading on the border, and one that came after its windows were read.
    await views.window({ start: at("10:02:00"), count: 9, sum: "999", throughOffset: "0" });
    await views.measure({ effectiveTime: at("10:02:00"), value: "90" });
    expect((await series()).data.alert.patient.vitals.points[0].mean).toBeCloseTo(95.6667, 4);
    await views.measure({ effectiveTime: at("10:01:30"), value: "200" });
    expect((await series()).data.alert.patient.vitals.points[0]).toMatchObject({ n: 7 });
  });

  it("are final behind the watermark, count what came too late, and say where there is nothing", async () => {
    await views.measure(...EVENTS);
    await views.accept({ effectiveTime: at("10:03:30"), late: true, watermark: at("10:05:00") });
    const { vitals } = (await series({ window: "PT1M" })).data.alert.patient;
    expect(vitals).toMatchObject({
      late: 1,
      freshness: { layer: "SPEED", watermark: "2026-01-01T10:05:00.000Z", isFinal: true },
      gaps: [{ from: "2026-01-01T10:03:00.000Z", to: "2026-01-01T10:04:00.000Z", reason: "NO_READINGS" }],
    });
    expect((vitals.points as Final[]).map(({ isFinal }) => isFinal)).toEqual([true, true, true, true]);
    await views.accept({ effectiveTime: at("10:04:55"), value: "117" });
    const { points } = (await series({ window: "PT1M" })).data.alert.patient.vitals;
    expect((points as Final[]).map(({ isFinal }) => isFinal)).toEqual([true, true, true, false]);
  });

  it("take a fixed size where it is at hand, and parts where it is not", async () => {
    await views.measure(...EVENTS);
    await views.window({
      size: "PT5M",
      start: at("10:00:00"),
      end: at("10:05:00"),
      count: 2,
      sum: "10",
      throughOffset: "4",
    });
    expect((await series()).data.alert.patient.vitals.points).toMatchObject([{ n: 2, mean: 5, revision: 4 }]);
    expect((await series({ slide: "PT1M" })).data.alert.patient.vitals.points).toHaveLength(9);
    expect((await series({ window: "PT6M" })).data.alert.patient.vitals.points).toMatchObject([{ n: 5 }]);
  });

  it("are refused for windows that are no whole minutes, for ranges that end first, and for too much", async () => {
    await views.measure(...EVENTS);
    const field = async (variables: object): Promise<unknown> => (await series(variables)).errors[0]?.["field"];
    expect(await field({ slide: "PT0.001S" })).toBe("slide");
    expect(await field({ window: "PT90S" })).toBe("window");
    expect(await field({ window: "P1M" })).toBe("window");
    expect(await field({ window: "5" })).toBe("window");
    expect(await field({ ge: range.lt, lt: range.lt })).toBe("effective.lt");
    expect(await field({ code: "" })).toBe("code.code");
    const years = { ge: "1900-01-01T00:00:00Z", lt: "2100-01-01T00:00:00Z" };
    expect((await series(years)).data.alert.patient.vitals.points).toMatchObject([{ n: 5 }]);
    expect((await series({ ...years, window: "P30D" })).data.alert.patient.vitals.points).toMatchObject([{ n: 5 }]);
    expect((await series({ ...years, window: "P30D", slide: "PT1M" })).errors).toMatchObject([
      { code: "LIMIT_EXCEEDED" },
    ]);
    expect((await series({ code: "1-1" })).data.alert.patient.vitals).toMatchObject({ points: [], late: 0 });
  });
});
