import { join } from "node:path";
import type { Clock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { Log } from "../../log.js";
import type { EventLog, Position } from "../index.js";
import type { LogReader } from "../log/events.js";
import { partitionOf } from "../partition.js";
import { TOPICS, type Topic } from "../topics.js";
import type { FaultPoints } from "./files.js";
import { openJournal } from "./journal.js";
import { SEGMENT_HEAD, damaged } from "./journal-segment.js";
import { decodeFrame, encodeFrame, runsOf, type Frame, type FrameEvent } from "./log-frame.js";
import { openLogIndex } from "./log-index.js";
import { readLog } from "./log-read.js";
import { DAY_MS, firstAt, keepRetention, readBase, type Retention } from "./log-retention.js";
import { createWakers } from "../log/wakers.js";
import { createLogRing, type LogRing } from "../log/ring.js";
import {
  checkPlace,
  checkTopic,
  collectTransaction,
  eventsBytes,
  serialise,
  startOf,
  type Submission,
} from "../log/submission.js";

export interface EmbeddedEventLogOptions {
  /** Held by one process at a time: the caller sees to that. Made when absent. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Size from which a new journal segment is begun. Default 256 MiB. */
  readonly segmentBytes?: number;
  /** Recent events kept in memory per topic. Default 4,096. */
  readonly ringEvents?: number;
  /** What may go when it is old; default: nothing goes. */
  readonly retention?: Retention;
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
  const { directory, clock, log, faults, segmentBytes, ringEvents, retention } = options;
  const index = await openLogIndex({ directory: join(directory, "index"), clock, log, faults });
  const journal = await openJournal({
    directory: join(directory, "journal"),
    from: index.appliedUpTo,
    onBase: async (through, frames) => {
      if (index.base > through) throw damaged("its base is gone");
      if (index.base < through) index.rebase(await readBase(through, frames()));
      return index.appliedUpTo;
    },
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

  const readers = new Set<LogReader>();
  const stopRetention = new AbortController();
  let segmentSince = (await firstAt(journal, journal.bounds.current)) ?? clock.now();
  const rings = new Map<Topic, LogRing>();
  const wakers = createWakers<Topic>();
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
      // A segment that grows slowly ends too, so that what is in it can grow old.
      if (retention !== undefined && clock.now() - segmentSince >= DAY_MS) journal.roll();
      const places = await journal.append(frames.map(encodeFrame));
      if (places[0]?.offset === SEGMENT_HEAD) segmentSince = frames[0]?.at ?? clock.now();
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
    for (const topic of topics) wakers.wake(topic);
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

  const retaining =
    retention === undefined
      ? Promise.resolve()
      : keepRetention({ journal, index, clock, log, retention, readers }, stopRetention.signal);

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
      const starts = Array.from({ length: TOPICS[topic] }, (_, partition) => index.start(topic, partition).start);
      const next = startOf(from, starts, endsOf(topic));
      const reader = { topic, next };
      readers.add(reader);
      try {
        yield* readLog({
          topic,
          partitions: TOPICS[topic],
          next,
          signal,
          journal,
          index,
          ring: ringOf(topic),
          wait: () => wakers.wait(topic, signal),
          isClosed: () => isClosed,
        });
      } finally {
        readers.delete(reader);
      }
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
        endsOf(checkTopic(name)).map((end, partition) => ({
          partition,
          start: BigInt(index.start(name, partition).start),
          end: BigInt(end),
        })),
      ),

    async close() {
      if (isClosed) return;
      isClosed = true;
      stopRetention.abort(new Error("closed"));
      await flushing;
      await retaining;
      wakers.close();
      await index.close();
      await journal.close();
    },
  };
}
