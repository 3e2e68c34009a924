import type { SourceFacts } from "../../domain/alert/inputs.js";
import type { ObservationRejected, ObservedRecord, VitalAccepted } from "../../domain/events/observation.js";
import { jsonText } from "../../domain/observation/json.js";
import { parseTime } from "../../domain/observation/time.js";
import { accept, type Circumstances } from "./accept.js";
import type { JudgeFacts, ObservedPlace } from "./facts.js";
import { hashOf } from "./hash.js";
import { contentOf, eventIdOf } from "./identity.js";
import { readRecord } from "./read.js";
import { judgeMessage } from "./message.js";
import { lookUpId } from "./recent-ids.js";
import { rejectionOf } from "./rejection.js";
import { lookUpSequence, type SequenceLook } from "./sequences.js";
import type { JudgeState } from "./state.js";
import { PRELIMINARY, refusal, type Reading, type Refusal, type TimedReading } from "./types.js";

export type Verdict =
  | { readonly kind: "accepted"; readonly reading: VitalAccepted }
  | { readonly kind: "rejected"; readonly rejection: ObservationRejected }
  | { readonly kind: "duplicate"; readonly eventId: string }
  /** A message that gives no reading: what it says is known by then. */
  | { readonly kind: "noted" };

/**
 * One verdict for each reading of a record, one for a record nothing can be read from, or that says no reading. The same records in the same order with
 * the same facts give the same verdicts; the state holds what that takes. Accepted readings belong under their `patientId`,
 * rejections under the key of the place. Never throws for what a record holds.
 */
export function judge(
  observed: ObservedRecord,
  place: ObservedPlace,
  state: JudgeState,
  facts: JudgeFacts,
): readonly Verdict[] {
  if (observed.message !== undefined) return [judgeMessage(observed, observed.message, place, state)];
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

function judgeReading(reading: TimedReading, circumstances: Circumstances): Verdict {
  const { sequence, state, receipt } = circumstances;
  const { patientId } = reading;
  const eventId = eventIdOf(reading, circumstances.observed.source);
  if (sequence?.seen === "duplicate") return { kind: "duplicate", eventId };
  const isTold = sequence !== null && sequence.seen !== "unknown" && reading.ownId === null;
  if (isTold && sequence.seen === "new") {
    return { kind: "accepted", reading: accept(reading, eventId, false, circumstances) };
  }
  const content = hashOf(contentOf(reading));
  const named = { patientId, content: content.slice(0, 16), receivedAt: receipt };
  const own = isTold ? null : lookUpId(state, { ...named, id: eventId });
  if (own?.seen === "duplicate") return { kind: "duplicate", eventId };
  if (sequence?.seen !== "conflict" && own?.seen !== "conflict") {
    own?.remember();
    return { kind: "accepted", reading: accept(reading, eventId, false, circumstances) };
  }
  // Both are kept: the second under a name of its own, and it may come twice as well.
  const otherId = hashOf(["conflict", eventId, content]);
  const other = lookUpId(state, { ...named, id: otherId });
  if (other.seen === "duplicate") return { kind: "duplicate", eventId: otherId };
  other.remember();
  // What is not confirmed may change: it says nothing against the first.
  const isRevision = reading.quality.includes(PRELIMINARY) && sequence?.seen !== "conflict";
  const taken: TimedReading = isRevision ? { ...reading, status: "corrected", replaces: eventId } : reading;
  return { kind: "accepted", reading: accept(taken, otherId, !isRevision, circumstances) };
}
