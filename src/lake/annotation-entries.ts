import type { ClinicalKind, ConditionCoding, SignificanceGroup } from "../domain/clinical.js";
import type { Build } from "../domain/contig.js";
import { cellRows } from "../engine/columns.js";
import type { Engine } from "../engine/duckdb.js";
import { encodeGene, encodeGeneDisease, encodeStatement } from "./annotation-row.js";
import type { IndexEntry } from "./key-index.js";
import { alleleKey, namePrefix, placePrefix, positionBytes } from "./variant-keys.js";

/** `annotations`: allele, then variation and kind; so all that is said of an allele are neighbours. */
export async function* statementEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const query = `SELECT build, contig, pos, ref, alt, variation_id, kind, significance, classifications, conflicting,
      significance_group, review_status, gold_stars, conditions, last_evaluated, gene_symbols, evidence
    FROM ${source} ORDER BY build, contig_rank, contig, pos, ref, alt, variation_id, kind`;
  for await (const cell of cellRows(engine, query)) {
    const text = (column: number): string | null => cell(column) as string | null;
    const list = (column: number, separator: string): string[] => text(column)?.split(separator) ?? [];
    const statement = {
      build: cell(0) as Build,
      contig: cell(1) as string,
      pos: cell(2) as number,
      ref: cell(3) as string,
      alt: cell(4) as string,
      variationId: cell(5) as string,
      kind: cell(6) as ClinicalKind,
      significance: cell(7) as string,
      classifications: list(8, "|"),
      conflicting: cell(9) as boolean,
      group: cell(10) as SignificanceGroup,
      reviewStatus: text(11),
      goldStars: cell(12) as number | null,
      conditions: JSON.parse(text(13) ?? "[]") as ConditionCoding[],
      lastEvaluated: text(14),
      geneSymbols: list(15, ","),
      evidence: text(16),
    };
    const tail = Buffer.from(`${statement.variationId}\0${statement.kind}`);
    yield { key: Buffer.concat([alleleKey("annotation", statement), tail]), value: encodeStatement(statement) };
  }
}

/** `genes`: intervals by position, then names (symbol, ids) that lead to them. */
export async function* geneEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const query = `SELECT build, contig, start_pos, end_pos, gene_id, ensembl_id, hgnc_id, symbol, name
    FROM ${source} ORDER BY build, contig_rank, contig, start_pos, gene_id`;
  const named: { readonly key: Buffer; readonly value: Buffer }[] = [];
  for await (const cell of cellRows(engine, query)) {
    const text = (column: number): string | null => cell(column) as string | null;
    const gene = {
      build: cell(0) as Build,
      contig: cell(1) as string,
      start: cell(2) as number,
      end: cell(3) as number,
      geneId: cell(4) as string,
      ensemblId: text(5),
      hgncId: text(6),
      symbol: cell(7) as string,
      name: text(8),
    };
    const prefix = placePrefix("gene", gene.build, gene.contig);
    const key = Buffer.concat([prefix, positionBytes(gene.start), Buffer.from(gene.geneId)]);
    const names = [gene.symbol, gene.geneId, gene.ensemblId].filter((name) => name !== null);
    for (const name of new Set(names.map((text) => text.toLowerCase()))) {
      named.push({ key: Buffer.concat([namePrefix("geneName", name), key]), value: key });
    }
    yield { key, value: encodeGene(gene), prefixLength: prefix.length, end: gene.end + 1 };
  }
  yield* named.sort((left, right) => Buffer.compare(left.key, right.key));
}

/** `gene_disease`: by symbol. */
export async function* geneDiseaseEntries(engine: Engine, source: string): AsyncGenerator<IndexEntry> {
  const query = `SELECT symbol, system, code, name, evidence FROM ${source} ORDER BY lower(symbol), symbol, system, code`;
  const entries: IndexEntry[] = [];
  for await (const cell of cellRows(engine, query)) {
    const row = {
      symbol: cell(0) as string,
      system: cell(1) as string,
      code: cell(2) as string,
      name: cell(3) as string | null,
      evidence: cell(4) as string | null,
    };
    const tail = Buffer.from(`${row.symbol}\0${row.system}\0${row.code}`);
    entries.push({ key: Buffer.concat([namePrefix("geneDisease", row.symbol), tail]), value: encodeGeneDisease(row) });
  }
  yield* entries.sort((left, right) => Buffer.compare(left.key, right.key));
}
