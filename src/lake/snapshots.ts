import type { Files } from "../backend/index.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import type { Log } from "../log.js";
import { EMPTY_CATALOG, catalogPath, parseCatalog, snapshotOfPath, type Catalog } from "./catalog.js";

/** The published snapshots of a store. The highest whole catalog is the truth. */
export interface Snapshots {
  /** The highest whole catalog known; `EMPTY_CATALOG` before the first. */
  latest(): Catalog;
  /** SNAPSHOT_NOT_FOUND only after a refresh. */
  get(snapshot: number): Promise<Catalog>;
  /** Takes in what was published since; answers the latest. Costs one look when nothing was. */
  refresh(): Promise<Catalog>;
  /** Numbers of catalogs that cannot be read, and why. */
  faults(): ReadonlyMap<number, string>;
}

const KEPT = 256;

export async function openSnapshots(files: Files, log: Log): Promise<Snapshots> {
  const known = new Map<number, Catalog>([[0, EMPTY_CATALOG]]);
  const damaged = new Map<number, string>();
  let latest = EMPTY_CATALOG;
  /** The highest number there is a file for, whole or damaged. */
  let highest = 0;

  async function load(snapshot: number): Promise<Catalog | null> {
    const held = known.get(snapshot);
    if (held !== undefined) return held;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of files.read(catalogPath(snapshot))) chunks.push(chunk);
      const parsed = parseCatalog(Buffer.concat(chunks), snapshot);
      known.set(snapshot, parsed);
      damaged.delete(snapshot);
      // Only ever upwards: another call may have come further while this one read.
      if (snapshot > latest.snapshot) latest = parsed;
      for (const old of known.keys()) {
        if (known.size <= KEPT) break;
        if (old !== 0 && old !== latest.snapshot) known.delete(old);
      }
      return parsed;
    } catch (thrown) {
      if (isVitalomeError(thrown) && thrown.code === "NOT_FOUND") return null;
      if (isVitalomeError(thrown) && thrown.code === "STORAGE_CORRUPT") {
        if (!damaged.has(snapshot)) log.error({ snapshot, code: thrown.code }, "a catalog is damaged and ignored");
        damaged.set(snapshot, thrown.message);
        return null;
      }
      throw thrown;
    }
  }

  /** The newest whole one above what is known, however many others are damaged. */
  async function loadFrom(top: number): Promise<void> {
    for (let snapshot = top; snapshot > latest.snapshot; snapshot -= 1) if ((await load(snapshot)) !== null) break;
    highest = Math.max(highest, top);
  }

  /** Numbers are given one after the other, so one look past the highest tells that nothing is new. */
  async function refresh(): Promise<Catalog> {
    let top = highest;
    while ((await files.stat(catalogPath(top + 1))) !== null) top += 1;
    await loadFrom(top);
    return latest;
  }

  let newest = 0;
  for await (const file of files.list("snapshots")) newest = Math.max(newest, snapshotOfPath(file.path) ?? 0);
  await loadFrom(newest);
  return {
    latest: () => latest,
    refresh,
    faults: () => damaged,
    async get(snapshot) {
      const found = (await load(snapshot)) ?? (await refresh(), await load(snapshot));
      if (found !== null) return found;
      const reason = damaged.get(snapshot);
      throw reason === undefined
        ? new VitalomeError("SNAPSHOT_NOT_FOUND", `there is no snapshot ${String(snapshot)}`, {
            details: { field: "snapshotId" },
          })
        : new VitalomeError("STORAGE_CORRUPT", reason);
    },
  };
}
