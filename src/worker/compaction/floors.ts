import { isVitalomeError } from "../../errors.js";
import type { Catalog } from "../../lake/catalog.js";
import { horizonOf, type Horizon } from "../../lake/horizon.js";
import type { Snapshots } from "../../lake/snapshots.js";
import { COMPACTED_TOPICS } from "./pending.js";

/**
 * How much of the log has to stay, whatever its age: what the tables of some readable snapshot do not hold. So each snapshot that
 * can be read, or that a run can be taken back to, finds in the log what lies past its horizon.
 */
export interface LogFloors {
  /** Null for a topic that becomes no table; 0 until the snapshots were looked at. */
  needs(topic: string, partition: number): bigint | null;
  /** Looks at the snapshots that came since. */
  update(snapshots: Snapshots): Promise<void>;
}

export function createLogFloors(): LogFloors {
  /** By snapshot, of those that can be read. */
  const horizons = new Map<number, Horizon>();
  let seen = -1;
  let floor = new Map<string, readonly bigint[]>();

  return {
    needs(topic, partition) {
      return COMPACTED_TOPICS.includes(topic) ? (floor.get(topic)?.[partition] ?? 0n) : null;
    },
    async update(snapshots) {
      const newest = await snapshots.refresh();
      for (let number = Math.max(seen + 1, newest.oldestReadable); number <= newest.snapshot; number += 1) {
        const catalog = await wholeOrNull(snapshots, number);
        if (catalog !== null) horizons.set(number, catalog.horizon);
        seen = number;
      }
      for (const number of horizons.keys()) if (number < newest.oldestReadable) horizons.delete(number);
      floor = new Map(COMPACTED_TOPICS.map((topic) => [topic, lowest([...horizons.values()], topic)]));
    },
  };
}

/** Null for a damaged one: nobody can read it, and those around it say what the log has to hold. */
async function wholeOrNull(snapshots: Snapshots, number: number): Promise<Catalog | null> {
  try {
    return await snapshots.get(number);
  } catch (thrown) {
    if (isVitalomeError(thrown) && (thrown.code === "STORAGE_CORRUPT" || thrown.code === "SNAPSHOT_NOT_FOUND"))
      return null;
    throw thrown;
  }
}

/** Per partition the lowest of the horizons; nothing where one of them holds nothing of the topic. */
function lowest(horizons: readonly Horizon[], topic: string): readonly bigint[] {
  const [first, ...others] = horizons.map((horizon) => horizonOf({ horizon }, topic));
  return [...(first ?? new Map<number, bigint>())].map(([partition, next]) =>
    others.reduce((least, other) => {
      const own = other.get(partition) ?? 0n;
      return own < least ? own : least;
    }, next),
  );
}
