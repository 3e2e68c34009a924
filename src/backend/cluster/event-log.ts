import type { Clock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { Log } from "../../log.js";
import type { ConsumerPlace, EventLog } from "../index.js";
import type { LogReader } from "../log/events.js";
import { checkPlace, checkTopic, collectTransaction, eventsBytes, serialise, startOf } from "../log/submission.js";
import { createWakers } from "../log/wakers.js";
import { TOPICS, type Topic } from "../topics.js";
import { listOffsets } from "./kafka-fetch.js";
import { createKafkaNet } from "./kafka-net.js";
import { ensureTopics } from "./kafka-topics.js";
import { createAppender } from "./log-append.js";
import { createPlaceWriter, type PlaceWriter } from "./log-place-writer.js";
import { placeKey } from "./log-places.js";
import type { Waiting } from "./log-queue.js";
import { createLogRanges } from "./log-ranges.js";
import { readLog, untilAborted } from "./log-read.js";
import { keepRetention, type ClusterRetention } from "./log-retention.js";
import { startTail, type LogTail } from "./log-tail.js";

export interface ClusterEventLogOptions {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[];
  /** Before the name of every topic and transactional id. Default: none. */
  readonly prefix?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** What may go when it is old; default: nothing goes. For one process, the worker's. */
  readonly retention?: ClusterRetention | undefined;
  /** Of the topics that are made. Default 1. */
  readonly replicationFactor?: number | undefined;
  readonly minInsyncReplicas?: number | undefined;
  /** How long a write or a question waits for Kafka before it is refused, in milliseconds. Default 20,000. */
  readonly patienceMs?: number | undefined;
  /** Recent events kept in memory per topic that is read. Default 4,096. */
  readonly ringEvents?: number | undefined;
}

/**
 * The event log over Kafka. Topics are made when absent. Appends are idempotent and acknowledged by all in-sync
 * replicas; transactions are Kafka's, one producer for each consumer's place; readers see committed events only.
 * `consumerState` takes the place: whoever held it before is refused from then on, with CONFLICT.
 */
export async function createClusterEventLog(options: ClusterEventLogOptions): Promise<EventLog> {
  const { brokers, prefix = "", clock, log, retention, ringEvents, patienceMs = 20_000 } = options;
  const net = createKafkaNet({ brokers, clientId: "vitalome", patienceMs });
  try {
    await ensureTopics(net, {
      prefix,
      replicationFactor: options.replicationFactor ?? 1,
      minInsyncReplicas: options.minInsyncReplicas ?? 1,
    });
  } catch (thrown) {
    net.close();
    throw thrown;
  }
  const waiting: Waiting = { bytes: 0 };
  const appender = createAppender(net, prefix, waiting);
  const ranges = createLogRanges(net, prefix);
  const writers = new Map<string, PlaceWriter>();
  const tails = new Map<Topic, Promise<LogTail>>();
  const wakers = createWakers<Topic>();
  const readers = new Set<LogReader>();
  const stopRetention = new AbortController();
  let isClosed = false;

  function checkOpen(): void {
    if (isClosed) throw new VitalomeError("BACKEND_UNAVAILABLE", "the event log is closed");
  }

  function writerOf(place: ConsumerPlace): PlaceWriter {
    const name = placeKey(place);
    const known = writers.get(name) ?? createPlaceWriter(net, prefix, place, waiting);
    writers.set(name, known);
    return known;
  }

  async function tailOf(topic: Topic): Promise<LogTail> {
    const onEnd = (): void => {
      tails.delete(topic);
    };
    const onNews = (): void => {
      wakers.wake(topic);
    };
    const starting = tails.get(topic) ?? startTail({ net, prefix, topic, log, ringEvents, onNews, onEnd });
    tails.set(topic, starting);
    starting.catch(() => {
      if (tails.get(topic) === starting) tails.delete(topic);
    });
    const tail = await starting;
    // Nobody had read for a while, and it ended in this moment.
    if (tail.isEnded && tail.failure === null) return tailOf(topic);
    tail.use();
    return tail;
  }

  /** Null when the log was closed or the signal aborted meanwhile: a reading ends then, it does not fail. */
  async function untilOver<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
    try {
      return await untilAborted(work, signal);
    } catch (thrown) {
      if (isClosed) return null;
      throw thrown;
    }
  }

  /** Compared with the end of all that is written: a transaction that is seen by some is about to be by all. */
  async function nextOf(topic: Topic, from: ReadonlyMap<number, bigint>): Promise<number[]> {
    const partitions = Array.from({ length: TOPICS[topic] }, (_, partition) => partition);
    const ask = (what: "start" | "uncommitted"): Promise<ReadonlyMap<number, number>> =>
      listOffsets(net, prefix + topic, partitions, what);
    const [starts, ends] = await net.inWords(() => Promise.all([ask("start"), ask("uncommitted")]));
    const inOrder = (offsets: ReadonlyMap<number, number>): number[] => partitions.map((at) => offsets.get(at) ?? 0);
    return startOf(from, inOrder(starts), inOrder(ends));
  }

  const retaining =
    retention === undefined
      ? Promise.resolve()
      : keepRetention({ net, prefix, ranges, clock, log, retention, readers }, stopRetention.signal);

  return {
    async append(name, events) {
      const topic = checkTopic(name);
      const serialised = events.map((event) => serialise(topic, event));
      checkOpen();
      return events.length === 0
        ? []
        : appender.submit({ events: serialised, progress: null, bytes: eventsBytes(serialised, []) });
    },

    async *read(name, from, signal) {
      const topic = checkTopic(name);
      if (signal.aborted || isClosed) return;
      const starting = tailOf(topic);
      const tail = await untilOver(starting, signal);
      if (tail === null) {
        starting.then(
          (late) => {
            late.release();
          },
          () => undefined,
        );
        return;
      }
      try {
        const next = await untilOver(nextOf(topic, from), signal);
        if (next === null) return;
        const reader = { topic, next };
        readers.add(reader);
        try {
          const wait = (): Promise<void> => wakers.wait(topic, signal);
          yield* readLog({ net, prefix, topic, next, signal, tail, wait });
        } finally {
          readers.delete(reader);
        }
      } finally {
        tail.release();
      }
    },

    async transact(place, work) {
      checkPlace(place);
      const submission = collectTransaction(place, work);
      checkOpen();
      return submission === null ? [] : writerOf(place).transact(submission);
    },

    async consumerState(place) {
      checkPlace(place);
      checkOpen();
      return writerOf(place).take();
    },

    async positions(name) {
      const topic = checkTopic(name);
      checkOpen();
      return ranges.of(topic);
    },

    async close() {
      if (isClosed) return;
      isClosed = true;
      stopRetention.abort(new Error("closed"));
      await Promise.all([appender.idle(), ...[...writers.values()].map((writer) => writer.idle())]);
      net.close();
      wakers.close();
      await retaining;
    },
  };
}
