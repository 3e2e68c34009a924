import type { KnowledgeSource } from "./clinical.js";
import type { Build } from "./contig.js";

/** A gene as one release of one gene table places it. Positions are 1-based, both ends included. */
export interface Gene {
  readonly source: KnowledgeSource;
  readonly build: Build;
  readonly contig: string;
  readonly start: number;
  readonly end: number;
  /** HGNC id where the table gives it, else the Ensembl id. */
  readonly geneId: string;
  readonly ensemblId: string | null;
  readonly hgncId: string | null;
  /** An alias: several genes may share it, such as the two copies of a pseudoautosomal gene. */
  readonly symbol: string;
  readonly name: string | null;
}

/** A disease that one release of one source ties to a gene. */
export interface GeneDisease {
  readonly source: KnowledgeSource;
  readonly symbol: string;
  readonly system: string;
  readonly code: string;
  readonly name: string | null;
  /** What the source counts as evidence, as it writes it; null where it gives none. */
  readonly evidence: string | null;
}
