import type { Allele } from "../../../domain/allele.js";
import {
  canonicalSignificance,
  classificationsIn,
  conflictingClassifications,
  goldStarsOf,
  isConflicting,
  significanceGroup,
  type ClinicalKind,
  type ClinicalStatement,
  type ConditionCoding,
} from "../../../domain/clinical.js";
import type { Build } from "../../../domain/contig.js";
import { rowFault } from "./table.js";
import type { Unsourced } from "./types.js";

/** What a ClinVar record says whatever its kinds of classification. */
export interface ClinVarRecord extends Allele {
  readonly build: Build;
  readonly contig: string;
  readonly variationId: string | null;
  readonly geneSymbols: readonly string[];
}

/** One kind of classification of a record, as the file writes it. */
export interface ClinVarClassification {
  readonly kind: ClinicalKind;
  readonly significance: string | null;
  readonly reviewStatus: string | null;
  /** `Pathogenic(1)|Uncertain_significance(3)` where submitters conflict. */
  readonly conflicts: string | null;
  readonly conflicting: boolean;
  readonly conditions: readonly ConditionCoding[];
  readonly lastEvaluated: string | null;
  readonly submissions: string | null;
}

const SIGNIFICANCE_LENGTH = 1_000;

/** One statement per kind that has a classification; empty where the record states none. */
export function statementsOf(
  record: ClinVarRecord,
  classifications: readonly ClinVarClassification[],
): readonly Unsourced<ClinicalStatement>[] {
  const stated = classifications.filter(({ significance }) => significance !== null);
  if (stated.length === 0) return [];
  const { variationId } = record;
  if (variationId === null || !/^[\w.:-]{1,40}$/.test(variationId)) {
    throw rowFault("variation id", "VARIATION_ID", variationId ?? "nothing");
  }
  return stated.map((classification): Unsourced<ClinicalStatement> => {
    const text = classification.significance ?? "";
    if (text.length > SIGNIFICANCE_LENGTH) throw rowFault("significance", "SIGNIFICANCE", text);
    const significance = canonicalSignificance(text);
    const { kind, conflicts, conditions, lastEvaluated } = classification;
    const reviewStatus = classification.reviewStatus?.replaceAll(" ", "_") ?? null;
    const conflicting = isConflicting(significance) || classification.conflicting;
    const own = classificationsIn(significance);
    return {
      build: record.build,
      contig: record.contig,
      pos: record.pos,
      ref: record.ref,
      alt: record.alt,
      variationId,
      kind,
      significance,
      classifications:
        conflicts === null
          ? own
          : [...new Set([...conflictingClassifications(conflicts), ...own.filter((part) => !isConflicting(part))])],
      conflicting,
      group: significanceGroup(kind, significance),
      reviewStatus,
      goldStars: goldStarsOf(reviewStatus),
      conditions,
      lastEvaluated,
      geneSymbols: record.geneSymbols,
      evidence: conflicts ?? classification.submissions,
    };
  });
}
