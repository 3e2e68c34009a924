import type { Files } from "../backend/index.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import type { Log } from "../log.js";
import { EMPTY_CATALOG, catalogPath, parseCatalog, snapshotOfPath, type Catalog } from "./catalog.js";

/** The published snapshots of a store. The highest whole catalog is the truth. */
export interface Snapshots {
  /** The highest whole catalog known; `EMPTY_CATALOG` before the first. */
  latest(): Catalog;
  /** SNAPSHOT_NOT_FOUND only after the folder was listed again. */
  get(snapshot: number): Promise<Catalog>;
  /** Lists the folder; answers the latest. */
  refresh(): Promise<Catalog>;
  /** Numbers of catalogs that cannot be read, and why. */
  faults(): ReadonlyMap<number, string>;
}

const KEPT = 256;

export async function openSnapshots(files: Files, log: Log): Promise<Snapshots> {
  const known = new Map<number, Catalog>([[0, EMPTY_CATALOG]]);
  const damaged = new Map<number, string>();
  let latest = EMPTY_CATALOG;

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

  async function refresh(): Promise<Catalog> {
    const numbers: number[] = [];
    for await (const file of files.list("snapshots")) {
      const snapshot = snapshotOfPath(file.path);
      if (snapshot !== null) numbers.push(snapshot);
    }
    for (const snapshot of numbers.sort((left, right) => right - left)) {
      if (snapshot <= latest.snapshot) break;
      if ((await load(snapshot)) !== null) break;
    }
    return latest;
  }

  await refresh();
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
