import type { AlertRule } from "../rule.js";

/** The rules in force or being tried, by what they look at. */
export interface RuleIndex {
  readonly byId: ReadonlyMap<string, AlertRule>;
  /** On single readings, by code. */
  readonly thresholds: ReadonlyMap<string, readonly AlertRule[]>;
  /** On final windows, by code, and milliseconds the longest looks back. */
  readonly windows: ReadonlyMap<string, { readonly rules: readonly AlertRule[]; readonly longestMs: number }>;
  /** On sets of readings. */
  readonly sets: readonly AlertRule[];
  readonly silences: readonly AlertRule[];
  readonly technical: readonly AlertRule[];
  /** Some rule in force needs an age. */
  readonly needsAge: boolean;
}

const NONE: readonly AlertRule[] = [];
const INDEXES = new WeakMap<readonly AlertRule[], RuleIndex>();

/** The same for the same list; it depends on the list alone. */
export function indexRules(rules: readonly AlertRule[]): RuleIndex {
  const known = INDEXES.get(rules);
  if (known !== undefined) return known;
  const made = makeIndex(rules.filter(({ status }) => status === "ACTIVE" || status === "SHADOW"));
  INDEXES.set(rules, made);
  return made;
}

export function thresholdsOf(index: RuleIndex, code: string): readonly AlertRule[] {
  return index.thresholds.get(code) ?? NONE;
}

function makeIndex(rules: readonly AlertRule[]): RuleIndex {
  const of = (...kinds: readonly AlertRule["kind"][]): readonly AlertRule[] =>
    rules.filter(({ kind }) => kinds.includes(kind));
  const windows = byCode(of("MOVING_AVERAGE", "TREND"));
  return {
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    thresholds: byCode(of("THRESHOLD")),
    windows: new Map(
      [...windows].map(([code, own]) => [
        code,
        { rules: own, longestMs: Math.max(...own.map(({ windowMs }) => windowMs ?? 0)) },
      ]),
    ),
    sets: of("SCORE", "COMBINATION"),
    silences: of("STALE_DATA"),
    technical: of("TECHNICAL"),
    needsAge: rules.some(
      ({ status, appliesTo }) => status === "ACTIVE" && (appliesTo.ageMin ?? appliesTo.ageMax) !== null,
    ),
  };
}

function byCode(rules: readonly AlertRule[]): ReadonlyMap<string, readonly AlertRule[]> {
  const found = new Map<string, AlertRule[]>();
  for (const rule of rules) {
    if (rule.code !== null) found.set(rule.code, [...(found.get(rule.code) ?? []), rule]);
  }
  return found;
}
