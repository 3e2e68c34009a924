import { randomUUID } from "node:crypto";
import { logLevel, Kafka, type Admin } from "kafkajs";
import { readStatus } from "../../../src/stack/index.js";
import { stackForTests } from "../../helpers/stack.js";

/** Of the shared stack; a given one whose other parts are away will do as well. */
export async function brokerForTests(): Promise<string> {
  const given = process.env["VITALOME_TEST_STACK"] ?? "";
  const parts = given === "" ? [] : await readStatus(given);
  const kafka = parts.find(({ part, state }) => part === "kafka" && state === "up");
  return kafka?.address ?? (await stackForTests()).kafka;
}

/** Before the names of all topics of one test. */
export function newPrefix(): string {
  return `t${randomUUID().slice(0, 8)}.`;
}

/** A client that is not ours, for what is foreign to the log. */
export function foreignKafka(broker: string): Kafka {
  const retry = { retries: 60, initialRetryTime: 50, maxRetryTime: 500 };
  return new Kafka({ brokers: [broker], connectionTimeout: 10_000, logLevel: logLevel.NOTHING, retry });
}

export async function withAdmin<T>(broker: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = foreignKafka(broker).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function deleteTopics(broker: string, prefixes: readonly string[]): Promise<void> {
  await withAdmin(broker, async (admin) => {
    const topics = (await admin.listTopics()).filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}
