import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { GraphQLSchema } from "graphql";
import { DEFAULT_RULES } from "../../src/domain/alert/default-rules.js";
import { REGISTRY_CHANGED } from "../../src/ingest/streams/registry.js";
import { buildApiSchema } from "../../src/resolvers/build.js";
import { startRegistry } from "../../src/views/registry.js";
import { openLiveViews, type Answered, type LiveViews } from "../helpers/live-views.js";

let schema: GraphQLSchema;
let views: LiveViews;
beforeAll(async () => {
  schema = await buildApiSchema();
});
beforeEach(async () => {
  views = await openLiveViews();
  views.rows.push({ patient_id: "p1" });
});
afterEach(async () => {
  await views.close();
});

const ask = (source: string, variables: object = {}, caller = {}): Promise<Answered> =>
  views.ask(schema, source, variables, caller);
/** The answer to the one field asked for. */
async function answered<T = Record<string, unknown>>(asking: Promise<Answered>): Promise<T> {
  const { data, errors } = await asking;
  expect(errors).toEqual([]);
  return Object.values(data as Record<string, T>)[0] as T;
}

const RULE = {
  kind: "THRESHOLD",
  name: "Heart rate high",
  priority: "MEDIUM",
  code: { code: "8867-4" },
  limit: { comparator: ">", value: 140, unit: "/min" },
  clear: { comparator: "<", value: 130, unit: "/min" },
  delay: "PT15S",
  staleAfter: "PT1H",
  appliesTo: { ageMin: 16 },
  rationale: "Convention of the ward",
};
const upsert = (
  id: string,
  input: object = {},
  expectedVersion: number | null = null,
  draft = false,
): Promise<Answered> =>
  ask(
    `mutation Upsert($id: ID!, $input: AlertRuleInput!, $expectedVersion: Int, $draft: Boolean!) {
      upsertAlertRule(id: $id, input: $input, expectedVersion: $expectedVersion, draft: $draft) {
        id version status kind name priority code { system code display } limit { comparator value unit }
        clear { comparator value unit } delay clearDelay window reAlarm staleAfter terms { code { code } } latching
        appliesTo { patientId ageMin ageMax } author rationale } }`,
    { id, input: { ...RULE, ...input }, expectedVersion, draft },
  );
const setStatus = (id: string, status: string, expectedVersion: number | null = null): Promise<Answered> =>
  ask(
    `mutation Status($id: ID!, $status: RuleStatus!, $expectedVersion: Int) {
      setAlertRuleStatus(id: $id, status: $status, reason: "seen enough", expectedVersion: $expectedVersion) {
        id status version author } }`,
    { id, status, expectedVersion },
  );

describe("rules", () => {
  it("are those of the service until somebody writes one", async () => {
    const rules = await answered<{ id: string; author: string }[]>(ask("{ alertRules { id author } }"));
    expect(rules.map(({ id }) => id)).toEqual(DEFAULT_RULES.map(({ id }) => id));
    expect(new Set(rules.map(({ author }) => author))).toEqual(new Set(["vitalome"]));
  });

  it("are tried first, in the words of ISO 8601 and LOINC, and are in force for whoever evaluates", async () => {
    expect(await answered(upsert("hr-140"))).toEqual({
      ...{ id: "hr-140", version: 1, status: "SHADOW", kind: "THRESHOLD", name: "Heart rate high", priority: "MEDIUM" },
      code: { system: "http://loinc.org", code: "8867-4", display: expect.any(String) },
      limit: { comparator: ">", value: 140, unit: "/min" },
      clear: { comparator: "<", value: 130, unit: "/min" },
      ...{ delay: "PT15S", clearDelay: "PT0S", window: null, reAlarm: null, staleAfter: "PT1H", terms: null },
      latching: false,
      appliesTo: { patientId: null, ageMin: 16, ageMax: null },
      ...{ author: "somebody", rationale: "Convention of the ward" },
    });
    const own = views.registry.knowledge.rules.find(({ id }) => id === "hr-140");
    expect(own).toMatchObject({ version: 1, status: "SHADOW", delayMs: 15_000, staleAfterMs: 3_600_000 });
    const shadow = await answered(ask("{ alertRules(status: [SHADOW]) { id } }"));
    expect(shadow).toEqual([{ id: "hr-140" }]);
  });

  it("follow each other by version: whoever did not know the newest is told so", async () => {
    await answered(upsert("hr-140"));
    expect((await upsert("hr-140")).errors).toMatchObject([{ code: "CONFLICT", field: "expectedVersion" }]);
    expect(await answered(upsert("hr-140", { name: "HR" }, 1))).toMatchObject({ version: 2, name: "HR" });
    expect((await upsert("hr-140", {}, 1)).codes).toEqual(["CONFLICT"]);
    expect((await upsert("new-one", {}, 1)).codes).toEqual(["CONFLICT"]);
    expect((await setStatus("hr-140", "ACTIVE", 1)).codes).toEqual(["CONFLICT"]);
    expect(await answered(setStatus("hr-140", "ACTIVE", 2))).toMatchObject({ version: 3, status: "ACTIVE" });
  });

  it("of the service are changed like any other, from the version they came with", async () => {
    const [known] = DEFAULT_RULES.filter(({ id }) => id === "spo2-low");
    const limit = { comparator: "<", value: 88, unit: "%" };
    const clear = { comparator: ">=", value: 90, unit: "%" };
    const input = { code: { code: "2708-6" }, limit, clear };
    expect((await upsert("spo2-low", input)).codes).toEqual(["CONFLICT"]);
    const changed = await answered(upsert("spo2-low", input, known?.version));
    expect(changed).toMatchObject({ version: (known?.version ?? 0) + 1, status: "ACTIVE", limit, author: "somebody" });
    expect(await answered(setStatus("spo2-low", "RETIRED"))).toMatchObject({ status: "RETIRED" });
    expect(views.registry.knowledge.rules.some(({ id }) => id === "spo2-low")).toBe(false);
  });

  it("are in force only after they were tried; one that is over can be tried again", async () => {
    await answered(upsert("hr-140", {}, null, true));
    const refused = async (status: string, expected: string): Promise<void> => {
      const { errors } = await setStatus("hr-140", status);
      expect(errors).toMatchObject([{ code: "BAD_USER_INPUT", field: "status", expected }]);
    };
    await refused("ACTIVE", "SHADOW or RETIRED");
    await answered(setStatus("hr-140", "SHADOW"));
    await refused("DRAFT", "ACTIVE or RETIRED");
    await answered(setStatus("hr-140", "ACTIVE"));
    await refused("ACTIVE", "SHADOW or RETIRED");
    await answered(setStatus("hr-140", "RETIRED"));
    await refused("ACTIVE", "SHADOW");
    expect(await answered(upsert("hr-140", {}, 4))).toMatchObject({ version: 5, status: "SHADOW" });
    expect((await setStatus("nobody", "ACTIVE")).codes).toEqual(["NOT_FOUND"]);
  });

  it.each([
    [{ limit: { comparator: "=", value: 1, unit: "/min" } }, "input.limit.comparator"],
    [{ limit: { comparator: ">", value: 140, unit: "mm[Hg]" } }, "input.limit.unit"],
    [{ limit: { comparator: ">", value: 4_000, unit: "/min" }, clear: null }, "input.limit.value"],
    [{ clear: { comparator: "<", value: 150, unit: "/min" } }, "input.clear.value"],
    [{ code: { code: "1-8" } }, "input.code"],
    [{ code: { system: "http://snomed.info/sct", code: "8867-4" } }, "input.code.system"],
    [{ code: null }, "input.code"],
    [{ window: "PT5M" }, "input.window"],
    [{ kind: "MOVING_AVERAGE", window: "PT90S" }, "input.window"],
    [{ delay: "P8D" }, "input.delay"],
    [{ score: "NEWS" }, "input.score"],
    [{ kind: "MODEL" }, "input.kind"],
    [{ appliesTo: { ageMin: 20, ageMax: 10 } }, "input.appliesTo.ageMax"],
    [{ name: " " }, "input.name"],
    [{ rationale: "" }, "input.rationale"],
    [{ technical: "CONFLICT" }, "input.technical"],
  ])("with %j are refused, and %s is named", async (input, field) => {
    const { errors } = await upsert("hr-140", input);
    expect(errors).toMatchObject([{ code: "BAD_USER_INPUT", field, expected: expect.any(String) }]);
    expect(await views.registry.history("alert-rule", "hr-140")).toEqual([]);
  });

  it("need durations that are ISO 8601, and an id of small letters", async () => {
    const { errors } = await upsert("hr-140", { delay: "15 s" });
    expect(errors[0]?.["message"]).toMatch(/Duration must be ISO 8601 text/);
    expect((await upsert("HR 140")).errors).toMatchObject([{ code: "BAD_USER_INPUT", field: "id" }]);
  });

  it("may be for one patient who is known", async () => {
    const { errors } = await upsert("hr-140", { appliesTo: { patientId: "nobody" } });
    expect(errors).toMatchObject([{ code: "NOT_FOUND", field: "patientId" }]);
    const own = await answered(upsert("hr-140", { appliesTo: { patientId: "p1" } }));
    expect(own).toMatchObject({ appliesTo: { patientId: "p1", ageMin: null } });
  });

  it("are seen and changed by nobody but the owner", async () => {
    for (const source of ["{ alertRules { id } }", "{ sources { id } }"]) {
      expect((await ask(source, {}, { role: "clinician" })).codes).toEqual(["FORBIDDEN"]);
    }
  });
});

describe("a monitoring plan", () => {
  const PLAN = { spo2Scale: 2, validFrom: "2026-01-01T00:00:00Z", prescriber: "Dr A", reason: "hypercapnic failure" };
  const setPlan = (
    plan: object = {},
    expectedVersion: number | null = null,
    patientId = "p1",
    caller = {},
  ): Promise<Answered> =>
    ask(
      `mutation Plan($patientId: ID!, $plan: MonitoringPlanInput!, $expectedVersion: Int) {
        setMonitoringPlan(patientId: $patientId, plan: $plan, expectedVersion: $expectedVersion) {
          version spo2Scale pregnancy adult baselineConfusion ceilingOfCare validFrom validTo prescriber reason } }`,
      { patientId, plan: { ...PLAN, ...plan }, expectedVersion },
      caller,
    );
  const inForce = (at: string | null = null): Promise<{ monitoringPlan: object | null }> =>
    answered(
      ask(`query At($at: DateTime) { patient(id: "p1") { monitoringPlan(at: $at) { version spo2Scale } } }`, { at }),
    );

  it("holds for its patient from its start to its end, and the one before it before", async () => {
    expect(await inForce()).toEqual({ monitoringPlan: null });
    expect(await answered(setPlan({ validTo: "2026-02-01T00:00:00Z" }))).toEqual({
      ...{ version: 1, spo2Scale: 2, pregnancy: null, adult: null, baselineConfusion: null, ceilingOfCare: null },
      ...{ validFrom: "2026-01-01T00:00:00.000Z", validTo: "2026-02-01T00:00:00.000Z" },
      ...{ prescriber: "Dr A", reason: "hypercapnic failure" },
    });
    const next = { spo2Scale: 1, validFrom: "2026-01-20T00:00:00Z", prescriber: null, reason: "weaned" };
    expect(await answered(setPlan(next, 1))).toMatchObject({ version: 2 });
    const versions = await Promise.all(
      ["2025-12-31T23:59:59Z", "2026-01-19T00:00:00Z", "2026-01-20T00:00:00Z", "2030-01-01T00:00:00Z"].map(inForce),
    );
    expect(versions.map(({ monitoringPlan }) => monitoringPlan)).toEqual([
      null,
      { version: 1, spo2Scale: 2 },
      { version: 2, spo2Scale: 1 },
      { version: 2, spo2Scale: 1 },
    ]);
  });

  it.each([
    [{ prescriber: null }, "plan.prescriber"],
    [{ prescriber: "  " }, "plan.prescriber"],
    [{ reason: " " }, "plan.reason"],
    [{ spo2Scale: 3 }, "plan.spo2Scale"],
    [{ validTo: "2026-01-01T00:00:00Z" }, "plan.validTo"],
    [{ ceilingOfCare: "" }, "plan.ceilingOfCare"],
  ])("with %j is refused, and %s is named", async (plan, field) => {
    expect((await setPlan(plan)).errors).toMatchObject([{ code: "BAD_USER_INPUT", field }]);
    expect(views.registry.find("monitoring-plan", "p1")).toBeNull();
  });

  it("is of a known patient, and replaces the version it is meant to", async () => {
    expect((await setPlan({}, null, "nobody")).errors).toMatchObject([{ code: "NOT_FOUND", field: "patientId" }]);
    expect((await setPlan({}, 1)).codes).toEqual(["CONFLICT"]);
    await answered(setPlan({}, 0));
    expect((await setPlan({}, 0)).codes).toEqual(["CONFLICT"]);
    await answered(setPlan());
    expect(views.registry.find("monitoring-plan", "p1")?.version).toBe(2);
  });

  it("leaves on record who prescribed scale 2, when and why, and who wrote it down", async () => {
    await answered(setPlan({}, null, "p1", { subject: "nurse" }));
    await answered(setPlan({ spo2Scale: 1, reason: "weaned" }));
    const history = await answered<Record<string, unknown>[]>(
      ask(`{ registryHistory(kind: MONITORING_PLAN, id: "p1") { version by reason at value } }`),
    );
    expect(history).toMatchObject([
      { version: 2, by: "somebody", reason: "weaned", value: { spo2Scale: 1 } },
      { version: 1, by: "nurse", reason: "hypercapnic failure", value: { spo2Scale: 2, prescriber: "Dr A" } },
    ]);
    expect(Date.parse(String(history[1]?.["at"]))).toBeLessThanOrEqual(Date.now());
    expect(await answered(ask(`{ registryHistory(kind: MONITORING_PLAN, id: "p2") { version } }`))).toEqual([]);
  });
});

describe("consent to being watched", () => {
  const WORDS = "version state since";
  const say = (variables: object = {}): Promise<Answered> =>
    ask(
      `mutation Say($patientId: ID!, $state: ConsentState!, $reason: String!, $expectedVersion: Int) {
        setMonitoringConsent(patientId: $patientId, state: $state, reason: $reason, expectedVersion: $expectedVersion) {
          ${WORDS} } }`,
      { patientId: "p1", state: "WITHDRAWN", reason: "a letter", ...variables },
    );
  const said = async (id = "p1"): Promise<object | null> => {
    const asking = ask(`query Said($id: ID!) { patient(id: $id) { monitoringConsent { ${WORDS} } } }`, { id });
    return (await answered<{ monitoringConsent: object | null }>(asking)).monitoringConsent;
  };
  const merge = async (version: number, surviving: string | null): Promise<void> => {
    const value = surviving === null ? null : { surviving, disputed: false, since: 1 };
    await views.registry.write({ kind: "link", id: "p2", version, value, by: "adt", reason: null });
  };

  it("is withdrawn and given anew, version by version, with who said so and why", async () => {
    expect(await said()).toBeNull();
    expect(await answered(say({ expectedVersion: 0 }))).toMatchObject({ version: 1, state: "WITHDRAWN" });
    expect(views.registry.knowledge.isWithdrawn("p1")).toBe(true);
    expect((await say({ expectedVersion: 0 })).codes).toEqual(["CONFLICT"]);
    expect(await said()).toMatchObject({ version: 1, state: "WITHDRAWN" });
    await answered(say({ state: "GIVEN", reason: "changed their mind", expectedVersion: 1 }));
    expect(views.registry.knowledge.isWithdrawn("p1")).toBe(false);
    expect(await answered(ask(`{ registryHistory(kind: CONSENT, id: "p1") { version by reason } }`))).toEqual([
      { version: 2, by: "somebody", reason: "changed their mind" },
      { version: 1, by: "somebody", reason: "a letter" },
    ]);
  });

  it("is that of the person: of every record of theirs, whichever it was said under", async () => {
    views.rows.push({ patient_id: "p2" });
    await answered(say({ patientId: "p2" }));
    await merge(1, "p1");
    expect(await said()).toMatchObject({ version: 0, state: "WITHDRAWN" });
    await answered(say({ patientId: "p2", state: "GIVEN" }));
    expect(await said()).toMatchObject({ version: 1, state: "GIVEN" });
    await merge(2, null);
    expect(await said("p2")).toMatchObject({ version: 2, state: "GIVEN" });
  });

  it("is of a known patient, and says why", async () => {
    expect((await say({ patientId: "nobody" })).errors).toMatchObject([{ code: "NOT_FOUND", field: "patientId" }]);
    expect((await say({ reason: " " })).errors).toMatchObject([{ code: "BAD_USER_INPUT", field: "reason" }]);
    expect(await said()).toBeNull();
  });
});

describe("a cohort", () => {
  const upsert = (input: object = {}, id = "women", expectedVersion: number | null = null): Promise<Answered> =>
    ask(
      `mutation Upsert($id: ID!, $input: CohortInput!, $expectedVersion: Int) {
        upsertCohort(id: $id, input: $input, expectedVersion: $expectedVersion) { id version name definition } }`,
      { id, input: { name: "Women", and: [{ gender: ["female"] }], reason: "a study", ...input }, expectedVersion },
    );

  it("is kept under its id, version by version", async () => {
    expect(await answered(upsert({}, "women", 0))).toMatchObject({ id: "women", version: 1, name: "Women" });
    expect((await upsert({}, "women", 0)).codes).toEqual(["CONFLICT"]);
    const older = { and: [{ gender: ["female"] }, { ageYears: { gte: 65 } }] };
    expect(await answered(upsert(older, "women", 1))).toMatchObject({
      version: 2,
      definition: [{ gender: ["female"] }, { ageYears: { gte: 65 } }],
    });
    await answered(upsert({}, "all"));
    expect(await answered(ask("{ cohorts { id version } }"))).toEqual([
      { id: "all", version: 1 },
      { id: "women", version: 2 },
    ]);
    expect(await answered(ask(`{ registryHistory(kind: COHORT, id: "women") { version reason } }`))).toHaveLength(2);
    expect((await ask(`{ cohort(id: "men") { id } }`)).codes).toEqual(["NOT_FOUND"]);
  });

  it.each([
    [{ and: [{ gender: ["f"] }] }, "women", "input.and.0.gender"],
    [{ and: Array.from({ length: 21 }, () => ({ gender: ["female"] })) }, "women", "input.and"],
    [{ name: " " }, "women", "input.name"],
    [{ reason: "" }, "women", "input.reason"],
    [{}, "", "id"],
  ])("with %j as %j is refused, and %s is named", async (input, id, field) => {
    expect((await upsert(input, id)).errors).toMatchObject([{ code: "BAD_USER_INPUT", field }]);
    expect(await answered(ask("{ cohorts { id } }"))).toEqual([]);
  });
});

describe("a source", () => {
  const setSource = (variables: object = {}): Promise<Answered> =>
    ask(
      `mutation Source($id: ID!, $kind: SourceKind!, $staleAfter: Duration, $zone: String, $reason: String!,
        $expectedVersion: Int) {
        setSource(id: $id, kind: $kind, staleAfter: $staleAfter, zone: $zone, reason: $reason,
          expectedVersion: $expectedVersion) { id version kind staleAfter zone } }`,
      { id: "ward-3", kind: "SPOT_CHECK", reason: "paper rounds", ...variables },
    );

  it("is described with what is usual for its kind, or otherwise", async () => {
    expect(await answered(setSource())).toEqual({
      ...{ id: "ward-3", version: 1, kind: "SPOT_CHECK", staleAfter: "PT12H", zone: null },
    });
    const changed = { staleAfter: "PT2H", zone: "Europe/Paris", expectedVersion: 1 };
    const own = { id: "ward-3", version: 2, kind: "SPOT_CHECK", staleAfter: "PT2H", zone: "Europe/Paris" };
    expect(await answered(setSource(changed))).toEqual(own);
    expect(await answered(ask("{ sources { id version kind staleAfter zone } }"))).toEqual([own]);
    expect(views.registry.knowledge.source("ward-3")).toMatchObject({ staleAfterMs: 7_200_000, zone: "Europe/Paris" });
  });

  it.each([
    [{ zone: "Mars/Olympus" }, "zone"],
    [{ zone: "+01:00" }, "zone"],
    [{ zone: "" }, "zone"],
    [{ staleAfter: "PT0S" }, "staleAfter"],
    [{ staleAfter: "P8D" }, "staleAfter"],
    [{ id: "" }, "id"],
    [{ reason: "" }, "reason"],
  ])("with %j is refused, and %s is named", async (variables, field) => {
    expect((await setSource(variables)).errors).toMatchObject([{ code: "BAD_USER_INPUT", field }]);
    expect(await answered(ask("{ sources { id } }"))).toEqual([]);
  });
});

describe("the registry", () => {
  const change = (version: number, value: object | null = { n: version }, by = "a") =>
    ({ kind: "cohort", id: "c", version, value, by, reason: null }) as Parameters<LiveViews["registry"]["write"]>[0];

  it("gives a version to the first who claims it, whichever process asks; the other is told", async () => {
    const { eventLog, clock } = views.log;
    const stop = new AbortController();
    const other = startRegistry({ eventLog, clock, signal: stop.signal, onFailure: () => undefined });
    const both = await Promise.allSettled([
      views.registry.write(change(1, { n: "first" }, "a")),
      other.write(change(1, { n: "second" }, "b")),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect((both[1] as PromiseRejectedResult).reason).toMatchObject({ code: "CONFLICT" });
    for (const one of [views.registry, other]) {
      await one.fold.untilNow();
      expect(one.find("cohort", "c")).toMatchObject({ version: 1, by: "a" });
      expect((await one.history("cohort", "c")).map(({ by }) => by)).toEqual(["a"]);
    }
    stop.abort(new Error("the test is over"));
  });

  it("is the same in a process that starts later", async () => {
    for (const version of [1, 2, 3]) await views.registry.write(change(version));
    await views.registry.write(change(4, null));
    const { eventLog, clock } = views.log;
    const stop = new AbortController();
    const later = startRegistry({ eventLog, clock, signal: stop.signal, onFailure: () => undefined });
    await later.fold.ready();
    expect(later.find("cohort", "c")).toMatchObject({ version: 4, value: null });
    expect((await later.history("cohort", "c")).map(({ version }) => version)).toEqual([4, 3, 2, 1]);
    stop.abort(new Error("the test is over"));
  });

  it("goes on behind an entry that nobody can read", async () => {
    await views.log.eventLog.append(REGISTRY_CHANGED, [{ key: "cohort/c", value: { schema: 1, kind: "nonsense" } }]);
    await views.registry.write(change(1));
    expect(views.registry.find("cohort", "c")).toMatchObject({ version: 1 });
  });
});
