/** One recent event, kept as its JSON text so that every reader gets a value of its own. */
export interface RingEvent {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly at: number;
  readonly json: string;
}

/**
 * The latest events of one topic in the log's order, bounded in number and bytes, shared by all readers. An event
 * has a sequence number that lives as long as the process.
 */
export interface LogRing {
  /** Sequence number of the oldest event kept, and of the next to come. */
  readonly start: number;
  readonly end: number;
  push(event: RingEvent): void;
  at(sequence: number): RingEvent | undefined;
  /** Whether everything at and above these offsets, one per partition, is kept. */
  covers(next: readonly bigint[]): boolean;
}

export interface LogRingOptions {
  /** Per partition the offset its next event gets. */
  readonly ends: readonly bigint[];
  /** Default 4,096. */
  readonly maxEvents?: number | undefined;
  /** About; default 4 MiB. */
  readonly maxBytes?: number | undefined;
}

const OVERHEAD = 128;

export function createLogRing({ ends, maxEvents = 4096, maxBytes = 4 * 1024 * 1024 }: LogRingOptions): LogRing {
  const slots: (RingEvent | undefined)[] = [];
  /** Per partition the first offset from which on nothing is missing here. */
  const floors = [...ends];
  let start = 0;
  let end = 0;
  let bytes = 0;

  function evict(): void {
    const oldest = slots[start % maxEvents];
    slots[start % maxEvents] = undefined;
    start += 1;
    if (oldest === undefined) return;
    bytes -= sizeOf(oldest);
    floors[oldest.partition] = oldest.offset + 1n;
  }

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    push(event) {
      if (end - start === maxEvents) evict();
      slots[end % maxEvents] = event;
      end += 1;
      bytes += sizeOf(event);
      while (bytes > maxBytes && start < end) evict();
    },
    at: (sequence) => (sequence >= start && sequence < end ? slots[sequence % maxEvents] : undefined),
    covers: (next) => floors.every((floor, partition) => (next[partition] ?? 0n) >= floor),
  };
}

function sizeOf(event: RingEvent): number {
  return 2 * (event.json.length + event.key.length) + OVERHEAD;
}
