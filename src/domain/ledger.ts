/** How often a rule applied. */
export type RuleCounts = Readonly<Record<string, number>>;

/** Where every input item went. Balanced when nothing is unaccounted for. */
export interface ItemLedger {
  readonly read: number;
  readonly accepted: number;
  readonly filtered: RuleCounts;
  readonly quarantined: RuleCounts;
  readonly duplicates: number;
}

export interface QuarantinedRecord {
  readonly source: string;
  /** `line 12`, 1-based in the decompressed text; `partition 0, offset 12` of the log. */
  readonly position: string;
  /** Null for what has no lines. */
  readonly line: number | null;
  readonly field: string;
  readonly rule: string;
  readonly expected: string;
  readonly found: string;
  readonly raw: string;
}

/** One ledger over input records and one over alternate alleles, for one input file. */
export interface IngestLedger {
  readonly records: ItemLedger;
  readonly alleles: ItemLedger;
}

export function total(counts: RuleCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function isBalanced(ledger: ItemLedger): boolean {
  return ledger.read === ledger.accepted + total(ledger.filtered) + total(ledger.quarantined) + ledger.duplicates;
}

export function countRule(counts: Record<string, number>, rule: string, by = 1): void {
  counts[rule] = (counts[rule] ?? 0) + by;
}
