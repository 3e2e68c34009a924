import { COUNT_FIELDS, COUNT_WIDTH, type CountField } from "../../src/domain/counts.js";
import type { ClinicalStatement } from "../../src/domain/clinical.js";
import type { SampleGroup } from "../../src/domain/sample.js";
import { variantId } from "../../src/domain/variant.js";
import type { NumberRange, Predicate, Truth } from "../../src/domain/variant-filter.js";
import type { Zygosity } from "../../src/domain/zygosity.js";
import type { CallRow } from "../../src/lake/call-row.js";
import { createCallSetDirectory, type CallSetFacts } from "../../src/lake/call-sets.js";
import type { VariantRow } from "../../src/lake/variant-row.js";
import { matches, type MatchContext, type VariantGroup } from "../../src/views/variant-match.js";
import { buildVariantRow } from "../helpers/variant-row.js";

const GROUPS: readonly SampleGroup[] = [
  { population: null, sex: null },
  { population: null, sex: "female" },
  { population: "EUR", sex: null },
];
function callSet(id: string, name: string | null, samples: readonly string[]): CallSetFacts {
  const rest = { build: "GRCh38", kind: "COHORT_VARIANTS_ONLY", caller: null, files: [], sites: 1 } as const;
  return { id, name, samples, facts: new Map(), flags: [], ...rest };
}
const callSets = createCallSetDirectory(
  [callSet("cs-1", "first", ["A", "B", "C"]), callSet("cs-2", "second", ["C", "D"]), callSet("cs-3", "sites", [])],
  new Map([["g-1", GROUPS]]),
);

/** Counts of the groups above, in their order. */
export function counts(...groups: readonly Partial<Record<CountField, number>>[]): Int32Array {
  const flat = new Int32Array(GROUPS.length * COUNT_WIDTH);
  groups.forEach((group, index) => {
    COUNT_FIELDS.forEach((field, at) => (flat[index * COUNT_WIDTH + at] = group[field] ?? 0));
  });
  return flat;
}
export function row(overrides: Partial<VariantRow> = {}): VariantRow {
  return buildVariantRow({ callSetId: "cs-1", groupCounts: counts({ ac: 1, an: 6 }), ...overrides });
}
export function call(sampleIndex: number, gt: string): CallRow {
  return { sampleIndex, gt, phaseSet: null, dp: null, gq: null, adRef: null, adAlt: null, filters: null };
}
export interface Setting {
  readonly rows: readonly [VariantRow, ...VariantRow[]];
  readonly calls: ReadonlyMap<string, readonly CallRow[]>;
  readonly statements: readonly ClinicalStatement[];
}
export function ask(predicate: Predicate, setting: Partial<Setting> = {}): Truth {
  const group: VariantGroup = { rows: setting.rows ?? [row()] };
  const context: MatchContext = {
    callSets,
    callsOf: ({ callSetId }) => setting.calls?.get(callSetId) ?? [],
    statementsOf: (key) => (variantId(key) === variantId(group.rows[0]) ? (setting.statements ?? []) : []),
  };
  return matches(predicate, group, context);
}

export const NONE: NumberRange = { gt: null, gte: null, lt: null, lte: null, includeMissing: false };
export function not(part: Predicate): Predicate {
  return { kind: "not", part };
}
export function record(overrides: Partial<Extract<Predicate, { kind: "record" }>>): Predicate {
  return { kind: "record", qual: null, filters: null, passOnly: false, ...overrides };
}
export function frequency(overrides: Partial<Extract<Predicate, { kind: "frequency" }>>): Predicate {
  return { kind: "frequency", source: null, population: null, sex: null, af: NONE, ...overrides };
}
export function samples(
  names: readonly string[],
  zygosities: readonly Zygosity[],
  callSetName: string | null = null,
): Predicate {
  return { kind: "samples", samples: names, callSet: callSetName, zygosities };
}
