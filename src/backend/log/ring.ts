import type { PlacedEvent } from "./events.js";

/** One recent event, kept as its JSON text so that every reader gets a value of its own. */
export interface RingEvent {
  readonly event: PlacedEvent;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The latest events of one topic in the log's order, bounded in number and bytes, shared by all readers. An event
 * has a sequence number that lives as long as the process.
 */
export interface LogRing {
  /** Sequence number of the oldest event kept, and of the next to come. */
  readonly start: number;
  readonly end: number;
  push(event: PlacedEvent, at: number): void;
  at(sequence: number): RingEvent | undefined;
  /** Whether everything at and above these offsets, one per partition, is kept. */
  covers(next: readonly number[]): boolean;
  /** The first offset of the partition from which on nothing is missing here. */
  floor(partition: number): number;
  /** Forgets everything: from now on nothing is missing at and above these offsets. Whoever reads must look anew. */
  restart(ends: readonly number[]): void;
}

export interface LogRingOptions {
  /** Per partition the offset its next event gets. */
  readonly ends: readonly number[];
  /** Default 4,096. */
  readonly maxEvents?: number | undefined;
  /** About; default 4 MiB. */
  readonly maxBytes?: number | undefined;
}

const OVERHEAD = 128;

export function createLogRing({ ends, maxEvents = 4096, maxBytes = 4 * 1024 * 1024 }: LogRingOptions): LogRing {
  const slots: (PlacedEvent | undefined)[] = [];
  const times: number[] = [];
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
    floors[oldest.partition] = oldest.offset + 1;
  }

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    push(event, at) {
      if (end - start === maxEvents) evict();
      slots[end % maxEvents] = event;
      times[end % maxEvents] = at;
      end += 1;
      bytes += sizeOf(event);
      while (bytes > maxBytes && start < end) evict();
    },
    at(sequence) {
      const event = sequence >= start && sequence < end ? slots[sequence % maxEvents] : undefined;
      return event === undefined ? undefined : { event, at: times[sequence % maxEvents] ?? 0 };
    },
    covers: (next) => floors.every((floor, partition) => (next[partition] ?? 0) >= floor),
    floor: (partition) => floors[partition] ?? 0,
    restart(from) {
      slots.length = 0;
      // One number is left out, so that no reader takes what comes next for what it waited for.
      end += 1;
      start = end;
      bytes = 0;
      floors.splice(0, floors.length, ...from);
    },
  };
}

function sizeOf(event: PlacedEvent): number {
  return 2 * (event.json.length + event.key.length) + OVERHEAD;
}
