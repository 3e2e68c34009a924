import { failOn, KAFKA } from "./kafka-errors.js";
import { byLeader, fetch, listOffsets, type FetchedPartition, type Isolation } from "./kafka-fetch.js";
import type { KafkaNet } from "./kafka-net.js";

const SCAN_BYTES = 4 * 1024 * 1024;

export interface ScanRequest {
  readonly topic: string;
  readonly partition: number;
  readonly isolation: Isolation;
  /** Default: the log's start, and the end it has at this moment. */
  readonly from?: number;
  readonly to?: number;
}

/** Reads one partition; what lies behind the end may come too. */
export async function scan(
  net: KafkaNet,
  { topic, partition, isolation, from, to }: ScanRequest,
  onFetched: (fetched: FetchedPartition) => void,
): Promise<void> {
  const bound = async (what: "start" | Isolation): Promise<number> =>
    net.patiently(async () => (await listOffsets(net, topic, [partition], what)).get(partition) ?? 0);
  const end = to ?? (await bound(isolation));
  for (let next = from ?? (await bound("start")); next < end;) {
    const fetched = await net.patiently(async () => {
      const [[leader] = [-1]] = await byLeader(net, topic, [partition]);
      const request = { topic, from: new Map([[partition, next]]), isolation, waitMs: 0, bytes: SCAN_BYTES };
      const [found] = await fetch(await net.node(leader), request);
      if (found?.error !== KAFKA.offsetOutOfRange) failOn(found?.error ?? 0);
      return found;
    });
    if (fetched === undefined) return;
    if (fetched.error === KAFKA.offsetOutOfRange) {
      next = Math.max(next, await bound("start"));
      continue;
    }
    onFetched(fetched);
    next = fetched.next;
  }
}
