import { isVitalomeError } from "../errors.js";
import type { Snapshots } from "./snapshots.js";

/**
 * Snapshots for readers: while the store is out of reach the newest one known is served on, because what it names never
 * changes and much of it is at hand. Each answer says which snapshot it is. Whoever publishes asks the store itself.
 */
export function servedSnapshots(snapshots: Snapshots): Snapshots {
  return {
    ...snapshots,
    async refresh() {
      try {
        return await snapshots.refresh();
      } catch (thrown) {
        const isAway = isVitalomeError(thrown) && thrown.code === "BACKEND_UNAVAILABLE";
        if (!isAway || snapshots.latest().snapshot === 0) throw thrown;
        return snapshots.latest();
      }
    },
  };
}
