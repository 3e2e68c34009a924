import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { REGISTRY_CHANGED } from "../../src/ingest/streams/registry.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { HEART_RATE, openLiveViews, type LiveViews } from "../helpers/live-views.js";
import { connect, startTestServer, until, type Running, type Socket } from "./running.js";

const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const PERSON = `query Person($id: ID!) { patient(id: $id) { id
  vitals(code: { code: "8867-4" }, effective: { ge: "2026-01-01T12:00:00Z", lt: "2026-01-01T12:05:00Z" }, window: "PT5M") {
    points { n mean min max isFinal } late }
  lastN(code: [{ code: "8867-4" }], max: 3) { id patientId valueQuantity { value } revision }
  alerts { nodes { id patientId } } } }`;
const OBSERVATIONS = `query Page($id: ID!, $after: Cursor) {
  observations(patientId: $id, first: 2, after: $after) { nodes { id patientId } pageInfo { hasNextPage endCursor } } }`;
const ALERTS = `subscription Alerts($ids: [ID!]) { alerts(patientIds: $ids) { event { __typename
  ... on AlertChange { leaves alert { id version patientId } } } } }`;
const VITALS = `subscription Vitals($ids: [ID!]) { vitals(patientIds: $ids) { patientId event { __typename
  ... on Observation { id } } } }`;

let schema: GraphQLSchema;
let views: LiveViews;
let running: Running;
let version = 0;
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  version = 0;
  views = await openLiveViews();
  running = await startTestServer({ schema, contextFor: views.contextFor, clock: views.log.clock });
});
afterEach(async () => {
  await running.stop();
  await views.close();
});

async function link(surviving: string | null): Promise<void> {
  version += 1;
  const value = surviving === null ? null : { surviving, disputed: false, since: NOON };
  const change = { schema: 1, kind: "link", id: "old", version, value, by: "adt", reason: "a test", at: NOON };
  await views.log.eventLog.append(REGISTRY_CHANGED, [{ key: "link/old", value: change }]);
}

const heart = (patientId: string, minute: number, value: string, more: object = {}): object => ({
  ...{ patientId, code: HEART_RATE, value, effectiveTime: NOON + minute * MINUTE },
  ...{ eventId: `${patientId}-${String(minute)}`, watermark: NOON + 10 * MINUTE },
  ...more,
});

async function person(id: string): Promise<Record<string, unknown>> {
  await views.settled();
  const { data, errors } = await views.ask(schema, PERSON, { id });
  expect(errors).toEqual([]);
  return data.patient as Record<string, unknown>;
}

/** What a subscription told, without words of the stream. */
function told(socket: Socket, id: string, of: (event: Record<string, unknown>) => string): readonly string[] {
  return socket.frames
    .filter((frame) => frame.type === "next" && frame.id === id)
    .map(({ payload }) => {
      const { data } = payload as { data: Readonly<Record<string, Record<string, unknown>>> };
      return Object.values(data)[0]!;
    })
    .filter(({ event }) => !(event as { __typename: string }).__typename.startsWith("Stream"))
    .map(of);
}

async function subscribe(socket: Socket, id: string, query: string, ids: readonly string[]): Promise<void> {
  socket.send({ type: "subscribe", id, payload: { query, variables: { ids } } });
  await until(() => socket.frames.some((frame) => frame.id === id));
}

describe("a person with two records", () => {
  it("is asked for under either id, with windows, readings and alerts of both, until they are parted", async () => {
    await views.measure(heart("old", 0, "60"), heart("old", 1, "70"), heart("new", 1, "90"), heart("new", 2, "100"));
    await views.transition({ id: "a", patientId: "old", presence: "OFF" }, { id: "b", patientId: "new" });
    const [old, own] = [await person("old"), await person("new")];
    await link("new");
    const both = await person("new");
    expect(both).toMatchObject({
      vitals: { points: [{ n: 4, mean: 80, min: 60, max: 100, isFinal: true }], late: 0 },
      lastN: [
        { id: "new-2", patientId: "new", valueQuantity: { value: 100 } },
        { id: "new-1", patientId: "new" },
        { id: "old-1", patientId: "old" },
      ],
    });
    expect((both["alerts"] as { nodes: object[] }).nodes).toHaveLength(2);
    expect(await person("old")).toEqual(both);
    const pages: unknown[] = [];
    for (let after: string | null = null; pages.length < 4;) {
      const { data } = await views.ask(schema, OBSERVATIONS, { id: "old", after });
      pages.push(...(data.observations.nodes as { id: string }[]).map(({ id }) => id));
      after = data.observations.pageInfo.endCursor as string;
    }
    expect(pages).toEqual(["new-2", "new-1", "old-1", "old-0"]);
    await link(null);
    expect([await person("old"), await person("new")]).toEqual([old, own]);
  });

  it("has a reading corrected under one id that came under the other", async () => {
    await views.measure(heart("old", 0, "60"));
    await link("new");
    await views.measure(
      heart("new", 0, "66", { eventId: "correction", status: "corrected", replaces: "old-0" }),
      heart("new", 1, "70"),
    );
    expect((await person("old"))["lastN"]).toMatchObject([
      { id: "new-1", revision: 0 },
      { id: "correction", valueQuantity: { value: 66 } },
    ]);
  });

  it("is watched by one plan, under whichever id it is laid down or asked for", async () => {
    await link("new");
    await views.settled();
    const { registered } = views.context();
    const draft = { spo2Scale: 2, pregnancy: null, adult: true, baselineConfusion: null, ceilingOfCare: null } as const;
    const signed = { validFrom: NOON, validTo: null, prescriber: "Dr. A", reason: "hypercapnic failure" };
    const laid = await registered.setPlan("old", { ...draft, ...signed }, null);
    expect(laid).toMatchObject({ patientId: "new", version: 1 });
    for (const id of ["old", "new"]) expect(await registered.plan(id, NOON)).toEqual(laid);
  });

  it("is followed under either id while records are merged and parted", async () => {
    const socket = await connect(running);
    const alert = ({ event }: Record<string, unknown>): string => {
      const { alert: one, leaves } = event as { alert: { version: number; patientId: string }; leaves: boolean };
      return `${String(one.version)} ${one.patientId}${leaves ? " leaves" : ""}`;
    };
    const reading = ({ event }: Record<string, unknown>): string => (event as { id: string }).id;
    for (const id of ["old", "new"]) {
      await subscribe(socket, `alerts of ${id}`, ALERTS, [id]);
      await subscribe(socket, `vitals of ${id}`, VITALS, [id]);
    }
    await views.transition({ id: "a", patientId: "old" });
    await link("new");
    await views.transition({ id: "a", patientId: "new", step: { reason: "MERGED" } }, { id: "a", patientId: "new" });
    await views.settled();
    await views.accept(heart("old", 0, "60"), heart("new", 0, "80"));
    await until(() => ["old", "new"].every((id) => told(socket, `vitals of ${id}`, reading).length === 2));
    await link(null);
    await views.transition({ id: "a", patientId: "old", step: { reason: "UNMERGED" } }, { id: "a", patientId: "old" });
    await views.settled();
    await views.accept(heart("old", 1, "61"), heart("new", 1, "81"));
    await until(() => told(socket, "vitals of old", reading).length === 3);
    await until(() => told(socket, "alerts of old", alert).length === 5);
    expect(told(socket, "alerts of old", alert)).toEqual(["1 old", "2 new", "3 new", "4 old", "5 old"]);
    await until(() => told(socket, "alerts of new", alert).length === 3);
    expect(told(socket, "alerts of new", alert)).toEqual(["2 new", "3 new", "4 old leaves"]);
    expect([...told(socket, "vitals of old", reading)].sort()).toEqual(["new-0", "old-0", "old-1"]);
    await until(() => told(socket, "vitals of new", reading).length === 3);
    expect([...told(socket, "vitals of new", reading)].sort()).toEqual(["new-0", "new-1", "old-0"]);
    socket.close();
  });
});
