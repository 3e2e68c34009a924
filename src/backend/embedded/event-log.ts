import { join } from "node:path";
import type { Clock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { Log } from "../../log.js";
import type { EventLog, Position } from "../index.js";
import { partitionOf } from "../partition.js";
import { TOPICS, type Topic } from "../topics.js";
import type { FaultPoints } from "./files.js";
import { openJournal } from "./journal.js";
import { decodeFrame, encodeFrame, runsOf, type Frame, type FrameEvent } from "./log-frame.js";
import { openLogIndex } from "./log-index.js";
import { readLog } from "./log-read.js";
import { createLogRing, type LogRing } from "./log-ring.js";
import {
  checkPlace,
  checkTopic,
  collectTransaction,
  eventsBytes,
  serialise,
  startOf,
  type Submission,
} from "./log-submission.js";

export interface EmbeddedEventLogOptions {
  /** Held by one process at a time: the caller sees to that. Made when absent. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Size from which a new journal segment is begun. Default 256 MiB. */
  readonly segmentBytes?: number;
  /** Recent events kept in memory per topic. Default 4,096. */
  readonly ringEvents?: number;
  readonly faults?: FaultPoints;
}

interface Pending extends Submission {
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** The most one flush takes, and the most that may wait for one. */
const GROUP_BYTES = 16 * 1024 * 1024;
const WAITING_BYTES = 128 * 1024 * 1024;
/** With this many frames not yet in the index, appends wait for it. */
const INDEX_BACKLOG = 32_768;

/**
 * One journal for all topics with one frame per append or transaction. All that arrives during a flush shares the
 * next one, and is acknowledged after it. The journal is the truth; LMDB only indexes it, later.
 */
export async function createEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
  const { directory, clock, log, faults, segmentBytes, ringEvents } = options;
  const index = await openLogIndex({ directory: join(directory, "index"), clock, log, faults });
  const journal = await openJournal({
    directory: join(directory, "journal"),
    from: index.appliedUpTo,
    onFrames: async (frames) => {
      index.add(
        frames.map(({ place, payload }) => {
          const { events, progress } = decodeFrame(payload, null);
          return { place, runs: runsOf(events), progress };
        }),
      );
      if (index.backlog >= 1024) await index.settle();
    },
    onTorn: (bytes) => {
      log.warn({ bytes }, "an unfinished write was removed from the end of the event journal");
    },
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    faults,
  }).catch(async (thrown: unknown) => {
    await index.close();
    throw thrown;
  });

  const rings = new Map<Topic, LogRing>();
  const wakers = new Map<Topic, Set<() => void>>();
  const pending: Pending[] = [];
  let pendingBytes = 0;
  let flushing: Promise<void> | null = null;
  let isClosed = false;

  function endsOf(topic: Topic): readonly number[] {
    return Array.from({ length: TOPICS[topic] }, (_, partition) => index.end(topic, partition));
  }

  function ringOf(topic: Topic): LogRing {
    const known = rings.get(topic);
    if (known !== undefined) return known;
    const ring = createLogRing({ ends: endsOf(topic), maxEvents: ringEvents });
    rings.set(topic, ring);
    return ring;
  }

  function submit(submission: Submission): Promise<readonly Position[]> {
    return new Promise((resolve, reject) => {
      if (isClosed) throw new VitalomeError("BACKEND_UNAVAILABLE", "the event log is closed");
      if (pendingBytes + submission.bytes > WAITING_BYTES) {
        throw new VitalomeError("OVERLOADED", "too much waits to be written to the event log");
      }
      pending.push({ ...submission, resolve, reject });
      pendingBytes += submission.bytes;
      flushing ??= flushAll();
    });
  }

  async function flushAll(): Promise<void> {
    await Promise.resolve();
    while (pending.length > 0) {
      let count = 0;
      for (let bytes = 0; count < pending.length && bytes < GROUP_BYTES; count += 1)
        bytes += pending[count]?.bytes ?? 0;
      const group = pending.splice(0, count);
      for (const { bytes } of group) pendingBytes -= bytes;
      await flushGroup(group);
    }
    // In the same step as the check above: what is submitted from here on starts a flush of its own.
    flushing = null;
  }

  async function flushGroup(group: readonly Pending[]): Promise<void> {
    let frames: readonly Frame[];
    try {
      frames = assignOffsets(group, clock.now());
      if (index.backlog >= INDEX_BACKLOG) await index.settle();
      const places = await journal.append(frames.map(encodeFrame));
      faults?.at("log:flushed");
      index.add(
        places.map((place, number) => {
          const frame = frames[number];
          return { place, runs: runsOf(frame?.events ?? []), progress: frame?.progress ?? null };
        }),
      );
    } catch (thrown) {
      for (const entry of group) entry.reject(thrown);
      return;
    }
    const topics = new Set<Topic>();
    group.forEach(({ events }, number) => {
      const { at, events: written } = frames[number] ?? { at: 0, events: [] };
      events.forEach(({ topic }, place) => {
        const event = written[place];
        if (event === undefined) return;
        topics.add(topic);
        ringOf(topic).push(event, at);
      });
    });
    group.forEach((entry, number) => {
      const events = frames[number]?.events ?? [];
      entry.resolve(events.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) })));
    });
    for (const topic of topics) for (const wake of wakers.get(topic) ?? []) wake();
  }

  /** Offsets are taken in the order of submission; a group that fails gives them back. */
  function assignOffsets(group: readonly Pending[], at: number): readonly Frame[] {
    const next = new Map<Topic, number[]>();
    return group.map(({ events, progress }) => ({
      at,
      progress,
      events: events.map(({ topic, key, json }): FrameEvent => {
        const ends = next.get(topic) ?? [...endsOf(topic)];
        next.set(topic, ends);
        const partition = partitionOf(key, ends.length);
        const offset = ends[partition] ?? 0;
        ends[partition] = offset + 1;
        return { topic, partition, offset, key, json };
      }),
    }));
  }

  function wait(topic: Topic, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = wakers.get(topic) ?? new Set();
      wakers.set(topic, waiting);
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
      if (signal.aborted || isClosed) wake();
    });
  }

  return {
    async append(name, events) {
      const topic = checkTopic(name);
      const serialised = events.map((event) => serialise(topic, event));
      return events.length === 0
        ? []
        : submit({ events: serialised, progress: null, bytes: eventsBytes(serialised, []) });
    },

    async *read(name, from, signal) {
      const topic = checkTopic(name);
      const ends = endsOf(topic);
      yield* readLog({
        topic,
        partitions: TOPICS[topic],
        from: startOf(from, ends),
        signal,
        journal,
        index,
        ring: ringOf(topic),
        wait: () => wait(topic, signal),
        isClosed: () => isClosed,
      });
    },

    async transact(place, work) {
      checkPlace(place);
      const submission = collectTransaction(place, work);
      return submission === null ? [] : submit(submission);
    },

    async consumerState(place) {
      checkPlace(place);
      return index.consumerState(place);
    },

    positions: (name) =>
      Promise.resolve().then(() =>
        endsOf(checkTopic(name)).map((end, partition) => ({ partition, start: 0n, end: BigInt(end) })),
      ),

    async close() {
      if (isClosed) return;
      isClosed = true;
      await flushing;
      for (const waiting of wakers.values()) for (const wake of waiting) wake();
      await index.close();
      await journal.close();
    },
  };
}
