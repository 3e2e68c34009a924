import { findObservationCode } from "../observation/code.js";
import { isLower } from "./limit.js";
import type { AlertRule, ThresholdSpec } from "./rule.js";

/** What is wrong with a field of a rule. */
export interface RuleFault {
  /** As in `limit.unit` or `terms.0.code`. */
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

const MINUTE_MS = 60_000;
/** A longer look back would make the state of every patient larger than it is meant to be. */
const LONGEST_WINDOW_MS = 60 * MINUTE_MS;
const LONGEST_MS = 7 * 24 * 60 * MINUTE_MS;
const LONGEST_TEXT = 2_000;

/** Every fault of a rule, by field; none where it can be put in force. */
export function checkRule(rule: AlertRule): readonly RuleFault[] {
  return [...commonFaults(rule), ...kindFaults(rule)];
}

type Check = readonly [isRight: boolean, field: string, found: unknown, expected: string];

function faultsOf(checks: readonly Check[]): readonly RuleFault[] {
  return checks
    .filter(([isRight]) => !isRight)
    .map(([, field, found, expected]) => ({ field, found: textOf(found), expected }));
}

function textOf(found: unknown): string {
  return typeof found === "string" ? found : (JSON.stringify(found) ?? "nothing");
}

function commonFaults(rule: AlertRule): readonly RuleFault[] {
  const { id, name, appliesTo, rationale } = rule;
  const { ageMin, ageMax } = appliesTo;
  const durations = ["delayMs", "clearDelayMs", "reAlarmMs", "staleAfterMs"] as const;
  const isAge = (age: number | null): boolean => age === null || (Number.isInteger(age) && age >= 0 && age <= 150);
  return faultsOf([
    [/^[a-z0-9][a-z0-9-]{0,63}$/.test(id), "id", id, "1 to 64 small letters, digits and hyphens"],
    [isText(name, 200), "name", name, "1 to 200 characters"],
    [isText(rationale ?? "-", LONGEST_TEXT), "rationale", rationale, `1 to ${String(LONGEST_TEXT)} characters`],
    ...durations.map((field): Check => {
      const most = `at most ${String(LONGEST_MS)} (7 days)`;
      return [(rule[field] ?? 0) <= LONGEST_MS, field, rule[field], most];
    }),
    [rule.staleAfterMs !== 0, "staleAfterMs", rule.staleAfterMs, "more than 0, or nothing"],
    [rule.reAlarmMs === null || rule.reAlarmMs >= MINUTE_MS, "reAlarmMs", rule.reAlarmMs, "at least 60000 (a minute)"],
    [isAge(ageMin), "appliesTo.ageMin", ageMin, "whole years from 0 to 150"],
    [isAge(ageMax), "appliesTo.ageMax", ageMax, "whole years from 0 to 150"],
    [ageMin === null || ageMax === null || ageMin <= ageMax, "appliesTo.ageMax", ageMax, "not below ageMin"],
  ]);
}

function isText(text: string, most: number): boolean {
  return text.trim() !== "" && text.length <= most;
}

function kindFaults(rule: AlertRule): readonly RuleFault[] {
  switch (rule.kind) {
    case "THRESHOLD":
      return [...measureFaults(rule), ...unused(rule, "windowMs", "score", "terms", "technical", "singleRed")];
    case "MOVING_AVERAGE":
    case "TREND":
      return [
        ...measureFaults(rule),
        ...windowFaults(rule),
        ...unused(rule, "score", "terms", "technical", "singleRed"),
      ];
    case "STALE_DATA":
      return [
        ...(rule.code === null ? [] : codeFaults("code", rule.code)),
        ...unused(rule, "limit", "clear", "windowMs", "score", "terms", "technical", "singleRed"),
      ];
    case "SCORE":
      return [...scoreFaults(rule), ...unused(rule, "code", "clear", "windowMs", "terms", "technical")];
    case "COMBINATION":
      return [
        ...termFaults(rule),
        ...unused(rule, "code", "limit", "clear", "windowMs", "score", "technical", "singleRed"),
      ];
    case "TECHNICAL":
      return [
        ...faultsOf([[rule.technical !== null, "technical", null, "what it calls"]]),
        ...(rule.code === null ? [] : codeFaults("code", rule.code)),
        ...faultsOf([
          [rule.code === null || rule.technical === "EXTREME_VALUE", "code", rule.code, "nothing but of EXTREME_VALUE"],
        ]),
        ...unused(rule, "limit", "clear", "windowMs", "score", "terms", "singleRed"),
      ];
    case "MODEL":
      return faultsOf([[false, "kind", rule.kind, "a kind that is evaluated: rules on models are not yet"]]);
  }
}

type Part = "code" | "limit" | "clear" | "windowMs" | "score" | "terms" | "technical" | "singleRed";

/** What a rule of this kind does not look at would deceive who reads it. */
function unused(rule: AlertRule, ...parts: readonly Part[]): readonly RuleFault[] {
  return faultsOf(
    parts.map((part) => [
      rule[part] === null || rule[part] === false,
      part,
      rule[part],
      `nothing in a ${rule.kind} rule`,
    ]),
  );
}

function measureFaults({ code, limit, clear, kind }: AlertRule): readonly RuleFault[] {
  if (code === null || limit === null) {
    return faultsOf([
      [code !== null, "code", null, "the LOINC code of what is measured"],
      [limit !== null, "limit", null, "the limit that calls"],
    ]);
  }
  const codes = codeFaults("code", code, true);
  if (codes.length > 0) return codes;
  const least = kind === "TREND" ? null : (findObservationCode(code) ?? null);
  const inRange = ({ value }: ThresholdSpec): boolean =>
    least?.kind !== "measured" || (least.possible[0].lte(value) && least.possible[1].gte(value));
  const range = least?.kind === "measured" ? `${String(least.possible[0])} to ${String(least.possible[1])}` : "";
  return [
    ...unitFaults("limit", code, limit),
    ...faultsOf([[inRange(limit), "limit.value", limit.value, range]]),
    ...(clear === null
      ? []
      : [
          ...unitFaults("clear", code, clear),
          ...faultsOf([[inRange(clear), "clear.value", clear.value, range]]),
          ...clearFaults(limit, clear),
        ]),
  ];
}

/** The end lies on the other side of the limit, so that nothing both breaks it and ends it. */
function clearFaults(limit: ThresholdSpec, clear: ThresholdSpec): readonly RuleFault[] {
  if (isLower(limit) === isLower(clear)) {
    const other = isLower(limit) ? "> or >=" : "< or <=";
    return faultsOf([[false, "clear.comparator", clear.comparator, `${other}, as the limit is ${limit.comparator}`]]);
  }
  const bothTake = limit.comparator.endsWith("=") && clear.comparator.endsWith("=");
  const apart = isLower(limit) ? clear.value - limit.value : limit.value - clear.value;
  const side = isLower(limit) ? "above" : "below";
  const expected = `${bothTake ? side : `not ${isLower(limit) ? "below" : "above"}`} the limit, ${String(limit.value)}`;
  return faultsOf([[bothTake ? apart > 0 : apart >= 0, "clear.value", clear.value, expected]]);
}

function codeFaults(field: string, code: string, isMeasured = false): readonly RuleFault[] {
  const known = findObservationCode(code);
  if (known === null) return faultsOf([[false, field, code, "a LOINC code that is understood"]]);
  return faultsOf([
    [known.code === code, field, code, `${known.code}, under which its readings are kept`],
    [!isMeasured || known.kind === "measured", field, code, "the code of a measured value"],
  ]);
}

function unitFaults(field: string, code: string, { unit, value }: ThresholdSpec): readonly RuleFault[] {
  const known = findObservationCode(code);
  const canonical = known?.kind === "measured" ? known.unit : null;
  return faultsOf([
    [unit === canonical, `${field}.unit`, unit, `${canonical ?? "nothing"}, the unit its readings are kept in`],
    [Number.isFinite(value), `${field}.value`, value, "a number"],
  ]);
}

function windowFaults({ windowMs }: AlertRule): readonly RuleFault[] {
  const isWhole = windowMs !== null && windowMs >= MINUTE_MS && windowMs % MINUTE_MS === 0;
  const expected = `whole minutes in milliseconds, 60000 to ${String(LONGEST_WINDOW_MS)}`;
  return faultsOf([[isWhole && windowMs <= LONGEST_WINDOW_MS, "windowMs", windowMs, expected]]);
}

function scoreFaults({ score, limit, singleRed, appliesTo }: AlertRule): readonly RuleFault[] {
  return faultsOf([
    [score !== null, "score", null, "NEWS2"],
    [limit !== null || singleRed, "limit", null, "a limit, or singleRed"],
    [limit === null || limit.comparator.startsWith(">"), "limit.comparator", limit?.comparator, "> or >="],
    [limit === null || limit.unit === "{score}", "limit.unit", limit?.unit, "{score}"],
    [limit === null || (limit.value >= 1 && limit.value <= 20), "limit.value", limit?.value, "1 to 20"],
    [(appliesTo.ageMin ?? 0) >= 16, "appliesTo.ageMin", appliesTo.ageMin, "16 or more: NEWS2 is not for children"],
  ]);
}

function termFaults({ terms }: AlertRule): readonly RuleFault[] {
  const given = terms ?? [];
  return [
    ...faultsOf([[given.length >= 2 && given.length <= 8, "terms", given.length, "2 to 8 conditions"]]),
    ...given.flatMap(({ code, limit }, index) => {
      const field = `terms.${String(index)}`;
      const codes = codeFaults(`${field}.code`, code, true);
      return codes.length > 0 ? codes : unitFaults(`${field}.limit`, code, limit);
    }),
  ];
}
