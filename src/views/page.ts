import { createHash } from "node:crypto";
import type { Tables } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorContent, CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import { PAGE_LIFE_MS } from "../domain/retention.js";
import { VitalomeError } from "../errors.js";
import type { Catalog } from "../lake/catalog.js";
import type { SnapshotReaders } from "../lake/snapshot-reader.js";
import type { Snapshots } from "../lake/snapshots.js";

export const MAX_FIRST = 1_000;

export interface Page<T> {
  readonly nodes: readonly T[];
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly startCursor: string | null;
    readonly endCursor: string | null;
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly snapshotId: string;
  };
}

export interface PageScope {
  readonly sealer: CursorSealer;
  readonly kind: string;
  readonly tenant: string;
  readonly queryHash: string;
  readonly policyHash: string;
  readonly snapshot: number;
  readonly now: number;
}

/** LIMIT_EXCEEDED or BAD_USER_INPUT with the bound; a list is never cut silently. */
export function checkFirst(first: number): number {
  if (!Number.isInteger(first) || first < 1) {
    throw new VitalomeError("BAD_USER_INPUT", "first: expected a whole number of at least 1", {
      details: { field: "first", expected: "1 to 1000" },
    });
  }
  if (first > MAX_FIRST) {
    throw new VitalomeError("LIMIT_EXCEEDED", `first is at most ${String(MAX_FIRST)}: use the cursor for more`, {
      details: { field: "first", limit: "first", max: MAX_FIRST, actual: first },
    });
  }
  return first;
}

/** Makes a page of `first` members out of at most one more. */
export function pageOf<T>(
  scope: PageScope,
  found: readonly { readonly node: T; readonly position: unknown }[],
  first: number,
  startsAfter: boolean,
): Page<T> {
  const shown = found.slice(0, first);
  const expiresAt = scope.now + PAGE_LIFE_MS;
  const edges = shown.map(({ node, position }) => {
    const { kind, tenant, queryHash, policyHash, snapshot } = scope;
    return { node, cursor: scope.sealer.seal({ kind, tenant, queryHash, policyHash, snapshot, position, expiresAt }) };
  });
  return {
    nodes: shown.map(({ node }) => node),
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: found.length > first,
      hasPreviousPage: startsAfter,
      snapshotId: String(scope.snapshot),
    },
  };
}

/** Hash of everything that decides a list but its page. */
export function queryHash(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}

/** What a view over snapshots is made of, for one request. */
export interface SnapshotViewOptions {
  readonly caller: Caller;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  readonly tables: Tables;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The snapshot a list is read from: its cursor's, else the one that is asked for, else the newest. */
export async function pinnedCatalog(
  snapshots: Snapshots,
  cursor: CursorContent | null,
  asked: number | null,
): Promise<Catalog> {
  const wanted = cursor?.snapshot ?? asked;
  return wanted === null ? snapshots.refresh() : snapshots.get(wanted);
}

export function openCursor(
  sealer: CursorSealer,
  after: string | null,
  expected: Pick<CursorContent, "kind" | "tenant" | "queryHash" | "policyHash">,
): CursorContent | null {
  return after === null ? null : sealer.open(after, expected);
}
