import { z } from "zod";
import { ALERT_KINDS, ALERT_PRIORITIES, type AlertKind, type AlertPriority } from "./alert.js";

export const RULE_STATUSES = ["DRAFT", "SHADOW", "ACTIVE", "RETIRED"] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

export const COMPARATORS = ["<", "<=", ">", ">="] as const;
export type Comparator = (typeof COMPARATORS)[number];

/**
 * What a TECHNICAL rule calls. AGE_UNKNOWN: rules that need an age are not applied, because it is not known: without it nobody
 * would notice that an adult without a birth date is watched by no limit for adults.
 */
export const TECHNICAL_CAUSES = ["EXTREME_VALUE", "DEVICE_CLOCK", "CONFLICT", "SEQUENCE_GAP", "AGE_UNKNOWN"] as const;
export type TechnicalCause = (typeof TECHNICAL_CAUSES)[number];

/** A limit in the canonical unit of the code. */
export interface ThresholdSpec {
  readonly comparator: Comparator;
  readonly value: number;
  readonly unit: string | null;
}

/** For whom a rule is; a null says nothing. Who is not known to be inside is outside: adult limits never fire for a child. */
export interface RuleScope {
  readonly patientId: string | null;
  /** Whole years, inclusive. */
  readonly ageMin: number | null;
  readonly ageMax: number | null;
}

/** One condition of a COMBINATION. */
export interface RuleTerm {
  readonly code: string;
  readonly limit: ThresholdSpec;
}

/**
 * One version of a rule. What a kind needs beside the common part:
 * THRESHOLD `code`, `limit`; MOVING_AVERAGE also `windowMs`; TREND `code`, `windowMs`, and `limit` on the change over it;
 * STALE_DATA `code` (or null: any), `staleAfterMs`; SCORE `score` and `limit` (on the total or its lower bound) or
 * `singleRed`; COMBINATION `terms`, all at once; TECHNICAL `technical`.
 */
export interface AlertRule {
  readonly id: string;
  readonly version: number;
  readonly kind: AlertKind;
  readonly status: RuleStatus;
  readonly name: string;
  readonly priority: AlertPriority;
  readonly code: string | null;
  readonly limit: ThresholdSpec | null;
  /** When the condition is over; null: as soon as the limit is not broken. */
  readonly clear: ThresholdSpec | null;
  /** How long the condition must hold before the alert. */
  readonly delayMs: number;
  /** How long it must be over before the alert ends. */
  readonly clearDelayMs: number;
  readonly windowMs: number | null;
  readonly score: "NEWS2" | null;
  /** SCORE: also where one parameter alone scores 3. */
  readonly singleRed: boolean;
  readonly terms: readonly RuleTerm[] | null;
  readonly technical: TechnicalCause | null;
  /** An acknowledged alert whose condition stays calls again after so long; null: never. */
  readonly reAlarmMs: number | null;
  /** Readings older than this say nothing any more; of STALE_DATA: the silence that calls. Null: as the source has it. */
  readonly staleAfterMs: number | null;
  /** Goes on calling after the condition has gone, until somebody acknowledges. */
  readonly latching: boolean;
  readonly appliesTo: RuleScope;
  readonly author: string;
  readonly rationale: string | null;
}

const threshold: z.ZodType<ThresholdSpec> = z.object({
  comparator: z.enum(COMPARATORS),
  value: z.number(),
  unit: z.string().nullable(),
});
const lasting = z.number().int().min(0);

export const alertRuleSchema: z.ZodType<AlertRule> = z.object({
  id: z.string().min(1),
  version: z.number().int().min(1),
  kind: z.enum(ALERT_KINDS),
  status: z.enum(RULE_STATUSES),
  name: z.string(),
  priority: z.enum(ALERT_PRIORITIES),
  code: z.string().nullable(),
  limit: threshold.nullable(),
  clear: threshold.nullable(),
  delayMs: lasting,
  clearDelayMs: lasting,
  windowMs: lasting.nullable(),
  score: z.literal("NEWS2").nullable(),
  singleRed: z.boolean(),
  terms: z.array(z.object({ code: z.string(), limit: threshold })).nullable(),
  technical: z.enum(TECHNICAL_CAUSES).nullable(),
  reAlarmMs: lasting.nullable(),
  staleAfterMs: lasting.nullable(),
  latching: z.boolean(),
  appliesTo: z.object({
    patientId: z.string().nullable(),
    ageMin: z.number().nullable(),
    ageMax: z.number().nullable(),
  }),
  author: z.string(),
  rationale: z.string().nullable(),
});

/** Rules of these kinds look at final windows, which the readings of everybody in a partition make so. */
export function looksAtWindows({ kind }: Pick<AlertRule, "kind">): boolean {
  return kind === "MOVING_AVERAGE" || kind === "TREND";
}
