import type { Build } from "../../../domain/contig.js";
import type { Gene } from "../../../domain/gene.js";
import { contigOf, positionOf, statedBuild } from "./cells.js";
import { columnFinder, rowFault, type TableRow } from "./table.js";
import type { Unsourced } from "./types.js";

/** Rows of a gene table. `start` and `end` are 1-based with both ends included, as Ensembl gives them. */
export function geneReader(columns: readonly string[], stated: Build | null): (row: TableRow) => Unsourced<Gene> {
  const build = statedBuild(stated);
  const find = columnFinder(columns);
  const at = {
    contig: find("chrom", "chromosome", "contig", "seqname"),
    start: find("start", "gene_start"),
    end: find("end", "gene_end"),
    ensembl: find("ensembl_id", "ensembl_gene_id", "gene_id"),
    hgnc: find("hgnc_id"),
    symbol: find("symbol", "gene_symbol", "hgnc_symbol", "gene_name"),
    name: find("description", "name"),
  };
  return (row) => {
    const contig = contigOf("chrom", row.text(at.contig));
    const start = positionOf("start", row.text(at.start), build, contig);
    const end = positionOf("end", row.text(at.end), build, contig);
    if (end < start) throw rowFault("end", "GENE_ORDER", `${String(start)} to ${String(end)}`);
    const ensemblId = row.text(at.ensembl);
    const hgncId = hgncOf(row.text(at.hgnc));
    const geneId = hgncId ?? ensemblId;
    if (geneId === null || !/^[^\s\0]{1,64}$/.test(geneId)) throw rowFault("gene id", "GENE_ID", geneId ?? "nothing");
    const symbol = row.text(at.symbol);
    if (symbol === null || !/^\S{1,100}$/.test(symbol)) throw rowFault("symbol", "SYMBOL", symbol ?? "nothing");
    return { build, contig, start, end, geneId, ensemblId, hgncId, symbol, name: row.text(at.name) };
  };
}

export function isGeneTable(columns: readonly string[]): boolean {
  const find = columnFinder(columns);
  return find("start", "gene_start") >= 0 && find("end", "gene_end") >= 0 && hasSymbol(columns) && !isAlleles(columns);
}

export function hasSymbol(columns: readonly string[]): boolean {
  return columnFinder(columns)("symbol", "gene_symbol", "hgnc_symbol", "gene_name") >= 0;
}

function isAlleles(columns: readonly string[]): boolean {
  return columnFinder(columns)("ref", "referenceallelevcf") >= 0;
}

/** `1884` and `HGNC:1884` are the same. */
function hgncOf(text: string | null): string | null {
  if (text === null) return null;
  const number = /^(?:HGNC:)?(\d{1,9})$/i.exec(text)?.[1];
  if (number === undefined) throw rowFault("hgnc_id", "GENE_ID", text);
  return `HGNC:${number}`;
}
