import type { InputPosition, ObservationsCounted, ObservedRecord } from "../../domain/events/observation.js";
import { countRule } from "../../domain/ledger.js";
import type { ObservedPlace } from "./facts.js";
import type { Verdict } from "./judge.js";

/** A record and what became of it. */
export interface Judged {
  readonly observed: ObservedRecord;
  readonly place: ObservedPlace;
  readonly verdicts: readonly Verdict[];
}

interface Sum {
  readonly source: string;
  readonly submission: string | null;
  key: string;
  input: InputPosition;
  accepted: number;
  late: number;
  duplicates: number;
  readonly rejected: Record<string, number>;
}

/**
 * What became of a stretch of one partition, for each source and submission in it, in the order of their first records; to be
 * written under the key of the last. Every reading is counted once: read = accepted + rejected + duplicates; so is a message that
 * gives none.
 */
export function countVerdicts(
  judged: Iterable<Judged>,
): readonly { readonly key: string; readonly counted: ObservationsCounted }[] {
  const sums = new Map<string, Sum>();
  for (const { observed, place, verdicts } of judged) {
    const { source, submission } = observed;
    const name = JSON.stringify([source, submission]);
    const sum = sums.get(name) ?? { source, submission, ...place, accepted: 0, late: 0, duplicates: 0, rejected: {} };
    sums.set(name, sum);
    sum.key = place.key;
    sum.input = place.input;
    for (const verdict of verdicts) count(sum, verdict);
  }
  return [...sums.values()].map(({ key, ...sum }) => {
    const refused = Object.values(sum.rejected).reduce((total, one) => total + one, 0);
    return { key, counted: { schema: 1, read: sum.accepted + sum.duplicates + refused, ...sum } };
  });
}

function count(sum: Sum, verdict: Verdict): void {
  switch (verdict.kind) {
    case "accepted":
      sum.accepted += 1;
      if (verdict.reading.late) sum.late += 1;
      return;
    case "noted":
      sum.accepted += 1;
      return;
    case "duplicate":
      sum.duplicates += 1;
      return;
    case "rejected":
      countRule(sum.rejected, verdict.rejection.rule);
  }
}
