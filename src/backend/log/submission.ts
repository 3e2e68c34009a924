import { VitalomeError } from "../../errors.js";
import type { ConsumerPlace, NewEvent, ReadFrom, Transaction } from "../index.js";
import { TOPICS, isTopic, type Topic } from "../topics.js";
import type { Progress } from "./events.js";

export interface SubmittedEvent {
  readonly topic: Topic;
  readonly key: string;
  readonly json: string;
}

/** What one append or transaction hands in: checked and already JSON text, so that nothing can fail on the way. */
export interface Submission {
  readonly events: readonly SubmittedEvent[];
  readonly progress: Progress | null;
  readonly bytes: number;
}

/** The most one append or transaction may hold: 32 MiB. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Names and state keys become part of an index key. */
const MAX_NAME_BYTES = 512;
const EVENT_OVERHEAD = 64;

export function checkTopic(name: string): Topic {
  if (!isTopic(name))
    throw new VitalomeError("BAD_USER_INPUT", "there is no such topic", { details: { field: "topic" } });
  return name;
}

export function checkPlace({ consumer, topic, partition }: ConsumerPlace): void {
  checkName("consumer", consumer);
  checkPartition(checkTopic(topic), partition);
}

/** BAD_USER_INPUT for what JSON cannot say. */
export function serialise(topic: Topic, event: NewEvent): SubmittedEvent {
  return { topic, key: event.key, json: toJson(event.value) };
}

/** LIMIT_EXCEEDED when it is too much for one write. */
export function eventsBytes(events: readonly SubmittedEvent[], state: Progress["state"]): number {
  let bytes = 0;
  for (const { key, json } of events) bytes += Buffer.byteLength(key) + Buffer.byteLength(json) + EVENT_OVERHEAD;
  for (const [key, json] of state) bytes += Buffer.byteLength(key) + Buffer.byteLength(json ?? "") + EVENT_OVERHEAD;
  if (bytes > MAX_BYTES) {
    const details = { limit: "bytes", max: MAX_BYTES, actual: bytes };
    throw new VitalomeError("LIMIT_EXCEEDED", "too much for one write to the event log", { details });
  }
  return bytes;
}

/** Runs the work and gathers what it asked for; null when that is nothing. Whatever it throws, nothing is written. */
export function collectTransaction(place: ConsumerPlace, work: (transaction: Transaction) => void): Submission | null {
  const events: SubmittedEvent[] = [];
  const state = new Map<string, string | null>();
  let next: number | null = null;
  work({
    append: (topic, event) => {
      events.push(serialise(checkTopic(topic), event));
    },
    advance: (offset) => {
      if (offset < 0n) throw invalid("offset", "an offset of 0 or more");
      next = Number(offset);
    },
    setState: (key, value) => {
      checkName("key", key);
      state.set(key, value === null ? null : toJson(value));
    },
  });
  if (events.length === 0 && state.size === 0 && next === null) return null;
  const progress: Progress | null = state.size === 0 && next === null ? null : { ...place, next, state: [...state] };
  return { events, progress, bytes: eventsBytes(events, progress?.state ?? []) };
}

/** Per partition the first offset wanted. CURSOR_INVALID for one beyond the end: what it saw is not in this log. */
export function startOf(from: ReadFrom, starts: readonly number[], ends: readonly number[]): number[] {
  const start = [...starts];
  for (const [partition, offset] of from) {
    const end = ends[partition];
    if (end === undefined) throw invalid("partition", `a number below ${String(ends.length)}`);
    if (offset < 0n) throw invalid("offset", "an offset of 0 or more");
    if (offset > BigInt(end))
      throw new VitalomeError("CURSOR_INVALID", "the position lies beyond the end of the event log");
    start[partition] = Number(offset);
  }
  return start;
}

function checkPartition(topic: Topic, partition: number): void {
  const count = TOPICS[topic];
  if (!Number.isInteger(partition) || partition < 0 || partition >= count)
    throw invalid("partition", `a number below ${String(count)}`);
}

function checkName(field: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > MAX_NAME_BYTES) throw invalid(field, `1 to ${String(MAX_NAME_BYTES)} bytes`);
}

function toJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (thrown) {
    throw new VitalomeError("BAD_USER_INPUT", "the value is not JSON", { cause: thrown, details: { field: "value" } });
  }
  if (json === undefined) throw invalid("value", "a JSON value");
  return json;
}

function invalid(field: string, expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `${field} must be ${expected}`, { details: { field, expected } });
}
