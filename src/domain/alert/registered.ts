import { isId } from "../observation/key.js";
import { checkRule, type RuleFault } from "./check-rule.js";
import type { SourceFacts } from "./inputs.js";
import type { MonitoringPlan } from "./plan.js";
import type { AlertRule, RuleStatus } from "./rule.js";

/** A rule as somebody writes it. */
export type RuleDraft = Omit<AlertRule, "id" | "version" | "status" | "author">;

/** A plan as somebody writes it. */
export type PlanDraft = Omit<MonitoringPlan, "patientId" | "version">;

/** Nothing is in force that was not tried before; what is retired can be tried again. */
const FOLLOWS: Readonly<Record<RuleStatus, readonly RuleStatus[]>> = {
  DRAFT: ["SHADOW", "RETIRED"],
  SHADOW: ["ACTIVE", "RETIRED"],
  ACTIVE: ["SHADOW", "RETIRED"],
  RETIRED: ["SHADOW"],
};

/** The statuses a rule may have next. */
export function nextStatuses(status: RuleStatus): readonly RuleStatus[] {
  return FOLLOWS[status];
}

/**
 * The next version of a rule. A new one is tried first, or is a draft; one in force stays in force, so that nobody goes
 * unwatched while it is changed; a retired one is tried again.
 */
export function nextRule(
  id: string,
  known: AlertRule | null,
  draft: RuleDraft,
  { isDraft, author }: { readonly isDraft: boolean; readonly author: string },
): AlertRule {
  const isNew = known === null || known.status === "DRAFT" || known.status === "RETIRED";
  const status = isNew ? (isDraft ? "DRAFT" : "SHADOW") : known.status;
  return { ...draft, id, version: (known?.version ?? 0) + 1, status, author };
}

const FIELDS: Readonly<Record<string, string>> = {
  delayMs: "delay",
  clearDelayMs: "clearDelay",
  windowMs: "window",
  reAlarmMs: "reAlarm",
  staleAfterMs: "staleAfter",
};

/** Every fault of a rule, by the fields as clients name them. */
export function ruleFaults(rule: AlertRule): readonly RuleFault[] {
  const rationale = rule.rationale === null ? [fault("rationale", null, "why it is so")] : [];
  return [...checkRule(rule), ...rationale].map((one) => ({ ...one, field: FIELDS[one.field] ?? one.field }));
}

const LONGEST_TEXT = 2_000;
const LONGEST_NAME = 200;
const LONGEST_STALE_MS = 7 * 24 * 60 * 60 * 1000;
const LEAST_STALE_MS = 1_000;

/** Scale 2 is for hypercapnic failure alone: who prescribed it stands beside it. */
export function planFaults(plan: PlanDraft): readonly RuleFault[] {
  const { spo2Scale, prescriber, reason, ceilingOfCare, validFrom, validTo } = plan;
  return [
    ...((spo2Scale as number) === 1 || (spo2Scale as number) === 2 ? [] : [fault("spo2Scale", spo2Scale, "1 or 2")]),
    ...(spo2Scale === 2 && (prescriber ?? "").trim() === ""
      ? [fault("prescriber", prescriber, "who prescribed SpO2 scale 2")]
      : []),
    ...textFaults("prescriber", prescriber, LONGEST_NAME),
    ...textFaults("reason", reason, LONGEST_TEXT),
    ...textFaults("ceilingOfCare", ceilingOfCare, LONGEST_NAME),
    ...(validTo === null || validTo > validFrom
      ? []
      : [fault("validTo", new Date(validTo).toISOString(), "a time after validFrom")]),
  ];
}

/** Of something that people name. */
export function nameFaults(id: string, name: string): readonly RuleFault[] {
  return [
    ...(isId(id) ? [] : [fault("id", id.slice(0, LONGEST_NAME), "a name of 1 to 128 characters")]),
    ...textFaults("name", name, LONGEST_NAME),
  ];
}

/** A name a Kafka topic may have, and a file. */
const TOPIC_NAME = /^(?!\.{1,2}$|__)[\w.-]{1,249}$/;

export function sourceFaults({ id, staleAfterMs, zone, topic = null }: SourceFacts): readonly RuleFault[] {
  return [
    ...(topic === null || TOPIC_NAME.test(topic)
      ? []
      : [fault("topic", topic.slice(0, LONGEST_NAME), "1 to 249 letters, digits, dots, hyphens and underscores")]),
    ...(isId(id) ? [] : [fault("id", id.slice(0, LONGEST_NAME), "a name of 1 to 128 characters")]),
    ...(staleAfterMs >= LEAST_STALE_MS && staleAfterMs <= LONGEST_STALE_MS
      ? []
      : [fault("staleAfter", staleAfterMs, "a second to seven days")]),
    ...(zone === null || isZone(zone) ? [] : [fault("zone", zone, "an IANA time zone such as Europe/Paris")]),
  ];
}

function textFaults(field: string, text: string | null, most: number): readonly RuleFault[] {
  if (text === null || (text.trim() !== "" && text.length <= most)) return [];
  return [fault(field, text.slice(0, LONGEST_NAME), `1 to ${String(most)} characters`)];
}

function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function fault(field: string, found: unknown, expected: string): RuleFault {
  return { field, found: typeof found === "string" ? found : JSON.stringify(found), expected };
}
