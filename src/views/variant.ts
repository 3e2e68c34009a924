import DataLoader from "dataloader";
import type { Caller } from "../domain/caller.js";
import type { Build } from "../domain/contig.js";
import { parseVariantId, variantId, type VariantIdType, type VariantKey } from "../domain/variant.js";
import type { Predicate } from "../domain/variant-filter.js";
import type { Catalog } from "../lake/catalog.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import type { VariantRow } from "../lake/variant-row.js";
import { policy } from "../policy.js";
import { genotypesOf, type GenotypePosition, type GenotypeQuestion, type SampleGenotype } from "./genotype-list.js";
import { withGeneRegions } from "./gene-regions.js";
import { samplesOfPatient, withPatientSamples } from "./sample-links.js";
import {
  checkFirst,
  openCursor,
  pageOf,
  pinnedCatalog,
  queryHash,
  type Page,
  type SnapshotViewOptions,
} from "./page.js";
import { countFacets, type FacetCounts, type FacetRequest } from "./variant-facets.js";
import { createVariantListing, keyOf, type VariantOrder, type VariantPosition } from "./variant-list.js";
import type { VariantGroup } from "./variant-match.js";

/** A variant as it is served: with its records, and the snapshot they are from. */
export interface ServedVariant extends VariantGroup {
  readonly key: VariantKey;
  readonly reader: SnapshotReader;
}

export type LookupOutcome = {
  readonly input: string;
  readonly resolvedType: VariantIdType | null;
  readonly variant: ServedVariant | null;
  readonly candidates: readonly ServedVariant[] | null;
  readonly error:
    | "NOT_FOUND"
    | "INVALID_ID"
    | "UNSUPPORTED_ID"
    | "AMBIGUOUS"
    | "ASSEMBLY_MISMATCH"
    | "ASSEMBLY_MISSING"
    | "NOT_ASSAYED"
    | null;
  /** The allele that was meant, also when nobody has it. */
  readonly key: VariantKey | null;
  readonly reader: SnapshotReader;
};

export interface LookupRequest {
  readonly id: string;
  readonly type: VariantIdType;
  readonly build: Build | null;
}

export interface VariantListRequest {
  readonly predicate: Predicate;
  readonly order: VariantOrder;
  readonly snapshot: number | null;
}

export interface VariantPage extends Page<ServedVariant> {
  readonly request: VariantListRequest;
  readonly catalog: Catalog;
}

export interface VariantView {
  /** In the order asked; each has its own outcome. */
  lookup(requests: readonly LookupRequest[]): Promise<readonly LookupOutcome[]>;
  list(request: VariantListRequest, first: number, after: string | null): Promise<VariantPage>;
  /** All matches, counted exactly. */
  count(page: VariantPage): Promise<number>;
  /** All matches, counted exactly by what they are. */
  facets(page: VariantPage, requests: readonly FacetRequest[]): Promise<readonly FacetCounts[]>;
  genotypes(
    variant: GenotypeSubject,
    question: GenotypeQuestion,
    first: number,
    after: string | null,
  ): Promise<Page<ServedGenotype>>;
  countGenotypes(variant: GenotypeSubject, question: GenotypeQuestion): Promise<number>;
}

/** A genotype, and the snapshot it is from. */
export interface ServedGenotype extends SampleGenotype {
  readonly reader: SnapshotReader;
}

/** An allele whose genotypes are asked for; it need not be in any call set. */
export interface GenotypeSubject {
  readonly key: VariantKey;
  readonly rows: readonly VariantRow[];
  readonly reader: SnapshotReader;
}

export function createVariantView(options: SnapshotViewOptions): VariantView {
  const { caller, snapshots, readers, tables, sealer, clock, signal } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "variants");
  let counting: Promise<unknown> = Promise.resolve();

  async function latestReader(): Promise<SnapshotReader> {
    return readers.open(await snapshots.refresh());
  }

  // One snapshot and one pass over the index for all lookups of a request.
  const lookups = new DataLoader<LookupRequest, LookupOutcome, string>(
    async (requests) => {
      allowed();
      const reader = await latestReader();
      return requests.map((request) => lookUp(reader, request));
    },
    { cacheKeyFn: ({ id, type, build }) => `${type}\n${build ?? ""}\n${id}`, maxBatchSize: 10_000 },
  );

  return {
    lookup: async (requests) => Promise.all(requests.map((request) => lookups.load(request))),

    async list(request, first, after) {
      const hash = queryHash([request.predicate, request.order, request.snapshot]);
      const scope = { kind: "variants", tenant: caller.tenant, queryHash: hash, policyHash: allowed().hash };
      const cursor = openCursor(sealer, after, scope);
      const catalog = await pinnedCatalog(snapshots, cursor, request.snapshot);
      const reader = await readers.open(catalog);
      const limit = checkFirst(first);
      const position = cursor === null ? null : (cursor.position as VariantPosition);
      const listing = createVariantListing({ reader, tables, signal });
      const predicate = resolvePredicate(request.predicate, reader, caller);
      const found = await listing.list(predicate, request.order, position, limit + 1);
      const page = pageOf(
        { ...scope, sealer, snapshot: catalog.snapshot, now: clock.now() },
        found.map(({ group, position: at }) => ({ node: serve(reader, group), position: at })),
        limit,
        cursor !== null,
      );
      return { ...page, request: { ...request, predicate }, catalog };
    },

    async count({ request, catalog }) {
      allowed();
      const reader = await readers.open(catalog);
      return createVariantListing({ reader, tables, signal }).count(request.predicate);
    },

    async facets({ request, catalog }, requests) {
      allowed();
      policy(caller, "annotations");
      return countFacets(await readers.open(catalog), tables, request.predicate, requests, signal);
    },

    async genotypes(variant, question, first, after) {
      const calls = policy(caller, "calls");
      const scope = {
        kind: "genotypes",
        tenant: caller.tenant,
        queryHash: queryHash([variantId(variant.key), question]),
        policyHash: calls.hash,
      };
      const cursor = openCursor(sealer, after, scope);
      const limit = checkFirst(first);
      const reader =
        cursor === null || cursor.snapshot === variant.reader.catalog.snapshot
          ? variant.reader
          : await readers.open(await snapshots.get(cursor.snapshot));
      const rows = reader === variant.reader ? variant.rows : reader.rowsOf(variant.key);
      const found: { node: ServedGenotype; position: GenotypePosition }[] = [];
      for (const genotype of genotypesOf(
        reader,
        variant.key,
        rows,
        question,
        cursor === null ? null : (cursor.position as GenotypePosition),
      )) {
        const { callSetId, sampleIndex } = genotype;
        found.push({ node: { ...genotype, reader }, position: { callSetId, sampleIndex } });
        if (found.length > limit) break;
      }
      return pageOf(
        { ...scope, sealer, snapshot: reader.catalog.snapshot, now: clock.now() },
        found,
        limit,
        cursor !== null,
      );
    },

    async countGenotypes(variant, question) {
      policy(caller, "calls");
      // One after the other, each after a turn for everybody else: a page may ask for a thousand of them.
      const counted = counting.then(async () => {
        await new Promise<void>((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        let total = 0;
        for (const genotype of genotypesOf(variant.reader, variant.key, variant.rows, question, null)) {
          void genotype;
          total += 1;
        }
        return total;
      });
      counting = counted.catch(() => 0);
      return counted;
    },
  };
}

/** A predicate with what only a snapshot knows filled in: where genes lie, which samples people have. */
export function resolvePredicate(predicate: Predicate, reader: SnapshotReader, caller: Caller): Predicate {
  const located = withGeneRegions(predicate, (name) => reader.annotations.genesNamed(name));
  return withPatientSamples(located, (patient) => {
    policy(caller, "patients");
    return samplesOfPatient(reader, patient);
  });
}

function serve(reader: SnapshotReader, group: VariantGroup): ServedVariant {
  return { key: keyOf(group), rows: group.rows, reader };
}

function lookUp(reader: SnapshotReader, { id, type, build }: LookupRequest): LookupOutcome {
  const nothing = { input: id, resolvedType: null, variant: null, candidates: null, error: null, key: null, reader };
  const parsed = parseVariantId(id, type);
  switch (parsed.kind) {
    case "invalid":
      return { ...nothing, error: "INVALID_ID" };
    case "unsupported":
      return { ...nothing, resolvedType: parsed.type, error: "UNSUPPORTED_ID" };
    case "name": {
      const candidates = groupRows(reader, reader.rowsNamed(parsed.name)).filter(
        ({ key }) => build === null || key.build === build,
      );
      const single = candidates.length === 1 ? (candidates[0] ?? null) : null;
      const error = candidates.length === 0 ? "NOT_FOUND" : candidates.length > 1 ? "AMBIGUOUS" : null;
      return { ...nothing, resolvedType: parsed.type, variant: single, candidates, error, key: single?.key ?? null };
    }
    case "key": {
      if (build !== null && parsed.build !== null && build !== parsed.build) {
        return { ...nothing, resolvedType: parsed.type, error: "ASSEMBLY_MISMATCH" };
      }
      const assembly = build ?? parsed.build;
      if (assembly === null) return { ...nothing, resolvedType: parsed.type, error: "ASSEMBLY_MISSING" };
      const key: VariantKey = { build: assembly, ...parsed.key };
      const [first, ...rest] = reader.rowsOf(key);
      if (first !== undefined)
        return { ...nothing, resolvedType: parsed.type, variant: { key, rows: [first, ...rest], reader }, key };
      const wasLookedAt =
        reader.rowsAt(key.build, key.contig, key.pos).length > 0 ||
        reader.blocksAt(key.build, key.contig, key.pos).length > 0;
      return { ...nothing, resolvedType: parsed.type, error: wasLookedAt ? "NOT_FOUND" : "NOT_ASSAYED", key };
    }
  }
}

function groupRows(reader: SnapshotReader, rows: readonly VariantRow[]): readonly ServedVariant[] {
  const groups = new Map<string, [VariantRow, ...VariantRow[]]>();
  for (const row of rows) {
    const name = variantId(row);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [row]);
    else if (!known.some((other) => other.callSetId === row.callSetId)) known.push(row);
  }
  // An alias is found through the records that state it; other call sets may hold the allele without it.
  return [...groups.values()].map(([first]) => {
    const key: VariantKey = {
      build: first.build,
      contig: first.contig,
      pos: first.pos,
      ref: first.ref,
      alt: first.alt,
    };
    const [head = first, ...rest] = reader.rowsOf(key);
    return { key, rows: [head, ...rest], reader };
  });
}
