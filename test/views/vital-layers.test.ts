import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { openCompaction, type Compaction } from "../helpers/compaction.js";
import { openLiveLog, type LiveLog } from "../helpers/live-log.js";
import { openLiveViews, type LiveViews } from "../helpers/live-views.js";

const LIST = `query List($first: Int! = 100, $after: Cursor, $errors: Boolean! = false) {
  observations(patientId: "p1", first: $first, after: $after, includeErrors: $errors) {
    nodes { id revision status freshness { layer } } pageInfo { endCursor hasNextPage } } }`;
const SERIES = `query Series($window: String! = "PT1M") { alert(id: "a") { patient { vitals(code: { code: "8867-4" },
  effective: { ge: "2026-01-01T10:00:00Z", lt: "2026-01-01T10:05:00Z" }, window: $window) {
  late freshness { watermark isFinal } points { n mean isFinal } } } } }`;
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);
const EVENTS = [
  { effectiveTime: at("10:00:05"), value: "80" },
  { effectiveTime: at("10:00:35"), value: "82" },
  { effectiveTime: at("10:01:10"), value: "84" },
  { effectiveTime: at("10:02:20"), value: "120" },
  { effectiveTime: at("10:04:50"), value: "118" },
];

let schema: GraphQLSchema;
let log: LiveLog;
let compaction: Compaction;
let views: LiveViews;
const others: LiveViews[] = [];
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  log = await openLiveLog();
  compaction = await openCompaction(log);
  views = await open();
});
afterEach(async () => {
  for (const one of others.splice(0)) await one.close();
  await compaction.close();
  await log.close();
});

/** Another process over the same log and store. */
async function open(surplus?: number): Promise<LiveViews> {
  const { snapshots, readers } = compaction;
  const opened = await openLiveViews({
    log,
    store: { snapshots, readers },
    ...(surplus === undefined ? {} : { surplus }),
  });
  others.push(opened);
  return opened;
}

interface Node {
  readonly id: string;
  readonly revision: number;
  readonly status: string;
  readonly freshness: { readonly layer: string };
}

async function listed(from: LiveViews = views, variables: object = {}): Promise<readonly string[]> {
  await from.settled();
  const { data, errors } = await from.ask(schema, LIST, variables);
  expect(errors).toEqual([]);
  return (data.observations.nodes as Node[]).map(({ id, status, revision, freshness }) =>
    [id, freshness.layer, ...(revision === 0 ? [] : [String(revision)]), ...(status === "final" ? [] : [status])].join(
      " ",
    ),
  );
}

describe("readings in tables and behind them", () => {
  it("are one list, each once, and say where they lie; a new process answers as one that was there all the time", async () => {
    await views.accept(
      { eventId: "a", effectiveTime: at("10:00:00") },
      { eventId: "b", effectiveTime: at("10:02:00") },
    );
    await compaction.compact("one");
    await views.accept(
      { eventId: "c", effectiveTime: at("10:01:00") },
      { eventId: "a", effectiveTime: at("10:00:00") },
    );
    const expected = ["b BATCH", "c SPEED", "a BATCH"];
    expect(await listed()).toEqual(expected);
    expect(await listed(await open())).toEqual(expected);
  });

  it("are corrected and taken back across the border, either way", async () => {
    await views.accept(
      { eventId: "a", effectiveTime: at("10:00:00") },
      { eventId: "b", effectiveTime: at("10:01:00") },
      { eventId: "c", effectiveTime: at("10:02:00") },
      { eventId: "c2", effectiveTime: at("10:02:00"), replaces: "c", status: "corrected" },
    );
    await compaction.compact("one");
    await views.accept(
      { eventId: "a2", effectiveTime: at("10:00:00"), replaces: "a", status: "corrected" },
      { eventId: "x", effectiveTime: at("10:01:00"), replaces: "b", status: "entered-in-error", value: null },
      { eventId: "c3", effectiveTime: at("10:02:00"), replaces: "c2", status: "corrected" },
    );
    for (const from of [views, await open()]) {
      expect(await listed(from)).toEqual(["c3 SPEED 2 corrected", "a2 SPEED 1 corrected"]);
      expect(await listed(from, { errors: true })).toEqual([
        ...["c3 SPEED 2 corrected", "b BATCH entered-in-error", "a2 SPEED 1 corrected"],
      ]);
    }
  });

  it("are paged without a seam while they come into tables in the middle of it", async () => {
    const hours = Array.from({ length: 9 }, (_none, hour) => hour);
    await views.accept(
      ...hours.map((hour) => ({ eventId: `e${String(hour)}`, effectiveTime: at(`0${String(hour)}:00:00`) })),
    );
    await views.settled();
    const seen: string[] = [];
    let after: string | null = null;
    for (const page of [0, 1, 2, 3, 4]) {
      const { data, errors } = await views.ask(schema, LIST, { first: 2, after });
      expect(errors).toEqual([]);
      seen.push(...(data.observations.nodes as Node[]).map(({ id }) => id));
      after = data.observations.pageInfo.endCursor as string;
      if (page % 2 === 0) await compaction.compact(`page ${String(page)}`);
      await views.accept({ effectiveTime: at("23:00:00") });
      await views.settled();
    }
    expect(seen).toEqual(hours.reverse().map((hour) => `e${String(hour)}`));
  });

  it("leave memory once tables hold many of them, and no answer changes", async () => {
    const small = await open(3);
    await small.accept(
      ...[1, 2, 3, 4, 5].map((hour) => ({ eventId: `e${String(hour)}`, effectiveTime: at(`0${String(hour)}:00:00`) })),
    );
    await small.settled();
    expect(small.held.tail.readings.size).toBe(5);
    await compaction.compact("one");
    const before = await listed(small);
    for (let look = 0; small.held.tail.readings.size > 0 && look < 400; look += 1) await log.clock.sleep(10);
    expect(small.held.tail.readings.size).toBe(0);
    expect(await listed(small)).toEqual(before);
    await small.accept({ eventId: "new", effectiveTime: at("09:00:00") });
    expect(await listed(small)).toEqual(["new SPEED", ...before]);
  });
});

describe("windows in tables and behind them", () => {
  const points = async (from: LiveViews, window = "PT1M"): Promise<Record<string, unknown>> => {
    await from.settled();
    const { data, errors } = await from.ask(schema, SERIES, { window });
    expect(errors).toEqual([]);
    return data.alert.patient.vitals as Record<string, unknown>;
  };

  it("are added as one: the worked example of the handbook, 7, over a real border", async () => {
    await views.transition({ id: "a" });
    await views.measure(...EVENTS.slice(0, 3));
    await compaction.compact("one");
    await views.measure(...EVENTS.slice(3));
    for (const from of [views, await open()]) {
      const { points: found } = await points(from, "PT5M");
      expect(found).toMatchObject([{ n: 5, mean: 96.8 }]);
    }
    // A reading on the border of windows, and one that changes a window of the table.
    await views.measure({ effectiveTime: at("10:02:00"), value: "90" });
    const [edge] = (await points(views, "PT5M"))["points"] as { mean: number }[];
    expect(edge?.mean).toBeCloseTo(95.6667, 4);
    await views.measure({ effectiveTime: at("10:01:30"), value: "200" });
    const [late] = (await points(await open(), "PT5M"))["points"] as { n: number; mean: number }[];
    expect(late).toMatchObject({ n: 7 });
    expect(late?.mean).toBeCloseTo((484 + 90 + 200) / 7, 10);
  });

  it("are final by the watermark that tables hold, where nothing came since, and not where a window is missing", async () => {
    await views.transition({ id: "a" });
    await views.measure(...EVENTS);
    await views.accept(
      { effectiveTime: at("10:03:30"), late: true },
      { effectiveTime: at("10:20:00"), watermark: at("10:18:00") },
    );
    await compaction.compact("one");
    const fresh = await open();
    expect(fresh.held.tail.readings.size).toBe(0);
    const found = await points(fresh);
    expect(found).toMatchObject({ late: 1, freshness: { watermark: "2026-01-01T10:18:00.000Z", isFinal: true } });
    await fresh.accept({ effectiveTime: at("10:04:55"), value: "117" });
    await compaction.compact("two");
    const again = (await points(await open())) as { points: { isFinal: boolean }[] };
    expect(again.points.map(({ isFinal }) => isFinal)).toEqual([true, true, true, false]);
  });
});

describe("alerts in tables and behind them", () => {
  it("are the same with every step for a process that begins after they came into tables", async () => {
    await views.transition({ id: "a", raisedAt: 500 }, { id: "a", presence: "ACK" }, { id: "b", patientId: "p2" });
    await compaction.compact("one");
    await views.transition({ id: "a", presence: "OFF" }, { id: "a", version: 2, message: "out of date" });
    const document = `{ alerts { nodes { id version presence patientId history { version to loggedAt } } } }`;
    await views.settled();
    const { data } = await views.ask(schema, document);
    const fresh = await open();
    await fresh.settled();
    expect((await fresh.ask(schema, document)).data).toEqual(data);
    const [, first] = data.alerts.nodes as { history: { version: number }[] }[];
    expect(first?.history.map(({ version }) => version)).toEqual([1, 2, 3]);
  });
});
