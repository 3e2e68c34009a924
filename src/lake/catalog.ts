import { createHash } from "node:crypto";
import { z } from "zod";
import { VitalomeError } from "../errors.js";

/** 2 says how much of the log its tables hold; one of 1 holds nothing of it. */
export const FORMAT_VERSION = 2;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
/** Of the store: a catalog that was tampered with cannot name a file outside it. */
const storedPath = z.string().regex(/^(?!\.{1,2}(\/|$))[^/\\\0]+(\/(?!\.{1,2}(\/|$))[^/\\\0]+)*$/);
const keyBound = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .nullable();
const indexFile = z.strictObject({
  name: z.string(),
  path: storedPath,
  bytes: count,
  sha256,
  entries: count,
  /** No key of the file sorts before `minKey` or after `maxKey`, in hexadecimal; null: no bound is known. */
  minKey: keyBound,
  maxKey: keyBound,
});
const dataFile = z.strictObject({
  path: storedPath,
  rows: count,
  bytes: count,
  sha256,
  runId: z.string(),
  indexes: z.array(indexFile),
  meta: z.record(z.string(), z.unknown()),
});
const catalog = z.strictObject({
  formatVersion: z.union([z.literal(1), z.literal(FORMAT_VERSION)]),
  snapshot: count,
  parent: count.nullable(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  oldestReadable: count,
  cause: z.strictObject({ jobId: z.string(), kind: z.string() }).nullable(),
  /** See `Horizon`. */
  horizon: z
    .record(z.string(), z.array(z.string().regex(/^\d+$/)).readonly())
    .readonly()
    .default({}),
  tables: z.record(z.string(), z.strictObject({ files: z.array(dataFile) })),
});

export type IndexFile = z.infer<typeof indexFile>;
export type DataFile = z.infer<typeof dataFile>;
/** The complete list of every table's files at one moment. Snapshot 0 is the empty store. */
export type Catalog = z.infer<typeof catalog>;

export const EMPTY_CATALOG: Catalog = {
  formatVersion: FORMAT_VERSION,
  snapshot: 0,
  parent: null,
  createdAt: 0,
  oldestReadable: 0,
  cause: null,
  horizon: {},
  tables: {},
};

export function catalogPath(snapshot: number): string {
  return `snapshots/${String(snapshot).padStart(12, "0")}.json`;
}

/** A file that says an operator gave up a damaged catalog, and what it alone named. */
export function abandonedPath(snapshot: number): string {
  return catalogPath(snapshot).replace(/\.json$/, ".abandoned");
}

/** The number in a catalog's file name, or null for any other file. */
export function snapshotOfPath(path: string): number | null {
  const match = /^snapshots\/(\d{12})\.json$/.exec(path);
  return match === null ? null : Number(match[1]);
}

/** JSON with its own checksum: a torn or edited catalog is told from a whole one. */
export function serialiseCatalog(value: Catalog): Buffer {
  const body = JSON.stringify(value);
  return Buffer.from(`{"checksum":"${checksum(body)}","catalog":${body}}\n`);
}

/** STORAGE_CORRUPT for a damaged catalog, STORAGE_NEWER for one of a later release. */
export function parseCatalog(bytes: Buffer, snapshot: number): Catalog {
  const text = bytes.toString("utf8");
  const match = /^\{"checksum":"([0-9a-f]{64})","catalog":(.*)\}\n$/s.exec(text);
  const body = match?.[2] ?? "";
  if (match === null || checksum(body) !== match[1]) {
    throw new VitalomeError("STORAGE_CORRUPT", `the catalog of snapshot ${String(snapshot)} is damaged`);
  }
  const value = parseJson(body);
  const version = (value as { formatVersion?: unknown } | null | undefined)?.formatVersion;
  if (typeof version === "number" && version > FORMAT_VERSION) {
    throw new VitalomeError("STORAGE_NEWER", `the store was written by a later release (format ${String(version)})`);
  }
  const parsed = catalog.safeParse(value);
  if (!parsed.success || parsed.data.snapshot !== snapshot) {
    throw new VitalomeError("STORAGE_CORRUPT", `the catalog of snapshot ${String(snapshot)} is not valid`);
  }
  return parsed.data;
}

export function filesOf(of: Catalog, table: string): readonly DataFile[] {
  return of.tables[table]?.files ?? [];
}

/** Undefined for text that is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checksum(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}
