import type { ClinicalStatement } from "../../../domain/clinical.js";
import type { Build } from "../../../domain/contig.js";
import { alleleOf, contigOf, dateOf, positionOf, statedBuild } from "./cells.js";
import { statementsOf, type ClinVarClassification } from "./clinvar-statement.js";
import { conditionsOfLists, conditionsOfTable } from "./conditions.js";
import { columnFinder, rowFault, type TableRow } from "./table.js";
import type { AnnotationFilter, Unsourced } from "./types.js";

type ClinVarRow = readonly Unsourced<ClinicalStatement>[] | AnnotationFilter;

/**
 * ClinVar as a table: NCBI's `variant_summary`, or a flat table with columns such as `chrom pos ref alt clnsig
 * clnrevstat`. Positions are those of the VCF, 1-based; a row's own `Assembly` goes before what the caller states.
 */
export function clinVarReader(columns: readonly string[], stated: Build | null): (row: TableRow) => ClinVarRow {
  const find = columnFinder(columns);
  const at = {
    assembly: find("assembly"),
    contig: find("chrom", "chromosome"),
    pos: find("positionvcf", "pos"),
    ref: find("referenceallelevcf", "ref"),
    alt: find("alternateallelevcf", "alt"),
    variationId: find("variationid", "clinvar_variation_id", "variation_id"),
    symbols: find("genesymbol", "symbol"),
    diseases: find("diseases", "all_traits"),
    names: find("phenotypelist"),
    ids: find("phenotypeids"),
    conflicted: find("conflicted"),
    submissions: find("scv", "scvsforaggregategermlineclassification"),
  };
  const kinds = [
    {
      kind: "germline",
      significance: find("clnsig", "clinicalsignificance", "clinical_significance"),
      reviewStatus: find("clnrevstat", "reviewstatus", "review_status"),
      conflicts: find("clnsigconf"),
      lastEvaluated: find("lastevaluated", "last_evaluated"),
    },
    {
      kind: "oncogenicity",
      significance: find("oncogenicity"),
      reviewStatus: find("reviewstatusoncogenicity"),
      conflicts: -1,
      lastEvaluated: find("oncogenicitylastevaluated"),
    },
    {
      kind: "somatic_impact",
      significance: find("somaticclinicalimpact"),
      reviewStatus: find("reviewstatusclinicalimpact"),
      conflicts: -1,
      lastEvaluated: find("somaticclinicalimpactlastevaluated"),
    },
  ] as const;
  const fileBuild = at.assembly < 0 ? statedBuild(stated) : stated;

  return (row) => {
    const assembly = row.text(at.assembly);
    if (at.assembly >= 0 && assembly !== "GRCh37" && assembly !== "GRCh38") return "OTHER_ASSEMBLY";
    const build = assembly ?? fileBuild;
    if (build !== "GRCh37" && build !== "GRCh38") throw rowFault("assembly", "ASSEMBLY", build ?? "nothing");
    if (fileBuild !== null && build !== fileBuild) return "OTHER_ASSEMBLY";
    const ref = row.text(at.ref);
    const alt = row.text(at.alt);
    const place = row.text(at.pos);
    if (alt === null || ref === null || place === "-1") return "NO_ALTERNATE";
    const contig = contigOf("chrom", row.text(at.contig));
    const allele = alleleOf(positionOf("pos", place, build, contig), ref, alt);
    const conditions =
      at.diseases >= 0
        ? conditionsOfTable(row.text(at.diseases))
        : conditionsOfLists(row.text(at.names), row.text(at.ids));
    const symbols = row.text(at.symbols)?.split(/[;,|]/) ?? [];
    const statements = statementsOf(
      { ...allele, build, contig, variationId: row.text(at.variationId), geneSymbols: symbols },
      kinds.map((kind): ClinVarClassification => ({
        kind: kind.kind,
        significance: row.text(kind.significance),
        reviewStatus: row.text(kind.reviewStatus),
        conflicts: row.text(kind.conflicts),
        conflicting: kind.kind === "germline" && row.text(at.conflicted) === "1",
        conditions: kind.kind === "germline" ? conditions : [],
        lastEvaluated: dateOf("last evaluated", row.text(kind.lastEvaluated)),
        submissions: kind.kind === "germline" ? row.text(at.submissions) : null,
      })),
    );
    return statements.length === 0 ? "NO_CLASSIFICATION" : statements;
  };
}

export function isClinVarTable(columns: readonly string[]): boolean {
  const find = columnFinder(columns);
  return (
    find("ref", "referenceallelevcf") >= 0 &&
    find("alt", "alternateallelevcf") >= 0 &&
    find("clnsig", "clinicalsignificance", "clinical_significance") >= 0
  );
}
