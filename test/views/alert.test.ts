import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import type { AlertCommanded } from "../../src/domain/events/alert.js";
import { ALERT_COMMANDED, ALERT_TRANSITIONED } from "../../src/ingest/streams/alert.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { openLiveViews, type Answered, type LiveViews } from "../helpers/live-views.js";

const LIST = `query List($patientIds: [ID!], $priority: [AlertPriority!], $presence: [AlertPresence!], $kinds: [AlertKind!],
  $code: [CodingInput!], $includeShadow: Boolean! = false, $first: Int! = 50, $after: Cursor) {
  alerts(patientIds: $patientIds, priority: $priority, presence: $presence, kinds: $kinds, code: $code,
    includeShadow: $includeShadow, first: $first, after: $after) {
    nodes { id version } count(mode: EXACT) { value } pageInfo { endCursor hasNextPage hasPreviousPage } } }`;

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

async function idsOf(variables: object): Promise<readonly string[]> {
  const { data, errors } = await ask(LIST, variables);
  expect(errors).toEqual([]);
  const { nodes, count } = data.alerts as { nodes: { id: string }[]; count: { value: number } };
  expect(count.value).toBe(nodes.length);
  return nodes.map(({ id }) => id);
}

describe("alerts", () => {
  it("are listed as they stand, the newest first, by patient, priority, presence, kind, code and trial", async () => {
    await views.transition(
      { id: "a", raisedAt: 1, patientId: "p1", priority: "HIGH" },
      { id: "b", raisedAt: 3, patientId: "p2", priority: "LOW", kind: "SCORE", code: null },
      { id: "c", raisedAt: 3, patientId: "p1", shadow: true },
      { id: "d", raisedAt: 2, patientId: "p3", priority: "MEDIUM" },
      { id: "d", raisedAt: 2, patientId: "p3", priority: "MEDIUM", presence: "OFF" },
    );
    await views.settled();
    expect(await idsOf({})).toEqual(["b", "d", "a"]);
    expect(await idsOf({ includeShadow: true })).toEqual(["b", "c", "d", "a"]);
    expect(await idsOf({ patientIds: ["p3", "p1", "nobody"] })).toEqual(["d", "a"]);
    expect(await idsOf({ priority: ["LOW", "MEDIUM"] })).toEqual(["b", "d"]);
    expect(await idsOf({ presence: ["ON", "ACK"] })).toEqual(["b", "a"]);
    expect(await idsOf({ presence: ["OFF"], patientIds: ["p3"] })).toEqual(["d"]);
    expect(await idsOf({ presence: [] })).toEqual([]);
    expect(await idsOf({ kinds: ["SCORE"] })).toEqual(["b"]);
    expect(await idsOf({ code: [{ code: "8867-4" }] })).toEqual(["d", "a"]);
    expect(await idsOf({ code: [{ system: "http://loinc.org", code: "2708-6" }] })).toEqual([]);
  });

  it("are paged without a repeat or a miss while they come and change", async () => {
    const ids = Array.from({ length: 7 }, (_none, n) => `old ${String(n)}`);
    await views.transition(...ids.map((id, n) => ({ id, raisedAt: 10 + (n >> 1) })));
    await views.settled();
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const { data } = await ask(LIST, { first: 2, after });
      seen.push(...(data.alerts.nodes as { id: string }[]).map(({ id }) => id));
      expect(data.alerts.pageInfo).toMatchObject({ hasNextPage: page < 3, hasPreviousPage: page > 0 });
      after = data.alerts.pageInfo.endCursor as string;
      await views.transition(
        { id: `new ${String(page)}`, raisedAt: 100 },
        { id: "old 6", raisedAt: 200, presence: "ACK" },
      );
      await views.settled();
    }
    expect(seen).toEqual(["old 6", "old 4", "old 5", "old 2", "old 3", "old 0", "old 1"]);
  });

  it("keep their cursors to the same list, caller and tenant", async () => {
    await views.transition({ id: "a" }, { id: "b" });
    await views.settled();
    const { data } = await ask(LIST, { first: 1 });
    const after = data.alerts.pageInfo.endCursor as string;
    expect((await ask(LIST, { first: 1, after })).codes).toEqual([]);
    expect((await ask(LIST, { first: 1, after, patientIds: ["p1"] })).codes).toEqual(["CURSOR_INVALID"]);
    expect((await ask(LIST, { first: 1, after }, { tenant: "other" })).codes).toEqual(["CURSOR_INVALID"]);
    expect((await ask(LIST, { first: 1 }, { role: "clinician" })).codes).toEqual(["FORBIDDEN"]);
    expect((await ask(LIST, { first: 1_001 })).errors).toMatchObject([{ code: "LIMIT_EXCEEDED", max: 1_000 }]);
    expect((await ask(LIST, { patientIds: [] })).errors).toMatchObject([
      { code: "BAD_USER_INPUT", field: "patientIds" },
    ]);
    const many = Array.from({ length: 10_001 }, (_none, n) => `p${String(n)}`);
    expect((await ask(LIST, { patientIds: many })).errors).toMatchObject([{ code: "LIMIT_EXCEEDED", actual: 10_001 }]);
  });

  it("tell their whole history, what they rest on, whose they are and how long they took", async () => {
    await views.accept({ eventId: "e1", value: "140" }, { eventId: "e2", value: "150" });
    const receivedAt = views.log.clock.now() - 40;
    const moved = { id: "a", derivedFrom: ["e1", "gone", "e2"], receivedAt };
    await views.transition(
      { ...moved, raisedAt: 500 },
      { ...moved, version: 1, message: "a repeat" },
      {
        ...moved,
        presence: "ACK",
        step: { from: "ON", reason: "ACKNOWLEDGED", by: "nurse", text: "seen", dueAt: 700 },
      },
      { ...moved, version: 1, message: "out of date" },
    );
    await views.settled();
    const { data, errors } = await ask(`{ alert(id: "a") {
      id patientId patient { id } version presence message code { system code display } derivedFromIds
      derivedFrom { id valueQuantity { value unit } } endToEndLatencyMs
      history { version at from to reason by text priority } } none: alert(id: "none") { id } }`);
    expect(errors).toEqual([]);
    expect(data.none).toBe(null);
    const { endToEndLatencyMs, ...alert } = data.alert as Record<string, unknown>;
    expect(endToEndLatencyMs).toBeGreaterThanOrEqual(40);
    expect(endToEndLatencyMs).toBeLessThan(10_000);
    expect(alert).toEqual({
      id: "a",
      patientId: "p1",
      patient: { id: "p1" },
      version: 2,
      presence: "ACK",
      message: "heart rate above 130",
      code: { system: "http://loinc.org", code: "8867-4", display: "Heart rate" },
      derivedFromIds: ["e1", "gone", "e2"],
      derivedFrom: [
        { id: "e1", valueQuantity: { value: 140, unit: "/min" } },
        { id: "e2", valueQuantity: { value: 150, unit: "/min" } },
      ],
      history: [
        { ...STEP, version: 1, at: "1970-01-01T00:00:00.500Z", from: null, to: "ON", reason: "RAISED" },
        {
          ...{ ...STEP, version: 2, at: "1970-01-01T00:00:00.700Z", from: "ON", to: "ACK", reason: "ACKNOWLEDGED" },
          ...{ by: "nurse", text: "seen" },
        },
      ],
    });
  });

  it("belong to the surviving patient after a merge, and to the first again after it was undone", async () => {
    await views.transition({ id: "a", patientId: "56789" });
    await views.transition({ id: "a", patientId: "12345", movedFrom: "56789", step: { reason: "MERGED" } });
    await views.settled();
    expect(await idsOf({ patientIds: ["12345"] })).toEqual(["a"]);
    expect(await idsOf({ patientIds: ["56789"] })).toEqual([]);
    await views.transition({ id: "a", patientId: "56789", version: 3, step: { reason: "UNMERGED" } });
    await views.settled();
    expect(await idsOf({ patientIds: ["12345"] })).toEqual([]);
    expect(await idsOf({ patientIds: ["56789"] })).toEqual(["a"]);
  });
});

const STEP = { by: null, text: null, priority: "HIGH" };

describe("a command", () => {
  const asked: AlertCommanded[] = [];
  let stop: AbortController;
  beforeEach(() => {
    asked.length = 0;
    stop = new AbortController();
  });
  afterEach(() => {
    stop.abort(new Error("the test is over"));
  });

  /** A worker that acknowledges what has the expected version, and refuses the rest. */
  async function work(): Promise<void> {
    for await (const event of views.log.eventLog.read(ALERT_COMMANDED, new Map(), stop.signal)) {
      if (event.kind === "gap") continue;
      const command = event.value as AlertCommanded;
      asked.push(command);
      const { alertId, patientId, commandId, expectedVersion } = command;
      const known = views.alerts.find(alertId)?.record;
      const version = known?.version ?? null;
      if (known !== undefined && (expectedVersion ?? version) === version) {
        await views.transition({ ...known, version: known.version + 1, presence: "ACK", commandId });
        continue;
      }
      const refused = { schema: 1, kind: "refused", commandId, alertId, patientId, input: null };
      const value = { ...refused, code: "CONFLICT", message: "the alert has another version", version };
      await views.log.eventLog.append(ALERT_TRANSITIONED, [{ key: patientId, value }]);
    }
  }

  const acknowledge = (variables: object, caller = {}): Promise<Answered> =>
    ask(
      `mutation Ack($id: ID!, $version: Int!, $key: String!, $note: String) {
        acknowledgeAlert(id: $id, expectedVersion: $version, idempotencyKey: $key, note: $note) { id version presence } }`,
      variables,
      caller,
    );

  it("is answered with the alert right behind it, and a repeat as the first was", async () => {
    void work();
    await views.transition({ id: "a" });
    await views.settled();
    const first = await acknowledge({ id: "a", version: 1, key: "k", note: "seen" });
    expect(first.data.acknowledgeAlert).toEqual({ id: "a", version: 2, presence: "ACK" });
    expect(asked).toMatchObject([
      { command: "acknowledge", alertId: "a", patientId: "p1", by: "somebody", note: "seen", expectedVersion: 1 },
    ]);
    await views.transition({ id: "a", version: 3, presence: "OFF" });
    await views.settled();
    expect((await acknowledge({ id: "a", version: 1, key: "k" })).data.acknowledgeAlert).toMatchObject({ version: 2 });
    expect(asked.length).toBe(1);
    // Of somebody else's tenant the same key is another command.
    expect((await acknowledge({ id: "a", version: 1, key: "k" }, { tenant: "other" })).codes).toEqual(["CONFLICT"]);
  });

  it("for another version is refused, with the version that was expected and the one there is", async () => {
    void work();
    await views.transition({ id: "a", version: 5 });
    await views.settled();
    const { errors } = await acknowledge({ id: "a", version: 4, key: "k" });
    expect(errors).toMatchObject([{ code: "CONFLICT", expected: "4", actual: 5 }]);
    expect((await acknowledge({ id: "a", version: 4, key: "k" })).codes).toEqual(["CONFLICT"]);
    expect(asked.length).toBe(1);
  });

  it("for an alert nobody knows is refused at once, but waits for one the log holds already", async () => {
    void work();
    expect((await acknowledge({ id: "none", version: 1, key: "k" })).errors).toMatchObject([
      { code: "NOT_FOUND", field: "id" },
    ]);
    await views.transition({ id: "a" });
    expect((await acknowledge({ id: "a", version: 1, key: "k" })).data.acknowledgeAlert).toMatchObject({ version: 2 });
  });

  it("that no worker answers is a fault that can be tried again, and its repeat is the same command", async () => {
    await views.transition({ id: "a" });
    await views.settled();
    const waiting = acknowledge({ id: "a", version: 1, key: "k" });
    while ((await views.log.eventLog.positions(ALERT_COMMANDED)).every(({ end }) => end === 0n)) await tick();
    views.log.clock.ahead(10_001);
    expect((await waiting).codes).toEqual(["BACKEND_UNAVAILABLE"]);
    void work();
    const again = await acknowledge({ id: "a", version: 1, key: "k" });
    expect(again.data.acknowledgeAlert).toMatchObject({ version: 2 });
    expect(new Set(asked.map(({ commandId }) => commandId)).size).toBe(1);
  });

  it("is of one of five kinds, each with what it needs", async () => {
    void work();
    await views.transition({ id: "a" });
    await views.settled();
    const run = async (field: string): Promise<Answered> => ask(`mutation { ${field} { version } }`);
    const until = "2026-02-01T00:00:00.000Z";
    await run(`snoozeAlert(id: "a", until: "${until}", reason: "turning")`);
    const before = views.log.clock.now();
    await run(`snoozeAlert(id: "a", duration: "PT10M", reason: "turning", idempotencyKey: "k")`);
    await run(`unsnoozeAlert(id: "a")`);
    await run(`resolveAlert(id: "a", reason: "sensor changed", expectedVersion: 4)`);
    await run(`assessAlert(id: "a", assessment: ARTEFACT)`);
    expect(asked).toMatchObject([
      { command: "snooze", until: Date.parse(until), reason: "turning", expectedVersion: null },
      { command: "snooze" },
      { command: "unsnooze" },
      { command: "resolve", reason: "sensor changed", expectedVersion: 4 },
      { command: "assess", assessment: "ARTEFACT" },
    ]);
    const [, snoozed] = asked as Extract<AlertCommanded, { command: "snooze" }>[];
    expect(snoozed?.until).toBeGreaterThanOrEqual(before + 600_000);
    expect(snoozed?.until).toBeLessThan(before + 700_000);
    const wrong = async (field: string): Promise<unknown> => (await run(field)).errors[0]?.["field"];
    expect(await wrong(`snoozeAlert(id: "a", reason: "x")`)).toBe("until");
    expect(await wrong(`snoozeAlert(id: "a", until: "${until}", duration: "PT1M", reason: "x")`)).toBe("until");
    expect(await wrong(`snoozeAlert(id: "a", duration: "1 minute", reason: "x")`)).toBe("duration");
    expect(await wrong(`snoozeAlert(id: "a", duration: "PT1M", reason: " ")`)).toBe("reason");
    expect(await wrong(`resolveAlert(id: "a", reason: "${"x".repeat(2_001)}")`)).toBe("reason");
    expect(await wrong(`acknowledgeAlert(id: "a", expectedVersion: 1, idempotencyKey: "")`)).toBe("idempotencyKey");
    expect(asked.length).toBe(5);
  });

  it("is refused to whom alerts are not shown", async () => {
    await views.transition({ id: "a" });
    await views.settled();
    expect((await acknowledge({ id: "a", version: 1, key: "k" }, { role: "operator" })).codes).toEqual(["FORBIDDEN"]);
  });
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
