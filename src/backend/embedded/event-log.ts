import { join } from "node:path";
import type { Clock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { EventLog, LoggedEvent, NewEvent, Position } from "../index.js";
import { partitionOf } from "../partition.js";
import { TOPICS, isTopic } from "../topics.js";
import type { FaultPoints } from "./files.js";
import { openJournal } from "./journal.js";
import { decodeFrame, encodeFrame, type Frame, type FrameEvent, type FrameProgress } from "./log-frame.js";
import { openLogIndex } from "./log-index.js";

export interface EmbeddedEventLogOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly faults?: FaultPoints;
}

/** Events waiting for the next flush, with what is needed to answer their caller. */
interface Pending {
  readonly events: readonly { readonly topic: string; readonly key: string; readonly json: string }[];
  readonly progress: FrameProgress | null;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (reason: unknown) => void;
}

const READ_AHEAD = 256;

/**
 * One journal for all topics: one frame per append or transaction, so that what belongs together is there
 * together. Everything that arrives during a flush shares the next one. The journal is the truth; LMDB indexes it.
 */
export async function createEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
  const journal = await openJournal(join(options.directory, "journal"), options.faults);
  const index = openLogIndex(join(options.directory, "index"));
  await catchUp();
  const ends = new Map<string, bigint>();
  const waiting = new Set<() => void>();
  let pending: Pending[] = [];
  let flushing: Promise<void> | null = null;
  let closed = false;

  /** Applies what the journal holds beyond the index: after a crash, or after the index was deleted. */
  async function catchUp(): Promise<void> {
    let batch: Parameters<typeof index.apply>[0][number][] = [];
    for await (const { place, payload } of journal.replay(index.appliedUpTo)) {
      batch.push({ place, ...decodeFrame(payload) });
      if (batch.length === 1000) {
        await index.apply(batch);
        batch = [];
      }
    }
    await index.apply(batch);
  }

  function endOf(topic: string, partition: number): bigint {
    return ends.get(`${topic}/${String(partition)}`) ?? index.next(topic, partition);
  }

  function submit(events: Pending["events"], progress: FrameProgress | null): Promise<readonly Position[]> {
    if (closed) return Promise.reject(new VitalomeError("BACKEND_UNAVAILABLE", "the event log is closed"));
    return new Promise((resolve, reject) => {
      pending.push({ events, progress, resolve, reject });
      flushing ??= flushAll().finally(() => {
        flushing = null;
      });
    });
  }

  async function flushAll(): Promise<void> {
    await Promise.resolve();
    while (pending.length > 0) {
      const group = pending;
      pending = [];
      await flushGroup(group);
    }
  }

  async function flushGroup(group: readonly Pending[]): Promise<void> {
    const next = new Map<string, bigint>();
    const at = options.clock.now();
    const frames = group.map(({ events, progress }): Frame => ({
      progress,
      events: events.map((event): FrameEvent => {
        const partition = partitionOf(event.key, partitionsOf(event.topic));
        const name = `${event.topic}/${String(partition)}`;
        const offset = next.get(name) ?? endOf(event.topic, partition);
        next.set(name, offset + 1n);
        return { topic: event.topic, partition, offset, key: event.key, at, json: event.json };
      }),
    }));
    const encoded = frames.map(encodeFrame);
    try {
      const places = await journal.append(encoded.map(({ payload }) => payload));
      options.faults?.at("log:before-index");
      await index.apply(
        frames.flatMap((frame, position) => {
          const place = places[position];
          return place === undefined ? [] : [{ frame, place, values: encoded[position]?.values ?? [] }];
        }),
      );
      options.faults?.at("log:indexed");
    } catch (thrown) {
      for (const entry of group) entry.reject(thrown);
      return;
    }
    for (const [name, end] of next) ends.set(name, end);
    group.forEach((entry, position) => {
      entry.resolve((frames[position]?.events ?? []).map(({ partition, offset }) => ({ partition, offset })));
    });
    for (const wake of waiting) wake();
  }

  async function* readPartition(topic: string, partition: number, from: bigint, until: bigint): AsyncGenerator<LoggedEvent> {
    let next = from;
    while (next < until) {
      const places = index.places(topic, partition, next, READ_AHEAD);
      if (places.length === 0) return;
      for (const { offset, place } of places) {
        if (offset >= until) return;
        const bytes = await journal.read({ segment: place.segment, offset: place.offset, bytes: place.length }, 0, place.length);
        next = offset + 1n;
        yield { kind: "event", topic, partition, offset, key: place.key, at: place.at, value: JSON.parse(bytes.toString("utf8")) as unknown };
      }
    }
  }

  return {
    append: (topic, events) => submit(events.map((event) => ({ topic: known(topic), ...serialise(event) })), null),

    async *read(topic, from, signal) {
      const partitions = partitionsOf(known(topic));
      const next = Array.from({ length: partitions }, (_, partition) => from.get(partition) ?? 0n);
      while (!signal.aborted) {
        let progressed = false;
        for (let partition = 0; partition < partitions; partition += 1) {
          const end = endOf(topic, partition);
          for await (const event of readPartition(topic, partition, next[partition] ?? 0n, end)) {
            if (signal.aborted) return;
            next[partition] = event.offset + 1n;
            progressed = true;
            yield event;
          }
        }
        if (progressed || next.some((offset, partition) => offset < endOf(topic, partition))) continue;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            signal.removeEventListener("abort", wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener("abort", wake, { once: true });
          if (signal.aborted || closed) wake();
        });
        if (closed) return;
      }
    },

    async transact(place, work) {
      const events: { topic: string; key: string; json: string }[] = [];
      const state = new Map<string, unknown>();
      let next = index.consumerState(place).next;
      work({
        append: (topic, event) => {
          events.push({ topic: known(topic), ...serialise(event) });
        },
        advance: (offset) => {
          next = offset;
        },
        setState: (key, value) => {
          state.set(key, value);
        },
      });
      return submit(events, { ...place, next, state: [...state] });
    },

    consumerState: async (place) => Promise.resolve(index.consumerState(place)),

    positions: async (topic) =>
      Promise.resolve(
        Array.from({ length: partitionsOf(known(topic)) }, (_, partition) => ({ partition, start: 0n, end: endOf(topic, partition) })),
      ),

    async close() {
      closed = true;
      await flushing;
      for (const wake of waiting) wake();
      await index.close();
      await journal.close();
    },
  };
}

function known(topic: string): string {
  if (!isTopic(topic)) throw new VitalomeError("BAD_USER_INPUT", "there is no such topic", { details: { field: "topic" } });
  return topic;
}

function partitionsOf(topic: string): number {
  return isTopic(topic) ? TOPICS[topic] : 1;
}

function serialise(event: NewEvent): { readonly key: string; readonly json: string } {
  return { key: event.key, json: JSON.stringify(event.value) };
}
