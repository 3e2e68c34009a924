import type { PersonFacts, SourceFacts } from "../../domain/alert/inputs.js";
import type {
  InputPosition,
  ObservationRejected,
  ObservedRecord,
  ReadingFlag,
  VitalAccepted,
} from "../../domain/events/observation.js";
import { cut, jsonText } from "../../domain/observation/json.js";
import { LIVE } from "../../domain/observation/live.js";
import { parseTime } from "../../domain/observation/time.js";
import { clockFaultOf } from "./device-clock.js";
import { hashOf } from "./hash.js";
import { readRecord } from "./read.js";
import { lookUpId } from "./recent-ids.js";
import { lookUpSequence, type SequenceLook } from "./sequences.js";
import type { JudgeState } from "./state.js";
import { refusal, type Reading, type Refusal } from "./types.js";
import { advanceWatermark, watermarkOf } from "./watermark.js";

/** What a judgement rests on beside the record and the state. */
export interface JudgeFacts {
  /** Null: nobody of that id is on record. */
  person(patientId: string): PersonFacts | null;
  source(id: string): SourceFacts;
  /** The id under which a person is on record now, where records were merged. */
  resolve(patientId: string): string;
  /** Whether a record may say itself when it was received: time comes from the input. */
  readonly mayStateReceipt: boolean;
}

/** Where a record lies, and under which key. */
export interface ObservedPlace {
  readonly key: string;
  readonly input: InputPosition;
}

export type Verdict =
  | { readonly kind: "accepted"; readonly reading: VitalAccepted }
  | { readonly kind: "rejected"; readonly rejection: ObservationRejected }
  | { readonly kind: "duplicate"; readonly eventId: string };

/** A reading whose time is read. */
interface TimedReading extends Reading {
  readonly deviceTime: number;
}

/**
 * One verdict for each reading of a record, one for a record nothing can be read from. The same records in the same order with
 * the same facts give the same verdicts; the state holds what that takes. Accepted readings belong under their `patientId`,
 * rejections under the key of the place. Never throws for what a record holds.
 */
export function judge(
  observed: ObservedRecord,
  place: ObservedPlace,
  state: JudgeState,
  facts: JudgeFacts,
): readonly Verdict[] {
  const record = readRecord(observed.record);
  const source = facts.source(observed.source);
  const receipt = receivedAt(record.receivedAt, observed, facts);
  const receiptAt = typeof receipt === "number" ? receipt : observed.receivedAt;
  const rejected = (refused: Refusal, index: number): Verdict => ({
    kind: "rejected",
    rejection: rejectionOf(refused, index, observed, place, receiptAt),
  });
  if (typeof receipt !== "number") return [rejected(receipt, 0)];

  const read = record.readings.map((reading) =>
    reading.kind === "refusal" ? reading : timed(reading, place, source, receipt, facts),
  );
  const sound = read.filter((reading) => reading.kind === "reading");
  const sequence = lookUp(sound, receipt, state);
  const verdicts = read.map((reading, index) =>
    reading.kind === "refusal"
      ? rejected(reading, index)
      : judgeReading(reading, { observed, place, source, receipt, sequence, state, facts }),
  );
  if (sequence !== null && sound.length > 0 && sequence.seen !== "duplicate" && sequence.seen !== "conflict") {
    sequence.remember();
  }
  return verdicts;
}

function receivedAt(stated: string | null, observed: ObservedRecord, facts: JudgeFacts): number | Refusal {
  if (stated === null) return observed.receivedAt;
  if (!facts.mayStateReceipt) return refusal("RECEIVED_AT", "receivedAt", stated);
  const parsed = parseTime(stated, null, observed.receivedAt);
  return parsed.kind === "time" ? parsed.at : refusal("TIME", "receivedAt", stated);
}

function timed(
  reading: Reading,
  { key }: ObservedPlace,
  { zone }: SourceFacts,
  receipt: number,
  facts: JudgeFacts,
): TimedReading | Refusal {
  const { patientId, eventTime, timeField } = reading;
  // It lies in another partition than the patient's: what came before is not known here.
  if (key !== patientId)
    return refusal("KEY_MISMATCH", "key", key, `the patient of the record: ${jsonText(patientId)}`);
  if (facts.person(facts.resolve(patientId)) === null) return refusal("UNKNOWN_PATIENT", "patientId", patientId);
  const parsed = parseTime(eventTime, zone, receipt);
  switch (parsed.kind) {
    case "time":
      return { ...reading, deviceTime: parsed.at };
    case "zone":
      return refusal("TIME_ZONE", timeField, eventTime);
    case "syntax":
      return refusal("TIME", timeField, eventTime);
  }
}

/** The record among those of its device; null where it names no device, session or sequence. */
function lookUp(readings: readonly TimedReading[], receipt: number, state: JudgeState): SequenceLook | null {
  const [first] = readings;
  if (first === undefined) return null;
  const { deviceId, session, sequence, patientId, deviceTime } = first;
  if (deviceId === null || session === null || sequence === null) return null;
  const content = hashOf(readings.flatMap(contentOf)).slice(0, 16);
  const record = { patientId, device: deviceId, session, sequence, content, deviceTime, receivedAt: receipt };
  return lookUpSequence(state, record);
}

interface Circumstances {
  readonly observed: ObservedRecord;
  readonly place: ObservedPlace;
  readonly source: SourceFacts;
  readonly receipt: number;
  readonly sequence: SequenceLook | null;
  readonly state: JudgeState;
  readonly facts: JudgeFacts;
}

function judgeReading(reading: TimedReading, circumstances: Circumstances): Verdict {
  const { sequence, state, receipt } = circumstances;
  const { patientId } = reading;
  const eventId = eventIdOf(reading, circumstances.observed.source);
  if (sequence?.seen === "duplicate") return { kind: "duplicate", eventId };
  const content = hashOf(contentOf(reading));
  const byId = { patientId, content: content.slice(0, 16), receivedAt: receipt };
  const hasSequence = sequence !== null && sequence.seen !== "unknown";
  const own = hasSequence && reading.ownId === null ? null : lookUpId(state, { ...byId, id: eventId });
  if (own?.seen === "duplicate") return { kind: "duplicate", eventId };
  if (sequence?.seen !== "conflict" && own?.seen !== "conflict") {
    own?.remember();
    return { kind: "accepted", reading: accept(reading, eventId, false, circumstances) };
  }
  // Both are kept: the second under a name of its own, and it may come twice as well.
  const otherId = hashOf(["conflict", eventId, content]);
  const other = lookUpId(state, { ...byId, id: otherId });
  if (other.seen === "duplicate") return { kind: "duplicate", eventId: otherId };
  other.remember();
  return { kind: "accepted", reading: accept(reading, otherId, true, circumstances) };
}

/** The source's own id; else of what 0.18 of the domain handbook calls its key; else of all it says. */
function eventIdOf(reading: TimedReading, source: string): string {
  const { ownId, part, patientId, deviceId, session, sequence } = reading;
  if (ownId !== null) return part === "" ? ownId : `${ownId}#${part}`;
  if (deviceId !== null && session !== null && sequence !== null) {
    return hashOf(["sequence", patientId, deviceId, session, sequence, part]);
  }
  return hashOf(["content", source, session, sequence, ...contentOf(reading)]);
}

/** Everything a reading says, without how it came. */
function contentOf(reading: TimedReading): readonly (string | null | readonly string[])[] {
  const { patientId, part, deviceId, code, value, comparator, codedValue, quality, status, replaces } = reading;
  return [
    patientId,
    part,
    deviceId,
    code.code,
    value,
    comparator,
    codedValue,
    status,
    replaces,
    quality,
    String(reading.deviceTime),
  ];
}

function accept(
  reading: TimedReading,
  eventId: string,
  isConflict: boolean,
  { observed, place, source, receipt, sequence, state, facts }: Circumstances,
): VitalAccepted {
  const { patientId, deviceId, session, code } = reading;
  const fault = clockFaultOf(state, {
    patientId,
    device: deviceId === null ? null : `${deviceId}\n${session ?? ""}`,
    isOutOfOrder: sequence === null ? null : !sequence.isNewest,
    isContinuous: source.kind === "BEDSIDE",
    deviceTime: reading.deviceTime,
    receivedAt: receipt,
  });
  const effectiveTime = fault === null ? reading.deviceTime : receipt;
  const before = watermarkOf(state);
  const watermark = fault === null ? advanceWatermark(state, effectiveTime) : before;
  const flags: ReadingFlag[] = [];
  if (reading.isExtreme) flags.push("EXTREME");
  if (fault !== null) flags.push(fault.flag);
  if (isConflict) flags.push("CONFLICT");
  if (reading.value === null && reading.codedValue === null) flags.push("NO_VALUE");
  return {
    schema: 1,
    eventId,
    patientId,
    source: observed.source,
    submission: observed.submission,
    deviceId,
    session,
    sequence: reading.sequence,
    code: code.code,
    originalCode: reading.codeAsReceived === code.code ? null : reading.codeAsReceived,
    value: reading.value,
    comparator: reading.comparator,
    unit: reading.unit,
    codedValue: reading.codedValue,
    originalValue: reading.originalValue,
    originalUnit: reading.originalUnit,
    effectiveTime,
    originalTime: reading.eventTime,
    receivedAt: receipt,
    late: before !== null && effectiveTime < before,
    watermark,
    flags,
    clockOffsetMs: fault?.ahead ?? null,
    quality: reading.quality,
    status: reading.status,
    replaces: reading.replaces,
    simulated: observed.simulated || reading.simulated || (facts.person(facts.resolve(patientId))?.simulated ?? false),
    input: place.input,
  };
}

function rejectionOf(
  refused: Refusal,
  index: number,
  { source, submission, line, record }: ObservedRecord,
  { input }: ObservedPlace,
  rejectedAt: number,
): ObservationRejected {
  const { rule, field, found, expected } = refused;
  return {
    schema: 1,
    rejectionId: hashOf(["rejection", input.topic, input.partition, input.offset, index]),
    ...{ source, submission, line, rule, field, found, expected },
    raw: typeof record === "string" ? cut(record, LIVE.recordBytes) : jsonText(record, LIVE.recordBytes),
    rejectedAt,
    input,
  };
}
