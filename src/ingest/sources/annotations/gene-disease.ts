import type { GeneDisease } from "../../../domain/gene.js";
import { codingOf } from "./conditions.js";
import { hasSymbol } from "./gene-table.js";
import { columnFinder, rowFault, type TableRow } from "./table.js";
import type { Unsourced } from "./types.js";

/** Rows that tie a gene to a disease: `symbol`, `disease` as `SYSTEM:id|name`, and how much evidence there is. */
export function geneDiseaseReader(columns: readonly string[]): (row: TableRow) => Unsourced<GeneDisease> {
  const find = columnFinder(columns);
  const symbolAt = find("symbol", "gene_symbol", "hgnc_symbol", "gene_name");
  const diseaseAt = find("disease");
  const evidenceAt = find("evidence", "variants");
  const evidenceName = columns[evidenceAt];
  return (row) => {
    const symbol = row.text(symbolAt);
    if (symbol === null || !/^\S{1,100}$/.test(symbol)) throw rowFault("symbol", "SYMBOL", symbol ?? "nothing");
    const text = row.text(diseaseAt);
    const coding = text === null ? null : codingOf(text);
    if (coding === null) throw rowFault("disease", "DISEASE", text ?? "nothing");
    const evidence = row.text(evidenceAt);
    return {
      symbol,
      system: coding.system,
      code: coding.code,
      name: coding.display,
      evidence: evidence === null ? null : evidenceName === "variants" ? `${evidence} variants` : evidence,
    };
  };
}

export function isGeneDisease(columns: readonly string[]): boolean {
  return hasSymbol(columns) && columnFinder(columns)("disease") >= 0;
}
