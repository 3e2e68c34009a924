import { isVitalomeError } from "../../errors.js";
import type { Position } from "../index.js";
import { partitionOf } from "../partition.js";
import { TOPICS } from "../topics.js";
import type { Submission } from "../log/submission.js";
import { hasCode, KAFKA, refusal } from "./kafka-errors.js";
import type { KafkaNet } from "./kafka-net.js";
import { openSession, produce, type OutRecord, type ProducerSession } from "./kafka-produce.js";
import { createLogQueue, type LogQueue, type Waiting } from "./log-queue.js";

const TRANSACTION_TIMEOUT_MS = 60_000;

/** Writes appends, idempotently and without a transaction; those that wait share one request. */
export function createAppender(net: KafkaNet, prefix: string, waiting: Waiting): LogQueue {
  let session: ProducerSession | null = null;
  /** What of a submission is written already when it is tried again. */
  const written = new WeakMap<Submission, readonly (number | undefined)[]>();

  async function writeOnce(records: readonly OutRecord[], offsets: (number | undefined)[]): Promise<void> {
    session ??= await openSession(net, null, TRANSACTION_TIMEOUT_MS);
    const mine = session;
    // A number may be taken by what a failed request wrote after all: it is never used again for anything else.
    session = null;
    await produce(net, mine, records, offsets);
    session = mine;
  }

  return createLogQueue(waiting, async (group) => {
    const records = group.flatMap((submission) => recordsOf(submission, prefix));
    const offsets = group.flatMap((one) => written.get(one) ?? one.events.map(() => undefined));
    try {
      await writeOnce(records, offsets).catch(async (thrown: unknown) => {
        // The broker no longer knows the producer: what has no offset yet is written by another one.
        if (!hasCode(thrown, KAFKA.outOfOrderSequence, KAFKA.unknownProducerId)) throw thrown;
        await writeOnce(records, offsets);
      });
    } catch (thrown) {
      let at = 0;
      for (const one of group) written.set(one, offsets.slice(at, (at += one.events.length)));
      throw isVitalomeError(thrown) ? thrown : refusal(thrown);
    }
    return positionsOf(group, records, offsets);
  });
}

export function recordsOf({ events }: Submission, prefix: string): readonly OutRecord[] {
  return events.map(({ topic, key, json }) => ({
    topic: prefix + topic,
    partition: partitionOf(key, TOPICS[topic]),
    key,
    value: json,
  }));
}

/** The records of the group's events come first, in the order of the group. */
export function positionsOf(
  group: readonly Submission[],
  records: readonly OutRecord[],
  offsets: readonly (number | undefined)[],
): readonly (readonly Position[])[] {
  let at = 0;
  return group.map(({ events }) =>
    events.map(() => {
      const offset = offsets[at];
      const partition = records[at]?.partition ?? -1;
      at += 1;
      if (offset === undefined) throw new TypeError("an event without an offset");
      return { partition, offset: BigInt(offset) };
    }),
  );
}
