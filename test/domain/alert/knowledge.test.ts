import { describe, expect, it } from "@jest/globals";
import { knowledgeFrom, type KnowledgeBase } from "../../../src/domain/alert/knowledge.js";
import type { MonitoringPlan } from "../../../src/domain/alert/plan.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import type { RegistryChanged, RegistryKind } from "../../../src/domain/events/state.js";
import { buildPlan, buildRule } from "../../helpers/build.js";

const ownRule = (overrides: Partial<AlertRule> = {}): AlertRule => buildRule({ id: "spo2-low", ...overrides });

function change(kind: RegistryKind, id: string, version: number, value: object | null, at = 0): RegistryChanged {
  return { schema: 1, kind, id, version, value: value as RegistryChanged["value"], by: "somebody", reason: null, at };
}

const plan = (version: number, overrides: Partial<MonitoringPlan> = {}): RegistryChanged =>
  change("monitoring-plan", "p1", version, buildPlan({ spo2Scale: 2, validFrom: 100, ...overrides }));
const base: KnowledgeBase = { rules: [ownRule(), ownRule({ id: "hr-high", code: "8867-4" })], person: () => null };

describe("the rules in force", () => {
  it("are the defaults by id until the registry has one of the same id, in its version", () => {
    expect(knowledgeFrom([], base).rules.map(({ id }) => id)).toEqual(["hr-high", "spo2-low"]);
    const own = change("alert-rule", "spo2-low", 2, ownRule({ version: 7, name: "ours" }));
    expect(knowledgeFrom([own], base).rules[1]).toMatchObject({ id: "spo2-low", version: 2, name: "ours" });
  });

  it("hold those being tried, not drafts nor those retired or withdrawn", () => {
    const status = (id: string, wanted: AlertRule["status"]): RegistryChanged =>
      change("alert-rule", id, 2, ownRule({ id, status: wanted }));
    const changes = [status("a", "SHADOW"), status("b", "DRAFT"), status("hr-high", "RETIRED")];
    const known = knowledgeFrom([...changes, change("alert-rule", "spo2-low", 2, null)], base);
    expect(known.rules.map(({ id }) => id)).toEqual(["a"]);
    expect(known.everyRule.map(({ id }) => id)).toEqual(["a", "b", "hr-high"]);
  });

  it("stay as they were where an entry cannot be read, and the fault is named", () => {
    const known = knowledgeFrom([change("alert-rule", "spo2-low", 2, { ...ownRule(), delayMs: "15" })], base);
    expect(known.rules[1]).toMatchObject({ version: 1 });
    expect(known.faults).toEqual([{ key: "alert-rule/spo2-low", version: 2, field: "delayMs" }]);
  });
});

describe("a change", () => {
  it("says whose evaluation it may alter, and nothing where its version was taken", () => {
    const known = knowledgeFrom([], base);
    expect(known.apply(plan(1))).toEqual({ kind: "patient", patientId: "p1" });
    expect(known.apply(plan(1, { spo2Scale: 1 }))).toBeNull();
    expect(known.plan("p1", 100)).toMatchObject({ spo2Scale: 2 });
    expect(known.apply(change("alert-rule", "x", 1, ownRule({ id: "x" })))).toEqual({ kind: "rules" });
    expect(known.apply(change("source", "ward", 1, { kind: "SPOT_CHECK", staleAfterMs: 5, zone: null }))).toEqual({
      kind: "source",
      source: "ward",
    });
    expect(known.apply(change("cohort", "c", 1, {}))).toBeNull();
  });
});

describe("the plan at a time", () => {
  it("is none before its start and from its end on", () => {
    const known = knowledgeFrom([plan(1, { validTo: 200 })], base);
    expect([99, 100, 199, 200].map((at) => known.plan("p1", at)?.version ?? null)).toEqual([null, 1, 1, null]);
    expect(known.plan("p2", 150)).toBeNull();
  });

  it("is the newest version that has begun: it replaces those before it, also behind its own end", () => {
    const known = knowledgeFrom([plan(1), plan(2, { validFrom: 200, validTo: 300 })], base);
    expect([150, 200, 299, 300].map((at) => known.plan("p1", at)?.version ?? null)).toEqual([1, 2, 2, null]);
    known.apply(plan(3, { validFrom: 0 }));
    expect([50, 150, 400].map((at) => known.plan("p1", at)?.version ?? null)).toEqual([3, 3, 3]);
    expect(known.newestPlan("p1")?.version).toBe(3);
  });

  it("is none from when it was withdrawn", () => {
    const known = knowledgeFrom([plan(1), change("monitoring-plan", "p1", 2, null, 500)], base);
    expect([499, 500].map((at) => known.plan("p1", at)?.version ?? null)).toEqual([1, null]);
    expect(known.newestPlan("p1")).toBeNull();
  });
});

describe("a source", () => {
  it("nobody described is watched as a bedside is: its silence is noticed first", () => {
    const known = knowledgeFrom([change("source", "w", 1, { kind: "SPOT_CHECK", staleAfterMs: 9, zone: "UTC" })], base);
    expect(known.source("w")).toEqual({ id: "w", kind: "SPOT_CHECK", staleAfterMs: 9, zone: "UTC" });
    expect(known.source("other")).toEqual({ id: "other", kind: "BEDSIDE", staleAfterMs: 60_000, zone: null });
    expect(known.sources.map(({ id }) => id)).toEqual(["w"]);
  });
});

describe("a person", () => {
  it("is known from elsewhere unless the registry says otherwise", () => {
    const person = (id: string): { id: string; birthDate: string; simulated: boolean } => ({
      id,
      birthDate: "1950",
      simulated: false,
    });
    const known = knowledgeFrom([change("patient", "p1", 1, { birthDate: "1960-03", simulated: true })], {
      ...base,
      person,
    });
    expect(known.person("p1")).toEqual({ id: "p1", birthDate: "1960-03", simulated: true });
    expect(known.person("p2")?.birthDate).toBe("1950");
  });
});
