import type { EventLog } from "../../backend/index.js";
import type { CompactLogRange } from "../../jobs/parameters.js";
import type { Catalog } from "../../lake/catalog.js";
import { horizonOf } from "../../lake/horizon.js";
import { LOG_TABLES, factsOf } from "../../lake/log-tables.js";

/** Topics that become tables, in the order of the tables. */
export const COMPACTED_TOPICS: readonly string[] = LOG_TABLES.map((table) => factsOf(table).topic);

/** What of the log no table of the snapshot holds. What has gone from the log meanwhile is named too. */
export interface Pending {
  readonly range: CompactLogRange;
  /** By topic, offsets from where the log begins or the tables end. */
  readonly events: ReadonlyMap<string, number>;
  /** Offsets that no table holds and the log no longer does. */
  readonly lost: number;
}

export async function pendingOf(eventLog: EventLog, catalog: Catalog): Promise<Pending> {
  const from: Record<string, string[]> = {};
  const to: Record<string, string[]> = {};
  const events = new Map<string, number>();
  let lost = 0n;
  for (const topic of COMPACTED_TOPICS) {
    const horizon = horizonOf(catalog, topic);
    const ranges = await eventLog.positions(topic);
    const starts = ranges.map(({ partition, start }) => {
      const wanted = horizon.get(partition) ?? 0n;
      // Before the first compaction nothing was promised to any table.
      if (start > wanted && horizon.size > 0) lost += start - wanted;
      return start > wanted ? start : wanted;
    });
    // A log that was put back to an older copy ends before its tables do.
    const ends = ranges.map(({ partition, end }) => {
      const start = starts[partition] ?? 0n;
      return end > start ? end : start;
    });
    from[topic] = starts.map(String);
    to[topic] = ends.map(String);
    events.set(
      topic,
      ends.reduce((sum, end, partition) => sum + Number(end - (starts[partition] ?? 0n)), 0),
    );
  }
  return { range: { from, to }, events, lost: Number(lost) };
}
