import type { EventLog, ForeignTopics, LogGap } from "../../backend/index.js";
import type { Clock } from "../../clock.js";
import type { KnowledgeFold } from "../../domain/alert/knowledge.js";
import type { ObservedRecord } from "../../domain/events/observation.js";
import { observedKey } from "../../domain/observation/key.js";
import { readRecordBytes } from "../../domain/observation/lines.js";
import { LIVE } from "../../domain/observation/live.js";
import { isVitalomeError, messageOf } from "../../errors.js";
import { VITALS_OBSERVED } from "../../ingest/streams/observation.js";
import { REGISTRY_CHANGED } from "../../ingest/streams/registry.js";
import type { Log } from "../../log.js";
import type { Consumer } from "./consumer.js";
import { AT_ONCE, openPartitionLoop, type LoopBody, type PartitionLoop } from "./partition-loop.js";
import { takeRegistered } from "./registered.js";
import { createInbox, pumpTopic } from "./topic-pump.js";

export interface RelayOptions {
  readonly eventLog: EventLog;
  readonly foreign: ForeignTopics;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly isInputTime: boolean;
  /** As it stood when the last step was written. */
  readonly knowledgeOf: (loop: PartitionLoop) => KnowledgeFold;
  /** An entry of the registry could not be read. */
  readonly onFault: (what: string) => void;
}

export interface Relay extends Consumer {
  /** Foreign topics that are read, and what is wrong with some of them, by topic. */
  status(): { readonly topics: number; readonly faults: ReadonlyMap<string, string> };
}

/** What waits between a foreign topic and the log. */
interface Waiting {
  readonly source: string;
  readonly record: unknown;
  readonly bytes: number;
  readonly receivedAt: number;
}

interface Pump {
  readonly source: string;
  readonly stop: AbortController;
}

const NEXT = "next/";
const FOREIGN = "foreign/";
const RETRY_MS = 2_000;
const ROOM_MS = 10;
/** A step is one transaction; as JSON a byte may become six. */
const ROOM_BYTES = 4 * 1024 * 1024;

/**
 * Brings what foreign producers write to topics of their sources into `vitals.observed`, each record once: it and the place behind
 * it are written in one transaction. Nothing is judged here, so that nothing in a topic stops it. A topic that cannot be read is
 * tried again and told; the others go on.
 */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { eventLog, foreign, clock, log, signal, knowledgeOf, onFault } = options;
  const inbox = createInbox(signal);
  const inputs = [{ topic: REGISTRY_CHANGED, partition: 0 }] as const;
  const loop = await openPartitionLoop({ ...options, consumer: "relay", inputs, inbox, pace: AT_ONCE });
  const knowledge = knowledgeOf(loop);
  const pumps = new Map<string, Pump>();
  const faults = new Map<string, string>();
  /** What is told until the next start. */
  const lost = new Map<string, string>();
  /** By topic and partition, behind what was taken in, whether it is written or not. */
  const ahead = new Map<string, Map<number, bigint>>();
  for (const [key, value] of loop.state.entries()) {
    const [, topic, partition] = new RegExp(`^${NEXT}${FOREIGN}(.+)/(\\d+)$`).exec(key) ?? [];
    if (topic !== undefined) placesOf(topic).set(Number(partition), BigInt(value as string));
  }
  let waitingBytes = 0;

  function placesOf(topic: string): Map<number, bigint> {
    const known = ahead.get(topic) ?? new Map<number, bigint>();
    ahead.set(topic, known);
    return known;
  }

  /** What is read is what sources are declared with. */
  function follow(): void {
    const wanted = new Map<string, string>();
    for (const { id, topic } of knowledge.sources) if (topic != null && !wanted.has(topic)) wanted.set(topic, id);
    for (const [topic, { source, stop }] of pumps) {
      if (wanted.get(topic) === source) continue;
      stop.abort(new Error("its source has gone"));
      pumps.delete(topic);
      faults.delete(topic);
    }
    for (const [topic, source] of wanted) {
      if (pumps.has(topic)) continue;
      const stop = new AbortController();
      pumps.set(topic, { source, stop });
      void pump(topic, source, AbortSignal.any([signal, stop.signal]));
    }
  }

  async function pump(topic: string, source: string, until: AbortSignal): Promise<void> {
    const places = placesOf(topic);
    while (!until.aborted) {
      try {
        for await (const found of foreign.read(topic, new Map(places), until)) {
          if (until.aborted) return;
          faults.delete(topic);
          if (found.kind === "gap") {
            tellGap(found);
            continue;
          }
          while (waitingBytes > ROOM_BYTES && !until.aborted) await clock.sleep(ROOM_MS, until).catch(() => undefined);
          const { partition, next, value, at } = found;
          const now = clock.now();
          const bytes = Math.min(value.length, LIVE.recordBytes);
          const record = readRecordBytes(value, LIVE.recordBytes);
          // Nobody has received anything in the future.
          const receivedAt = at !== null && at > 0 && at <= now ? at : now;
          const waiting: Waiting = { source, record, bytes, receivedAt };
          const name = `${FOREIGN}${topic}/${String(partition)}`;
          places.set(partition, next);
          waitingBytes += bytes;
          await inbox.put({
            ...{ kind: "event", topic: name, partition, offset: next - 1n, key: "", value: waiting, at: receivedAt },
          });
        }
      } catch (thrown) {
        if (until.aborted) return;
        const said = isVitalomeError(thrown) ? thrown.message : "it cannot be read";
        if (faults.get(topic) !== said) log.warn({ topic, cause: messageOf(thrown) }, "a foreign topic is not read");
        faults.set(topic, said);
      }
      await clock.sleep(RETRY_MS, until).catch(() => undefined);
    }
  }

  function tellGap({ topic, partition, from, to }: LogGap): void {
    log.error({ topic, partition, from: String(from), to: String(to) }, "records went from a foreign topic unread");
    lost.set(topic, "records went before they were read");
  }

  const body: LoopBody = {
    step(events, _now, writes) {
      for (const event of events) {
        if (event.topic === REGISTRY_CHANGED) {
          takeRegistered(event, { knowledge, log, onFault });
          continue;
        }
        const { source, record, bytes, receivedAt } = event.value as Waiting;
        waitingBytes -= bytes;
        const envelope = {
          schema: 1 as const,
          submission: null,
          line: null,
          source,
          by: null,
          receivedAt,
          simulated: false,
        };
        const value = { ...envelope, record } satisfies ObservedRecord;
        writes.append(VITALS_OBSERVED, { key: observedKey(record, source), value });
      }
      if (events.some(({ topic }) => topic === REGISTRY_CHANGED)) follow();
      return Promise.resolve();
    },
    nextDue: () => null,
  };

  return {
    async run() {
      follow();
      const from = new Map([[0, loop.next.get(REGISTRY_CHANGED) ?? 0n]]);
      const registry = pumpTopic({ eventLog, log, signal, topic: REGISTRY_CHANGED, from, inboxesOf: () => [inbox] });
      await Promise.all([registry, loop.run(body)]);
    },
    async progress() {
      const [range] = await eventLog.positions(REGISTRY_CHANGED);
      const next = loop.next.get(REGISTRY_CHANGED) ?? 0n;
      const behind = range === undefined || next >= range.end ? 0n : range.end - next;
      return { consumer: "relay", behind: Number(behind), place: [...loop.next.values()].join(" ") };
    },
    status: () => ({ topics: pumps.size, faults: new Map([...lost, ...faults]) }),
  };
}
