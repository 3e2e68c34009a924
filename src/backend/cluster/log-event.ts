import type { LoggedEvent } from "../index.js";
import type { PlacedEvent } from "../log/events.js";
import type { RingEvent } from "../log/ring.js";
import type { KafkaRecord } from "./kafka-batch.js";

/** What a reader gets for a value that is not JSON: only a producer that is not ours writes one. */
export interface NotJson {
  readonly notJson: string;
}

/** A null value, with which a foreign producer removes a key, is JSON's null; a null key is empty. */
export function placed(topic: string, partition: number, { offset, key, value, at }: KafkaRecord): RingEvent {
  const event: PlacedEvent = {
    topic,
    partition,
    offset,
    key: key?.toString("utf8") ?? "",
    json: value?.toString("utf8") ?? "null",
  };
  return { event, at };
}

/** Nothing that lies in a topic stops its readers: what it means is theirs to say. */
export function logged({ event, at }: RingEvent): LoggedEvent {
  const { topic, partition, offset, key, json } = event;
  return { kind: "event", topic, partition, offset: BigInt(offset), key, at, value: parse(json) };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return { notJson: json } satisfies NotJson;
  }
}
