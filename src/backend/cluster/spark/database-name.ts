import { createHash } from "node:crypto";

/** The store whose databases have plain names. */
const DEFAULT_ROOT = "/vitalome";

/**
 * The database of a snapshot: `snap_7`. A metastore may serve several stores; those that do not lie in `/vitalome` have
 * names of their own: `trial_1a2b3c4d_snap_7` for the one in `/trial`.
 */
export function databaseName(root: string, snapshot: number): string {
  return `${prefixOf(root)}snap_${String(snapshot)}`;
}

/** The snapshot of a database of this store, or null. */
export function snapshotOfDatabase(root: string, name: string): number | null {
  const prefix = prefixOf(root);
  const number = name.startsWith(prefix) ? /^snap_(\d{1,15})$/.exec(name.slice(prefix.length))?.[1] : undefined;
  return number === undefined ? null : Number(number);
}

function prefixOf(root: string): string {
  if (root === DEFAULT_ROOT) return "";
  const words = root
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(-40);
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 8);
  return `${/^[a-z]/.test(words) ? words : `store_${words}`}_${hash}_`;
}
