import DataLoader from "dataloader";
import type { Caller } from "../domain/caller.js";
import type { ClinicalStatement, KnowledgeSource } from "../domain/clinical.js";
import type { Gene, GeneDisease } from "../domain/gene.js";
import { variantId, type VariantKey } from "../domain/variant.js";
import { sourcesOf } from "../lake/annotation-reader.js";
import type { Catalog } from "../lake/catalog.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import { policy } from "../policy.js";

/** What is known of one allele in the snapshot it is read from. */
export interface VariantKnowledge {
  readonly genes: readonly ServedGene[];
  readonly clinical: readonly ClinicalStatement[];
  /** Releases that were asked, also those that say nothing: no statement is not "benign". */
  readonly sources: readonly KnowledgeSource[];
}

export type AnnotatedReader = Pick<SnapshotReader, "catalog" | "annotations">;

/** An allele, and where to read what is known of it. */
export interface AnnotationSubject {
  readonly key: VariantKey;
  readonly reader: AnnotatedReader;
}

export interface ServedGene extends Gene {
  readonly reader: AnnotatedReader;
}

export interface AnnotationView {
  /** Exactly this allele's statements, and genes by position; one read of the indexes for all variants of a page. */
  of(variant: AnnotationSubject): Promise<VariantKnowledge>;
  diseasesOf(gene: ServedGene): readonly GeneDisease[];
}

export function createAnnotationView(caller: Caller): AnnotationView {
  const knowledge = new DataLoader<AnnotationSubject, VariantKnowledge, string>(
    async (variants) => {
      policy(caller, "annotations");
      const byReader = groupByReader(variants);
      const found = new Map<string, VariantKnowledge>();
      for (const [reader, own] of byReader) {
        const keys = own.map(({ key }) => key);
        const statements = reader.annotations.statementsOf(keys);
        const genes = reader.annotations.genesOver(keys);
        own.forEach((variant, index) => {
          found.set(cacheKey(variant), {
            clinical: statements[index] ?? [],
            genes: (genes[index] ?? []).map((gene) => ({ ...gene, reader })),
            sources: reader.annotations.sources,
          });
        });
      }
      return Promise.resolve(
        variants.map((variant) => found.get(cacheKey(variant)) ?? { genes: [], clinical: [], sources: [] }),
      );
    },
    { cacheKeyFn: cacheKey },
  );
  return {
    of: async (variant) => knowledge.load(variant),
    diseasesOf(gene) {
      policy(caller, "annotations");
      return gene.reader.annotations.diseasesOf(gene.symbol);
    },
  };
}

function cacheKey({ key, reader }: AnnotationSubject): string {
  return `${String(reader.catalog.snapshot)}\n${variantId(key)}`;
}

function groupByReader(
  variants: readonly AnnotationSubject[],
): ReadonlyMap<AnnotatedReader, readonly AnnotationSubject[]> {
  const groups = new Map<AnnotatedReader, AnnotationSubject[]>();
  for (const variant of variants) {
    const group = groups.get(variant.reader);
    if (group === undefined) groups.set(variant.reader, [variant]);
    else group.push(variant);
  }
  return groups;
}

/** The releases of a snapshot as the API names them. */
export function annotationSourcesOf(catalog: Catalog): readonly ReturnType<typeof servedSource>[] {
  return sourcesOf(catalog).map(servedSource);
}

/** `releasedAt` in milliseconds since the epoch. */
export function servedSource({ name, version, released }: KnowledgeSource): {
  readonly name: string;
  readonly version: string;
  readonly releasedAt: number | null;
} {
  return { name, version, releasedAt: released === null ? null : Date.parse(`${released}T00:00:00Z`) };
}
