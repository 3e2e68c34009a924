import { canAskAgain, failOn, faultOf, KAFKA, noAnswer } from "./kafka-errors.js";
import type { KafkaNet } from "./kafka-net.js";

export interface OutRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** JSON text; null removes the key where events are superseded. */
  readonly value: string | null;
}

/** One producer as the brokers know it. Never used by two at a time, and thrown away after a failed `produce`. */
export interface ProducerSession {
  readonly transactionalId: string | null;
  readonly producerId: string;
  readonly epoch: number;
  /** Per topic and partition the number of its next record. */
  readonly sequences: Map<string, number>;
}

interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly messages: { readonly key: string; readonly value: string | null }[];
  /** Where its records stand in what was handed in. */
  readonly places: number[];
  bytes: number;
}

interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: string;
}

/** Larger events are a batch of their own. */
const BATCH_BYTES = 512 * 1024;
const RECORD_OVERHEAD = 32;
const SEQUENCES = 2 ** 31;
const PRODUCE_LIMIT_MS = 15_000;

export async function openSession(
  net: KafkaNet,
  transactionalId: string | null,
  transactionTimeout: number,
): Promise<ProducerSession> {
  return net.patiently(async () => {
    const link = await (transactionalId === null ? net.any() : net.coordinator(transactionalId));
    const answer = (await link.send("InitProducerId", { transactionalId, transactionTimeout })) as {
      readonly errorCode: number;
      readonly producerId: string;
      readonly producerEpoch: number;
    };
    failOn(answer.errorCode);
    const { producerId, producerEpoch } = answer;
    return { transactionalId, producerId, epoch: producerEpoch, sequences: new Map() };
  });
}

/**
 * Writes the records, those of one partition in their order; sets `offsets[i]` to the offset of `records[i]` once all
 * in-sync replicas have it. Each partition sent must be answered for, or it is sent again, with the same numbers, so
 * that the broker drops repeats.
 */
export async function produce(
  net: KafkaNet,
  session: ProducerSession,
  records: readonly OutRecord[],
  offsets: (number | undefined)[],
): Promise<void> {
  const queues = chunksOf(records, offsets);
  while (queues.size > 0) {
    await net.patiently(async () => {
      const heads = [...queues.values()].flatMap(([head]) => (head === undefined ? [] : [head]));
      const answers = await send(net, session, heads);
      let failed: unknown = null;
      heads.forEach((chunk, at) => {
        const answer = answers[at];
        const code = answer?.errorCode;
        if (answer === undefined || code !== KAFKA.none) {
          const fault = code === undefined ? noAnswer("a partition was not answered for") : faultOf(code);
          if (failed === null || canAskAgain(failed)) failed = fault;
          return;
        }
        const name = nameOf(chunk);
        const base = Number(answer.baseOffset);
        chunk.places.forEach((place, delta) => {
          offsets[place] = base + delta;
        });
        session.sequences.set(name, ((session.sequences.get(name) ?? 0) + chunk.places.length) % SEQUENCES);
        const queue = queues.get(name) ?? [];
        queue.shift();
        if (queue.length === 0) queues.delete(name);
      });
      if (failed !== null) throw failed;
    });
  }
}

/** One answer for each chunk, in their order; undefined where the broker said nothing of it. */
async function send(
  net: KafkaNet,
  session: ProducerSession,
  chunks: readonly Chunk[],
): Promise<readonly (PartitionAnswer | undefined)[]> {
  const groups = new Map<number, Chunk[]>();
  for (const chunk of chunks) {
    const leader = (await net.leaders(chunk.topic))[chunk.partition] ?? -1;
    groups.set(leader, [...(groups.get(leader) ?? []), chunk]);
  }
  const answers = new Map<Chunk, PartitionAnswer>();
  // What one broker answered stands, though another cannot be reached.
  const outcomes = await Promise.allSettled(
    [...groups].map(async ([leader, group]) => {
      const topics = [...new Set(group.map(({ topic }) => topic))];
      const answer = (await (
        await net.node(leader)
      ).send(
        "Produce",
        {
          acks: -1,
          timeout: PRODUCE_LIMIT_MS,
          transactionalId: session.transactionalId,
          producerId: session.producerId,
          producerEpoch: session.epoch,
          topicData: topics.map((topic) => ({
            topic,
            partitions: group
              .filter((chunk) => chunk.topic === topic)
              .map((chunk) => ({
                partition: chunk.partition,
                firstSequence: session.sequences.get(nameOf(chunk)) ?? 0,
                messages: chunk.messages,
              })),
          })),
        },
        PRODUCE_LIMIT_MS,
      )) as {
        readonly topics: readonly { readonly topicName: string; readonly partitions: readonly PartitionAnswer[] }[];
      };
      for (const chunk of group) {
        const found = answer.topics
          .find(({ topicName }) => topicName === chunk.topic)
          ?.partitions.find(({ partition }) => partition === chunk.partition);
        if (found !== undefined) answers.set(chunk, found);
      }
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined && answers.size === 0) throw failed.reason;
  return chunks.map((chunk) => answers.get(chunk));
}

function chunksOf(records: readonly OutRecord[], offsets: readonly (number | undefined)[]): Map<string, Chunk[]> {
  const queues = new Map<string, Chunk[]>();
  records.forEach(({ topic, partition, key, value }, place) => {
    if (offsets[place] !== undefined) return;
    const name = nameOf({ topic, partition });
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value ?? "") + RECORD_OVERHEAD;
    let chunk = queue.at(-1);
    if (chunk === undefined || chunk.bytes + bytes > BATCH_BYTES) {
      chunk = { topic, partition, messages: [], places: [], bytes: 0 };
      queue.push(chunk);
    }
    chunk.messages.push({ key, value });
    chunk.places.push(place);
    chunk.bytes += bytes;
  });
  return queues;
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${String(partition)}`;
}
