import type { ClinicalStatement, KnowledgeSource } from "../domain/clinical.js";
import type { Build } from "../domain/contig.js";
import type { Gene, GeneDisease } from "../domain/gene.js";
import type { VariantKey } from "../domain/variant.js";
import { decodeGene, decodeGeneDisease, decodeStatement } from "./annotation-row.js";
import { filesOf, type Catalog, type DataFile } from "./catalog.js";
import type { KeyIndex } from "./key-index.js";
import { afterPrefix, alleleKey, namePrefix, placePrefix } from "./variant-keys.js";

/** Tables of knowledge; each of their data files holds one release of one source. */
export const KNOWLEDGE_TABLES = ["genes", "gene_disease", "annotations"] as const;
export type KnowledgeTable = (typeof KNOWLEDGE_TABLES)[number];

/** What the sources of one snapshot say, straight from their key indexes. Nothing here runs SQL. */
export interface AnnotationReader {
  /** Every release in the snapshot, by name and version: also those that say nothing about an allele. */
  readonly sources: readonly KnowledgeSource[];
  /** What is said of exactly these alleles, in their order. The same position with another allele says nothing. */
  statementsOf(keys: readonly VariantKey[]): readonly (readonly ClinicalStatement[])[];
  /** Genes that overlap each of the alleles' REF, in their order; on both strands, by start. */
  genesOver(keys: readonly VariantKey[]): readonly (readonly Gene[])[];
  /** Genes of this symbol or id, in any case. */
  genesNamed(name: string): readonly Gene[];
  diseasesOf(symbol: string): readonly GeneDisease[];
}

interface SourcedIndex {
  readonly source: KnowledgeSource;
  readonly build: Build | null;
  readonly index: KeyIndex;
}

export function createAnnotationReader(
  catalog: Catalog,
  openIndexes: (file: DataFile) => readonly KeyIndex[],
): AnnotationReader {
  const indexed = (table: KnowledgeTable): readonly SourcedIndex[] =>
    filesOf(catalog, table).flatMap((file) => {
      const { source, build } = releaseOf(file);
      return openIndexes(file).map((index) => ({ source, build, index }));
    });
  const statements = indexed("annotations");
  const genes = indexed("genes");
  const diseases = indexed("gene_disease");
  return {
    sources: sourcesOf(catalog),
    statementsOf: (keys) =>
      keys.map((key) => {
        const from = alleleKey("annotation", key);
        const to = afterPrefix(from);
        return statements.flatMap(({ source, build, index }) =>
          build !== key.build
            ? []
            : [...index.scan(from, to)].map(({ value }) => ({ source, ...decodeStatement(value) })),
        );
      }),
    genesOver: (keys) =>
      keys.map((key) => {
        const prefix = placePrefix("gene", key.build, key.contig);
        return genes.flatMap(({ source, build, index }) =>
          build !== key.build
            ? []
            : [...index.overlapping(prefix, key.pos, key.pos + key.ref.length)].map(({ value }) => ({
                source,
                ...decodeGene(value),
              })),
        );
      }),
    genesNamed(name) {
      const from = namePrefix("geneName", name);
      return genes.flatMap(({ source, index }) =>
        [...index.scan(from, afterPrefix(from))].flatMap(({ value }) => {
          const found = index.get(value);
          return found === null ? [] : [{ source, ...decodeGene(found) }];
        }),
      );
    },
    diseasesOf(symbol) {
      const from = namePrefix("geneDisease", symbol);
      return diseases.flatMap(({ source, index }) =>
        [...index.scan(from, afterPrefix(from))].map(({ value }) => ({ source, ...decodeGeneDisease(value) })),
      );
    },
  };
}

/** The release one data file of a knowledge table holds. */
export function releaseOf(file: DataFile): { readonly source: KnowledgeSource; readonly build: Build | null } {
  const { source, version, released, build } = file.meta;
  return {
    source: {
      name: typeof source === "string" ? source : "",
      version: typeof version === "string" ? version : "",
      released: typeof released === "string" ? released : null,
    },
    build: build === "GRCh37" || build === "GRCh38" ? build : null,
  };
}

/** Releases of a snapshot, each once, by name and version. */
export function sourcesOf(catalog: Catalog): readonly KnowledgeSource[] {
  const byName = new Map<string, KnowledgeSource>();
  for (const table of KNOWLEDGE_TABLES) {
    for (const file of filesOf(catalog, table)) {
      const { source } = releaseOf(file);
      const key = `${source.name}\n${source.version}`;
      if (byName.get(key)?.released == null) byName.set(key, source);
    }
  }
  return [...byName].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, source]) => source);
}
