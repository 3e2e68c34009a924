import reference from "../../../reference/alert-rules.json" with { type: "json" };
import { parseDuration } from "../duration.js";
import { alertRuleSchema, type AlertRule } from "./rule.js";

/** A rule as the table writes it: durations as ISO 8601 text, a scope by name. */
type ReferenceRule = Readonly<Record<string, unknown>> & { readonly id: string; readonly scope?: string };

const SCOPES: Readonly<Record<string, unknown>> = reference.scopes;
const DURATIONS = {
  delay: "delayMs",
  clearDelay: "clearDelayMs",
  window: "windowMs",
  reAlarm: "reAlarmMs",
  staleAfter: "staleAfterMs",
} as const;

/** The rules in force until somebody has written others, by id. */
export const DEFAULT_RULES: readonly AlertRule[] = (reference.rules as readonly ReferenceRule[])
  .map(ruleOf)
  .sort((left, right) => (left.id < right.id ? -1 : 1));

function ruleOf({ scope, ...own }: ReferenceRule): AlertRule {
  const stated: Readonly<Record<string, unknown>> = { ...reference.common, ...own };
  const durations = Object.entries(DURATIONS).map(([name, field]) => [field, durationOf(own.id, stated[name])]);
  const appliesTo = scope === undefined ? stated["appliesTo"] : SCOPES[scope];
  return alertRuleSchema.parse({ ...stated, ...Object.fromEntries(durations), appliesTo });
}

function durationOf(id: string, text: unknown): number | null {
  if (typeof text !== "string") return null;
  const stated = parseDuration(text);
  if (stated === null) throw new TypeError(`reference/alert-rules.json: ${id} has no duration ${text}`);
  return stated;
}
