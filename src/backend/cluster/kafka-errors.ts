import protocolErrors from "kafkajs/src/protocol/error.js";
import { VitalomeError, messageOf } from "../../errors.js";

/** Kafka's error codes, where their meaning decides what is done next. */
export const KAFKA = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  recordListTooLarge: 18,
  topicExists: 36,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  concurrentTransactions: 51,
  unknownProducerId: 59,
  producerFenced: 90,
} as const;

/** What is not refused for good: leaders and coordinators that move or start, replicas that lag, what is under way. */
const AGAIN = new Set([3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 74, 75, 78, 79, 88]);
const FENCED = new Set<number>([KAFKA.invalidProducerEpoch, KAFKA.producerFenced]);

/** An answer with an error code, or no answer. */
export interface KafkaFault extends Error {
  readonly name: "KafkaFault";
  /** Null: the broker did not answer. */
  readonly code: number | null;
}

export function faultOf(code: number): KafkaFault {
  const cause = protocolErrors.createErrorFromCode(code);
  return Object.assign(new Error(cause.message), { name: "KafkaFault" as const, code });
}

export function noAnswer(cause: unknown): KafkaFault {
  return Object.assign(new Error(messageOf(cause), { cause }), { name: "KafkaFault" as const, code: null });
}

export function failOn(code: number): void {
  if (code !== KAFKA.none) throw faultOf(code);
}

function codeOf(thrown: unknown): number | null | undefined {
  return (thrown as { name?: unknown }).name === "KafkaFault" ? (thrown as KafkaFault).code : undefined;
}

export function hasCode(thrown: unknown, ...codes: readonly number[]): boolean {
  const code = codeOf(thrown);
  return typeof code === "number" && codes.includes(code);
}

/** Whether the same request may succeed later. */
export function canAskAgain(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === null || (code !== undefined && AGAIN.has(code));
}

/** Whether another producer with the same transactional id has begun since, or the transaction took too long. */
export function isFenced(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return typeof code === "number" && FENCED.has(code);
}

export function outOfReach(cause: unknown): VitalomeError {
  return new VitalomeError("BACKEND_UNAVAILABLE", "Kafka is out of reach", { cause });
}

/** A fault that stays, in our words. */
export function refusal(thrown: unknown): unknown {
  if (codeOf(thrown) === undefined) return thrown;
  if (hasCode(thrown, KAFKA.messageTooLarge, KAFKA.recordListTooLarge))
    return new VitalomeError("LIMIT_EXCEEDED", "an event is larger than its Kafka topic allows", { cause: thrown });
  return new VitalomeError("BACKEND_UNAVAILABLE", "Kafka refused the request", { cause: thrown });
}
