import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { HEART_RATE, openLiveViews, type LiveViews } from "../helpers/live-views.js";
import { connect, startTestServer, until, type Frame, type Running, type Socket } from "./running.js";

const ALERTS = `subscription Alerts($patientIds: [ID!], $minPriority: AlertPriority! = LOW, $code: [CodingInput!], $kinds: [AlertKind!],
  $includeShadow: Boolean! = false, $after: Cursor) {
  alerts(patientIds: $patientIds, minPriority: $minPriority, code: $code, kinds: $kinds, includeShadow: $includeShadow, after: $after) {
    cursor sequence event { __typename
      ... on AlertChange { leaves alert { id version priority patientId } transition { version reason from to } }
      ... on StreamHeartbeat { cursor lagMs } ... on StreamGap { lost reason } } } }`;
const VITALS = `subscription Vitals($patientIds: [ID!], $code: [CodingInput!], $window: String, $maxRateHz: Float, $after: Cursor) {
  vitals(patientIds: $patientIds, code: $code, window: $window, maxRateHz: $maxRateHz, after: $after) {
    cursor patientId code { code } event { __typename
      ... on Observation { id valueQuantity { value } revision status freshness { layer } }
      ... on WindowAggregate { windowStart n mean revision isFinal } } } }`;

interface Envelope {
  readonly cursor: string;
  readonly sequence: string | null;
  readonly patientId: string | null;
  readonly event: { readonly __typename: string } & Readonly<Record<string, unknown>>;
}

let schema: GraphQLSchema;
let executions = 0;
beforeAll(async () => {
  schema = await buildApiSchema();
  const field = schema.getSubscriptionType()?.getFields()["alerts"];
  const resolve = field?.resolve;
  if (field === undefined || resolve === undefined) throw new Error("there is no field alerts");
  field.resolve = (...args) => {
    executions += 1;
    return resolve(...args);
  };
});

let views: LiveViews;
let running: Running;
beforeEach(async () => {
  views = await openLiveViews();
  const { contextFor, log } = views;
  running = await startTestServer({ schema, contextFor, clock: log.clock });
});
afterEach(async () => {
  await running.stop();
  await views.close();
});

function watch(socket: Socket, id: string, query: string, variables: object = {}): void {
  socket.send({ type: "subscribe", id, payload: { query, variables } });
}

function envelopeOf({ payload }: Frame): Envelope {
  const { data, errors } = payload as { data?: Readonly<Record<string, Envelope>> | null; errors?: unknown };
  const [envelope] = Object.values(data ?? {});
  if (errors !== undefined || envelope === undefined) throw new Error(JSON.stringify(payload));
  return envelope;
}

/** Events of one subscription without words of the stream. */
function told(socket: Socket, id: string): readonly Envelope[] {
  return socket.frames
    .filter((frame) => frame.type === "next" && frame.id === id)
    .map(envelopeOf)
    .filter(({ event }) => !event.__typename.startsWith("Stream"));
}

const changes = (socket: Socket, id: string): readonly string[] =>
  told(socket, id).map(({ event }) => {
    const { alert, leaves } = event as unknown as { alert: { id: string; version: number }; leaves: boolean };
    return `${alert.id}${String(alert.version)}${leaves ? " leaves" : ""}`;
  });

async function begun(socket: Socket, id: string): Promise<string> {
  await until(() => socket.frames.some((frame) => frame.id === id));
  return envelopeOf(socket.frames.find((frame) => frame.type === "next" && frame.id === id) as Frame).cursor;
}

let watched = 0;

/** The field, or else the code, of the error it ends with. */
async function refused(socket: Socket, query: string, variables: object): Promise<unknown> {
  const id = `refused ${String((watched += 1))}`;
  watch(socket, id, query, variables);
  await until(() => socket.frames.some((frame) => frame.id === id && frame.type !== "complete"));
  const { payload } = socket.frames.find((frame) => frame.id === id) as Frame;
  const { errors = payload } = payload as { errors?: unknown };
  const [error] = errors as { extensions: Record<string, unknown> }[];
  return error?.extensions["field"] ?? error?.extensions["code"];
}

describe("alerts over a socket", () => {
  it("are every step in order, each once, with its place in the log; repeats and old versions are not told", async () => {
    const socket = await connect(running);
    watch(socket, "1", ALERTS);
    await begun(socket, "1");
    await views.transition(
      { id: "a" },
      { id: "a", version: 1 },
      { id: "a", presence: "ACK", step: { from: "ON", reason: "ACKNOWLEDGED" } },
    );
    await views.transition(
      { id: "a", version: 1 },
      { id: "b", patientId: "p2" },
      { id: "a", version: 3, presence: "OFF" },
    );
    await until(() => changes(socket, "1").length === 4);
    await views.transition({ id: "a", version: 2 }, { id: "a", version: 4 });
    await until(() => changes(socket, "1").length === 5);
    expect(changes(socket, "1").filter((change) => change.startsWith("a"))).toEqual(["a1", "a2", "a3", "a4"]);
    const [, second] = told(socket, "1").filter(({ event }) => (event["alert"] as { id: string }).id === "a");
    expect(second?.event).toMatchObject({
      alert: { id: "a", version: 2, patientId: "p1" },
      transition: { version: 2, reason: "ACKNOWLEDGED", from: "ON", to: "ACK" },
    });
    expect(second?.sequence).toMatch(/^\d-2$/);
    socket.close();
  });

  it("go on behind any cursor without a seam, repeats left out there too", async () => {
    const socket = await connect(running);
    watch(socket, "1", ALERTS);
    const start = await begun(socket, "1");
    for (let version = 1; version <= 20; version += 1)
      await views.transition(
        { id: "a", version },
        { id: "a", version },
        { id: "a", version: Math.max(1, version - 3) },
      );
    await until(() => changes(socket, "1").length === 20);
    const whole = told(socket, "1");
    const sequences = whole.map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(20);
    for (const [place, after] of [start, ...whole.map(({ cursor }) => cursor)].entries()) {
      if (place % 4 !== 0) continue;
      watch(socket, `after ${String(place)}`, ALERTS, { after });
      await until(() => changes(socket, `after ${String(place)}`).length === 20 - place);
      expect(told(socket, `after ${String(place)}`).map(({ sequence }) => sequence)).toEqual(sequences.slice(place));
    }
    socket.close();
  });

  it("keep to patients, priority, code, kind and trial; one that leaves the filter is told once more", async () => {
    const socket = await connect(running);
    const asked: Record<string, object> = {
      some: { patientIds: ["p2", "p3"] },
      high: { minPriority: "HIGH" },
      all: { minPriority: "INFO", includeShadow: true },
      score: { kinds: ["SCORE"] },
      heart: { code: [{ code: HEART_RATE }] },
    };
    for (const [id, variables] of Object.entries(asked)) watch(socket, id, ALERTS, variables);
    for (const id of Object.keys(asked)) await begun(socket, id);
    await views.transition(
      { id: "a", priority: "HIGH", patientId: "p2" },
      { id: "b", priority: "INFO", patientId: "p1" },
      { id: "c", shadow: true, patientId: "p1" },
      { id: "d", kind: "SCORE", code: null, priority: "LOW", patientId: "p1" },
      { id: "a", priority: "MEDIUM", patientId: "p2" },
      { id: "a", priority: "LOW", patientId: "p2" },
    );
    // Merged into a patient who is not asked for, under another key, and back.
    await until(() => changes(socket, "all").length === 6);
    await views.transition({ id: "a", priority: "LOW", patientId: "p1", movedFrom: "p2" });
    await until(() => changes(socket, "all").length === 7);
    await views.transition({ id: "a", priority: "LOW", patientId: "p1", movedFrom: "p2" });
    await until(() => changes(socket, "all").length === 8);
    await views.transition({ id: "a", priority: "HIGH", patientId: "p2" });
    await until(() => changes(socket, "all").length === 9);
    await until(() => changes(socket, "high").length === 3);
    expect(changes(socket, "high")).toEqual(["a1", "a2 leaves", "a6"]);
    expect(changes(socket, "some")).toEqual(["a1", "a2", "a3", "a4 leaves", "a6"]);
    expect(changes(socket, "score")).toEqual(["d1"]);
    expect(changes(socket, "heart")).toEqual(["a1", "a2", "a3", "a4", "a5", "a6"]);
    expect([...changes(socket, "all")].sort()).toEqual(["a1", "a2", "a3", "a4", "a5", "a6", "b1", "c1", "d1"]);
    socket.close();
  });

  it("are executed once for all who ask alike, whoever joins when", async () => {
    const sockets = await Promise.all([1, 2, 3, 4].map(() => connect(running)));
    const variables = { patientIds: ["p1", "p2"] };
    for (const socket of sockets) watch(socket, "1", ALERTS, variables);
    for (const socket of sockets) await begun(socket, "1");
    await views.transition({ id: "a" });
    for (const socket of sockets) await until(() => changes(socket, "1").length === 1);
    executions = 0;
    await views.transition({ id: "a" }, { id: "a" }, { id: "b", patientId: "p9" });
    for (const socket of sockets) await until(() => changes(socket, "1").length === 3);
    expect(executions).toBe(2);
    for (const socket of sockets) socket.close();
  });

  it("answer for ten thousand patients as quickly as for one", async () => {
    const socket = await connect(running);
    const patientIds = Array.from({ length: 9_999 }, (_none, n) => `patient ${String(n)}`);
    watch(socket, "1", ALERTS, { patientIds: [...patientIds, "p1"] });
    await begun(socket, "1");
    await views.transition(
      ...Array.from({ length: 300 }, (_none, n) => ({ id: `x${String(n)}`, patientId: "somebody else" })),
    );
    await views.transition({ id: "a" });
    await until(() => changes(socket, "1").length === 1);
    expect(changes(socket, "1")).toEqual(["a1"]);
    socket.close();
  });

  it("are refused for another query's cursor, another tenant's role and filters that are none", async () => {
    const socket = await connect(running);
    watch(socket, "1", ALERTS);
    const after = await begun(socket, "1");
    expect(await refused(socket, ALERTS, { after, minPriority: "HIGH" })).toBe("after");
    expect(await refused(socket, VITALS, { after })).toBe("after");
    expect(await refused(socket, ALERTS, { patientIds: [] })).toBe("patientIds");
    expect(await refused(socket, ALERTS, { code: [{ system: "urn:x", code: "1" }] })).toBe("code.0.system");
    expect(await refused(socket, VITALS, { window: "PT2M" })).toBe("window");
    expect(await refused(socket, VITALS, { maxRateHz: 0 })).toBe("maxRateHz");
    socket.close();
    const operator = await connect(running, await running.token("operator"));
    expect(await refused(operator, ALERTS, {})).toBe("FORBIDDEN");
    expect(await refused(operator, VITALS, {})).toBe("FORBIDDEN");
    operator.close();
  });
});

describe("vitals over a socket", () => {
  it("are every reading that was accepted, once, with whose it is and what became of it", async () => {
    const socket = await connect(running);
    watch(socket, "all", VITALS);
    watch(socket, "some", VITALS, { patientIds: ["p2"], code: [{ code: "59408-5" }] });
    const after = await begun(socket, "all");
    await begun(socket, "some");
    await views.accept({ eventId: "a", value: "81" }, { eventId: "a", value: "99" });
    await views.accept({ eventId: "b", replaces: "a", status: "corrected", value: "82" });
    await views.accept({ eventId: "c", patientId: "p2" }, { eventId: "d", patientId: "p2", code: "2708-6" });
    await until(() => told(socket, "all").length === 4 && told(socket, "some").length === 1);
    const ofOne = told(socket, "all").filter(({ patientId }) => patientId === "p1");
    expect(ofOne.map(({ event }) => event)).toEqual([
      {
        __typename: "Observation",
        id: "a",
        valueQuantity: { value: 81 },
        revision: expect.any(Number),
        status: "final",
        freshness: { layer: "SPEED" },
      },
      {
        __typename: "Observation",
        id: "b",
        valueQuantity: { value: 82 },
        revision: 1,
        status: "corrected",
        freshness: { layer: "SPEED" },
      },
    ]);
    expect(told(socket, "some")).toMatchObject([{ patientId: "p2", code: { code: "2708-6" }, event: { id: "d" } }]);
    watch(socket, "again", VITALS, { after });
    await until(() => told(socket, "again").length === 4);
    socket.close();
  });

  it("are windows of a size as readings come into them; older versions and repeats are not told", async () => {
    const socket = await connect(running);
    watch(socket, "1", VITALS, { window: "PT5M" });
    await begun(socket, "1");
    const start = Date.UTC(2026, 0, 1, 10);
    const end = start + 300_000;
    await views.window(
      { size: "PT5M", start, end, throughOffset: "3" },
      { size: "PT1M", start, throughOffset: "3" },
      { size: "PT5M", start, end, throughOffset: "3" },
      { size: "PT5M", start, end, throughOffset: "2", count: 9 },
      { size: "PT5M", start, end, throughOffset: "4", count: 2, sum: "170", sumOfSquares: "14500" },
    );
    await until(() => told(socket, "1").length === 2);
    expect(told(socket, "1").map(({ event }) => event)).toMatchObject([
      {
        __typename: "WindowAggregate",
        windowStart: "2026-01-01T10:00:00.000Z",
        n: 1,
        mean: 80,
        revision: 3,
        isFinal: false,
      },
      { n: 2, mean: 85, revision: 4 },
    ]);
    socket.close();
  });

  it("are thinned for screens, but for readings with a flag", async () => {
    const socket = await connect(running);
    watch(socket, "1", VITALS, { maxRateHz: 0.01 });
    await begun(socket, "1");
    await views.accept(
      { eventId: "a" },
      { eventId: "b" },
      { eventId: "c", flags: ["EXTREME"] },
      { eventId: "d", patientId: "p2" },
    );
    await until(() => told(socket, "1").length === 3);
    expect(new Set(told(socket, "1").map(({ event }) => event["id"]))).toEqual(new Set(["a", "c", "d"]));
    views.log.clock.ahead(100_001);
    await views.accept({ eventId: "e" }, { eventId: "f" });
    await until(() => told(socket, "1").length === 4);
    expect(told(socket, "1").at(-1)?.event["id"]).toBe("e");
    socket.close();
  });
});
