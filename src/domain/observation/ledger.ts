import type { ObservationsCounted } from "../events/observation.js";
import { countRule, total, type RuleCounts } from "../ledger.js";

/** Where every reading of a source or a submission went; late is a part of accepted. */
export interface ObservationLedger {
  readonly read: number;
  readonly accepted: number;
  readonly late: number;
  readonly duplicates: number;
  readonly rejected: RuleCounts;
}

export const EMPTY_LEDGER: ObservationLedger = { read: 0, accepted: 0, late: 0, duplicates: 0, rejected: {} };

/** Both together. */
export function addLedger(
  left: ObservationLedger,
  right: Pick<ObservationsCounted, keyof ObservationLedger>,
): ObservationLedger {
  const rejected = { ...left.rejected };
  for (const [rule, count] of Object.entries(right.rejected)) countRule(rejected, rule, count);
  return {
    read: left.read + right.read,
    accepted: left.accepted + right.accepted,
    late: left.late + right.late,
    duplicates: left.duplicates + right.duplicates,
    rejected,
  };
}

/** Whether nothing is unaccounted for. */
export function isLedgerBalanced({ read, accepted, late, duplicates, rejected }: ObservationLedger): boolean {
  return read === accepted + duplicates + total(rejected) && late <= accepted;
}

/** As clients see it: rules by name, and whether the sum holds. */
export function shownLedger(ledger: ObservationLedger): ShownLedger {
  const rejected = Object.entries(ledger.rejected)
    .map(([rule, count]) => ({ rule, count }))
    .sort((left, right) => (left.rule < right.rule ? -1 : 1));
  return { ...ledger, rejected, balanced: isLedgerBalanced(ledger) };
}

export interface ShownLedger extends Omit<ObservationLedger, "rejected"> {
  readonly rejected: readonly { readonly rule: string; readonly count: number }[];
  readonly balanced: boolean;
}
