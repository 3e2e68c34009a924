import { EXPIRY, isTopic } from "../topics.js";
import { decodeFrame, encodeFrame, type Frame, type FrameEvent } from "./log-frame.js";

/** What a base says of one partition. */
export interface BaseRange {
  readonly topic: string;
  readonly partition: number;
  /** The first offset still there. */
  readonly start: number;
  /** Below it only what the base holds is there. Equal to `start` where nothing can be missing. */
  readonly holesBelow: number;
  /** The offset after the last that the base replaces. */
  readonly end: number;
}

/**
 * What outlives segments: of topics whose events are superseded the last of each key, of those that are kept all, of the
 * others the last of each partition, and where consumers stood with their state. In memory: the live part of the log, not
 * its length.
 */
export interface LogBase {
  /** The next frame in the journal's order. */
  add(payload: Buffer): void;
  /** The ranges of an older base, whose frames follow. */
  begin(ranges: readonly BaseRange[]): void;
  readonly ranges: readonly BaseRange[];
  /** The ranges, then frames: events by partition and offset, one in each, then the consumers. */
  payloads(): Generator<Buffer>;
}

interface Partition {
  readonly topic: string;
  readonly partition: number;
  end: number;
  readonly kept: Map<string, { readonly event: FrameEvent; readonly at: number }>;
}

interface Consumer {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  next: number | null;
  at: number;
  readonly state: Map<string, string>;
}

const STATE_BYTES = 1024 * 1024;

export function createLogBase(): LogBase {
  const partitions = new Map<string, Partition>();
  const consumers = new Map<string, Consumer>();

  function partitionOf(topic: string, partition: number): Partition {
    const name = `${topic}/${String(partition)}`;
    const known = partitions.get(name) ?? { topic, partition, end: 0, kept: new Map() };
    partitions.set(name, known);
    return known;
  }

  function take({ at, events, progress }: Frame): void {
    for (const event of events) {
      const partition = partitionOf(event.topic, event.partition);
      partition.end = Math.max(partition.end, event.offset + 1);
      const key = nameOf(event);
      partition.kept.delete(key);
      partition.kept.set(key, { event, at });
    }
    if (progress === null) return;
    const { consumer, topic, partition, next, state } = progress;
    const name = JSON.stringify([consumer, topic, partition]);
    const known = consumers.get(name) ?? { consumer, topic, partition, next: null, at, state: new Map() };
    consumers.set(name, known);
    known.at = at;
    known.next = next ?? known.next;
    for (const [key, json] of state) {
      if (json === null) known.state.delete(key);
      else known.state.set(key, json);
    }
  }

  function ranges(): readonly BaseRange[] {
    return [...partitions.values()].map(({ topic, partition, end, kept }) => {
      if (isSuperseded(topic)) return { topic, partition, start: 0, holesBelow: end, end };
      const start = [...kept.values()].reduce((least, { event }) => Math.min(least, event.offset), end);
      return { topic, partition, start, holesBelow: start, end };
    });
  }

  return {
    add(payload) {
      take(decodeFrame(payload, null));
    },
    begin(older) {
      for (const { topic, partition, end } of older) partitionOf(topic, partition).end = end;
    },
    get ranges() {
      return ranges();
    },
    *payloads() {
      yield Buffer.from(JSON.stringify({ ranges: ranges() }));
      for (const { kept } of partitions.values()) {
        for (const { event, at } of kept.values()) yield encodeFrame({ at, events: [event], progress: null });
      }
      for (const { consumer, topic, partition, next, at, state } of consumers.values()) {
        let entries: [string, string][] = [];
        let bytes = 0;
        const frame = (): Buffer =>
          encodeFrame({ at, events: [], progress: { consumer, topic, partition, next, state: entries } });
        for (const [key, json] of state) {
          entries.push([key, json]);
          bytes += key.length + json.length;
          if (bytes < STATE_BYTES) continue;
          yield frame();
          entries = [];
          bytes = 0;
        }
        if (next !== null || entries.length > 0) yield frame();
      }
    },
  };
}

/** The ranges that the first frame of a base holds. */
export function decodeRanges(payload: Buffer): readonly BaseRange[] {
  return (JSON.parse(payload.toString("utf8")) as { readonly ranges: readonly BaseRange[] }).ranges;
}

function isSuperseded(topic: string): boolean {
  return isTopic(topic) && EXPIRY[topic] === "superseded";
}

/** Of the events of a name only the last outlives its segment. */
function nameOf({ topic, key, offset }: FrameEvent): string {
  if (isSuperseded(topic)) return key;
  return isTopic(topic) && EXPIRY[topic] === "kept" ? String(offset) : "";
}
