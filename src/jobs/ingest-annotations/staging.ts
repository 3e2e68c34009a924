import { contigRank } from "../../domain/contig.js";
import type { Gene, GeneDisease } from "../../domain/gene.js";
import type { ClinicalStatement } from "../../domain/clinical.js";
import { createTable, type AppendValue, type ColumnType, type TableAppender } from "../../engine/appender.js";
import type { Engine } from "../../engine/duckdb.js";
import type { AnnotationRecord, AnnotationRejection, Unsourced } from "../../ingest/sources/annotations/index.js";
import type { KnowledgeTable } from "../../lake/annotation-reader.js";
import { createContentHash } from "../ingest-variants/content-hash.js";

const ROW = {
  row_index: "integer",
  file_index: "integer",
  line: "integer",
  row_key: "text",
  content_hash: "bigint",
} as const;
const PLACE = { build: "text", contig: "text", contig_rank: "integer" } as const;
const TABLES = {
  annotations: {
    ...ROW,
    ...PLACE,
    pos: "integer",
    ref: "text",
    alt: "text",
    variation_id: "text",
    kind: "text",
    significance: "text",
    classifications: "text",
    conflicting: "boolean",
    significance_group: "text",
    review_status: "text",
    gold_stars: "integer",
    conditions: "text",
    last_evaluated: "text",
    gene_symbols: "text",
    evidence: "text",
  },
  genes: {
    ...ROW,
    ...PLACE,
    start_pos: "integer",
    end_pos: "integer",
    gene_id: "text",
    ensembl_id: "text",
    hgnc_id: "text",
    symbol: "text",
    name: "text",
  },
  gene_disease: { ...ROW, symbol: "text", system: "text", code: "text", name: "text", evidence: "text" },
} as const satisfies Readonly<Record<KnowledgeTable, Readonly<Record<string, ColumnType>>>>;

/** The columns that make two rows of one release the same, in the order their values are joined to a key. */
export const ROW_KEYS: Readonly<Record<KnowledgeTable, readonly string[]>> = {
  annotations: ["build", "contig", "CAST(pos AS VARCHAR)", "ref", "alt", "variation_id", "kind"],
  genes: ["build", "gene_id"],
  gene_disease: ["symbol", "system", "code"],
};

/** Rows on their way into the tables, on disk: memory does not grow with a file. */
export interface AnnotationStaging {
  stage(fileIndex: number, line: number, record: AnnotationRecord): void;
  /** A record of which only the line number is known; its text is fetched later. */
  reject(fileIndex: number, rejection: AnnotationRejection): void;
  flush(): void;
}

export async function createAnnotationStaging(engine: Engine): Promise<AnnotationStaging> {
  const appenders = {} as Record<KnowledgeTable | "rejections", TableAppender>;
  const tables = {
    ...TABLES,
    rejections: {
      file_index: "integer",
      line: "integer",
      field: "text",
      rule: "text",
      expected: "text",
      found: "text",
    },
  } as const;
  for (const [name, columns] of Object.entries(tables) as [keyof typeof tables, Record<string, ColumnType>][]) {
    appenders[name] = await createTable(engine, `staged_${name}`, columns);
  }
  let rows = 0;

  function append(
    table: KnowledgeTable,
    fileIndex: number,
    line: number,
    key: readonly AppendValue[],
    cells: readonly AppendValue[],
  ): void {
    const hash = createContentHash();
    for (const cell of cells) hash.addText(cell === null ? "\0" : String(cell));
    appenders[table].append([rows, fileIndex, line, key.join("\t"), hash.digest(), ...cells]);
    rows += 1;
  }

  return {
    stage(fileIndex, line, record) {
      switch (record.kind) {
        case "clinical":
          for (const statement of record.statements) {
            const { build, contig, pos, ref, alt, variationId, kind } = statement;
            append(
              "annotations",
              fileIndex,
              line,
              [build, contig, pos, ref, alt, variationId, kind],
              cellsOf(statement),
            );
          }
          break;
        case "gene":
          append("genes", fileIndex, line, [record.gene.build, record.gene.geneId], geneCells(record.gene));
          break;
        case "geneDisease": {
          const { symbol, system, code } = record.geneDisease;
          append("gene_disease", fileIndex, line, [symbol, system, code], diseaseCells(record.geneDisease));
        }
      }
    },
    reject(fileIndex, { line, field, rule, expected, found }) {
      appenders.rejections.append([fileIndex, line, field, rule, expected, found]);
    },
    flush() {
      for (const appender of Object.values(appenders)) appender.flush();
    },
  };
}

function cellsOf(row: Unsourced<ClinicalStatement>): readonly AppendValue[] {
  return [
    row.build,
    row.contig,
    contigRank(row.contig),
    row.pos,
    row.ref,
    row.alt,
    row.variationId,
    row.kind,
    row.significance,
    textOf(row.classifications, "|"),
    row.conflicting,
    row.group,
    row.reviewStatus,
    row.goldStars,
    row.conditions.length === 0 ? null : JSON.stringify(row.conditions),
    row.lastEvaluated,
    textOf(row.geneSymbols, ","),
    row.evidence,
  ];
}

function geneCells(gene: Unsourced<Gene>): readonly AppendValue[] {
  const { build, contig, start, end, geneId, ensemblId, hgncId, symbol, name } = gene;
  return [build, contig, contigRank(contig), start, end, geneId, ensemblId, hgncId, symbol, name];
}

function diseaseCells({ symbol, system, code, name, evidence }: Unsourced<GeneDisease>): readonly AppendValue[] {
  return [symbol, system, code, name, evidence];
}

function textOf(list: readonly string[], separator: string): string | null {
  return list.length === 0 ? null : list.join(separator);
}
