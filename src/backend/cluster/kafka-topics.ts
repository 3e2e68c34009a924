import { VitalomeError } from "../../errors.js";
import { EXPIRY, TOPICS, type Topic } from "../topics.js";
import { failOn, faultOf, KAFKA } from "./kafka-errors.js";
import { listOffsets } from "./kafka-fetch.js";
import type { KafkaNet } from "./kafka-net.js";

export interface TopicSettings {
  readonly prefix: string;
  readonly replicationFactor: number;
  readonly minInsyncReplicas: number;
}

/** More than the most one write of the event log may hold. */
const LARGEST_BATCH_BYTES = 36 * 1024 * 1024;
const COMPACTED_SEGMENT_BYTES = 64 * 1024 * 1024;
const CREATE_LIMIT_MS = 30_000;

/** Makes the topics that are absent. CONFIG_INVALID when one has another partition count than it must have. */
export async function ensureTopics(net: KafkaNet, settings: TopicSettings): Promise<void> {
  const counts = new Map(Object.entries(TOPICS).map(([name, count]) => [settings.prefix + name, count]));
  if ((await absent(net, counts)).length === 0) return;
  await net.inWords(async () => {
    const missing = await absent(net, counts);
    if (missing.length === 0) return;
    await create(net, missing, settings);
    // Known to the controller, not yet to every broker.
    if ((await absent(net, counts)).length > 0) throw faultOf(KAFKA.unknownTopicOrPartition);
    // Nor is a broker ready to lead at once what it is said to lead.
    for (const [topic, count] of counts) {
      const partitions = Array.from({ length: count }, (_, partition) => partition);
      await listOffsets(net, topic, partitions, "start");
    }
  });
}

async function absent(net: KafkaNet, counts: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const found = await net.inWords(() => net.metadata([...counts.keys()]));
  const missing: string[] = [];
  for (const { topic, error, leaders } of found) {
    const count = counts.get(topic);
    const isThere = error === KAFKA.none && leaders.length > 0;
    if (isThere && count !== leaders.length) {
      const text = `the Kafka topic ${topic} has ${String(leaders.length)} partitions and must have ${String(count)}`;
      throw new VitalomeError("CONFIG_INVALID", text);
    }
    if (!isThere || leaders.includes(-1)) missing.push(topic);
  }
  return missing;
}

async function create(net: KafkaNet, names: readonly string[], settings: TopicSettings): Promise<void> {
  const topics = names.map((topic) => {
    const name = topic.slice(settings.prefix.length) as Topic;
    const configEntries = Object.entries(configOf(name, settings)).map(([key, value]) => ({ name: key, value }));
    return { topic, numPartitions: TOPICS[name], replicationFactor: settings.replicationFactor, configEntries };
  });
  const link = await net.any();
  const answer = (await link.send("CreateTopics", { topics, timeout: CREATE_LIMIT_MS }, CREATE_LIMIT_MS)) as {
    readonly topicErrors: readonly { readonly errorCode: number; readonly errorMessage: string | null }[];
  };
  for (const { errorCode, errorMessage } of answer.topicErrors) {
    if (errorCode === KAFKA.none || errorCode === KAFKA.topicExists) continue;
    if (errorMessage === null) failOn(errorCode);
    throw Object.assign(faultOf(errorCode), { message: errorMessage });
  }
}

function configOf(name: Topic, { minInsyncReplicas }: TopicSettings): Readonly<Record<string, string>> {
  const expiry: Readonly<Record<string, string>> =
    EXPIRY[name] === "superseded"
      ? {
          "cleanup.policy": "compact",
          // Only closed segments are compacted, and whoever takes over a place reads the whole topic.
          "segment.bytes": String(COMPACTED_SEGMENT_BYTES),
          "min.cleanable.dirty.ratio": "0.2",
        }
      : // What goes is decided by the log's own retention: Kafka does not know who has read it.
        { "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1" };
  return {
    ...expiry,
    "min.insync.replicas": String(minInsyncReplicas),
    "max.message.bytes": String(LARGEST_BATCH_BYTES),
    // An event's time is when the log took it, whatever its producer's clock says.
    "message.timestamp.type": "LogAppendTime",
    // Whatever a foreign producer sends, the brokers store what every reader can read, and read fast: batches are small.
    "compression.type": "uncompressed",
  };
}
