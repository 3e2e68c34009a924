import { describe, expect, it } from "@jest/globals";
import { checkRule } from "../../../src/domain/alert/check-rule.js";
import { DEFAULT_RULES } from "../../../src/domain/alert/default-rules.js";
import { alertRuleSchema, type AlertRule } from "../../../src/domain/alert/rule.js";
import { buildRule, MINUTE } from "./build.js";

const faults = (overrides: Partial<AlertRule>): readonly string[] =>
  checkRule(buildRule(overrides)).map(({ field, found, expected }) => `${field}: expected ${expected}, found ${found}`);
const fields = (overrides: Partial<AlertRule>): readonly string[] =>
  checkRule(buildRule(overrides)).map(({ field }) => field);
const empty = { code: null, limit: null, clear: null } as const;

describe("the rules in force by default", () => {
  it("are whole, ACTIVE, of different names, and each says where it comes from", () => {
    expect(DEFAULT_RULES).toHaveLength(20);
    expect(new Set(DEFAULT_RULES.map(({ id }) => id)).size).toBe(DEFAULT_RULES.length);
    for (const rule of DEFAULT_RULES) {
      expect(alertRuleSchema.parse(rule)).toEqual(rule);
      expect([rule.id, checkRule(rule)]).toEqual([rule.id, []]);
      expect(rule).toMatchObject({ status: "ACTIVE", version: 1, rationale: expect.stringMatching(/./) });
    }
  });

  it("never apply limits for adults to children, and scores to nobody under 16", () => {
    for (const { id, kind, appliesTo } of DEFAULT_RULES) {
      expect([id, appliesTo.ageMin]).toEqual([id, ["THRESHOLD", "SCORE"].includes(kind) ? 16 : null]);
    }
  });
});

describe("a rule that cannot be put in force", () => {
  it("is refused with every fault by its field", () => {
    expect(
      faults({
        id: "SpO2 Low!",
        name: " ",
        limit: { comparator: "<", value: 90, unit: "percent" },
        clear: { comparator: "<=", value: 88, unit: "%" },
        delayMs: 8 * 24 * 60 * MINUTE,
        appliesTo: { patientId: null, ageMin: 20, ageMax: 10 },
      }),
    ).toEqual([
      "id: expected 1 to 64 small letters, digits and hyphens, found SpO2 Low!",
      "name: expected 1 to 200 characters, found  ",
      "delayMs: expected at most 604800000 (7 days), found 691200000",
      "appliesTo.ageMax: expected not below ageMin, found 10",
      "limit.unit: expected %, the unit its readings are kept in, found percent",
      "clear.comparator: expected > or >=, as the limit is <, found <=",
    ]);
  });

  it.each<readonly [AlertRule["limit"], AlertRule["clear"], readonly string[]]>([
    [{ comparator: "<", value: 90, unit: "%" }, { comparator: ">=", value: 90, unit: "%" }, []],
    [{ comparator: "<", value: 90, unit: "%" }, { comparator: ">=", value: 89, unit: "%" }, ["clear.value"]],
    [{ comparator: "<=", value: 90, unit: "%" }, { comparator: ">=", value: 90, unit: "%" }, ["clear.value"]],
    [{ comparator: "<=", value: 90, unit: "%" }, { comparator: ">", value: 90, unit: "%" }, []],
    [{ comparator: ">", value: 90, unit: "%" }, { comparator: "<=", value: 91, unit: "%" }, ["clear.value"]],
    [{ comparator: ">", value: 90, unit: "%" }, { comparator: "<=", value: 90, unit: "%" }, []],
    [{ comparator: ">", value: 101, unit: "%" }, null, ["limit.value"]],
    [{ comparator: ">", value: Number.NaN, unit: "%" }, null, ["limit.value", "limit.value"]],
  ])("%j and %j: faults in %j", (limit, clear, expected) => {
    expect(fields({ limit, clear })).toEqual(expected);
  });

  it.each<readonly [Partial<AlertRule>, readonly string[]]>([
    [{ code: "99999-9" }, ["code"]],
    [{ code: "59408-5" }, ["code"]],
    [{ code: "67775-7" }, ["code"]],
    [{ code: null, limit: null, clear: null }, ["code", "limit"]],
    [{ windowMs: MINUTE }, ["windowMs"]],
    [{ reAlarmMs: 5 }, ["reAlarmMs"]],
    [{ staleAfterMs: 0 }, ["staleAfterMs"]],
    [{ kind: "MOVING_AVERAGE" }, ["windowMs"]],
    [{ kind: "MOVING_AVERAGE", windowMs: 90_000 }, ["windowMs"]],
    [{ kind: "MOVING_AVERAGE", windowMs: 61 * MINUTE }, ["windowMs"]],
    [{ kind: "TREND", windowMs: 5 * MINUTE, limit: { comparator: "<", value: -200, unit: "%" }, clear: null }, []],
    [{ kind: "STALE_DATA" }, ["limit", "clear"]],
    [{ kind: "SCORE", ...empty }, ["score", "limit", "appliesTo.ageMin"]],
    [
      { kind: "SCORE", ...empty, score: "NEWS2", limit: { comparator: "<", value: 30, unit: null } },
      ["limit.comparator", "limit.unit", "limit.value", "appliesTo.ageMin"],
    ],
    [{ kind: "COMBINATION", ...empty, terms: [] }, ["terms"]],
    [
      {
        kind: "COMBINATION",
        ...empty,
        terms: [
          { code: "nonsense", limit: { comparator: "<", value: 1, unit: "%" } },
          { code: "8867-4", limit: { comparator: "<", value: 1, unit: "%" } },
        ],
      },
      ["terms.0.code", "terms.1.limit.unit"],
    ],
    [{ kind: "TECHNICAL", ...empty }, ["technical"]],
    [{ kind: "TECHNICAL", ...empty, code: "8867-4", technical: "CONFLICT" }, ["code"]],
    [{ kind: "TECHNICAL", ...empty, code: "8867-4", technical: "EXTREME_VALUE" }, []],
    [{ kind: "MODEL" }, ["kind"]],
  ])("%j: faults in %j", (overrides, expected) => {
    expect(fields(overrides)).toEqual(expected);
  });
});
