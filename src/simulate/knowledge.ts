import knowledge from "../../reference/simulated-knowledge.json" with { type: "json" };

/** A file of facts about the simulated regions, and the release it is an excerpt of. */
export interface KnowledgeFile {
  /** Below the folder of the demo. */
  readonly path: string;
  readonly source: string;
  readonly release: string;
  readonly header: readonly string[];
  /** Cells by column. */
  rowsOf(genes: readonly string[]): readonly (readonly (string | number)[])[];
}

type GeneRow = readonly [symbol: string, contig: string, start: number, end: number, ensemblId: string, name: string];
type StatementRow = readonly [
  gene: string,
  contig: string,
  pos: number,
  ref: string,
  alt: string,
  variationId: number,
  significance: string,
  reviewStatus: string,
  conditions: string,
];

/** Excerpts, and named so: what is not in them is in the whole release perhaps. */
export const KNOWLEDGE_FILES: readonly KnowledgeFile[] = [
  {
    path: "annotations/genes.tsv",
    source: "ensembl-excerpt",
    release: knowledge.sources["ensembl-excerpt"].release,
    header: ["symbol", "chrom", "start", "end", "ensembl_id", "description"],
    rowsOf: (genes) => (knowledge.genes.rows as unknown as GeneRow[]).filter(([symbol]) => genes.includes(symbol)),
  },
  {
    path: "annotations/clinvar.tsv",
    source: "clinvar-excerpt",
    release: knowledge.sources["clinvar-excerpt"].release,
    header: ["chrom", "pos", "ref", "alt", "clinvar_variation_id", "clnsig", "clnrevstat", "diseases"],
    rowsOf: (genes) =>
      (knowledge.statements.rows as unknown as StatementRow[])
        .filter(([gene]) => genes.includes(gene))
        .map(([, ...cells]) => cells),
  },
];
