import { VitalomeError, isVitalomeError } from "../errors.js";
import type { Catalog } from "./catalog.js";
import type { Snapshots } from "./snapshots.js";

/**
 * Snapshots for readers: SNAPSHOT_EXPIRED for one whose files a clean-up may have taken. While the store is out of reach
 * the newest one known is served on, because what it names never changes and much of it is at hand. Each answer says which
 * snapshot it is. Whoever publishes asks the store itself.
 */
export function servedSnapshots(snapshots: Snapshots): Snapshots {
  async function refresh(): Promise<Catalog> {
    try {
      return await snapshots.refresh();
    } catch (thrown) {
      const isAway = isVitalomeError(thrown) && thrown.code === "BACKEND_UNAVAILABLE";
      if (!isAway || snapshots.latest().snapshot === 0) throw thrown;
      return snapshots.latest();
    }
  }

  return {
    ...snapshots,
    refresh,
    async get(snapshot) {
      refuseExpired(await refresh(), snapshot);
      return snapshots.get(snapshot);
    },
  };
}

/** SNAPSHOT_EXPIRED when the newest catalog says that the snapshot can be read no more. */
export function refuseExpired(newest: Catalog, snapshot: number): void {
  if (snapshot >= newest.oldestReadable) return;
  const oldest = String(newest.oldestReadable);
  throw new VitalomeError(
    "SNAPSHOT_EXPIRED",
    `snapshot ${String(snapshot)} is no longer kept: the oldest that can be read is ${oldest}; start again without it`,
    { details: { field: "snapshotId", expected: `at least ${oldest}` } },
  );
}
