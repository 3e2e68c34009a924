import type { SourceFacts } from "../../domain/alert/inputs.js";
import type { ObservedRecord, ReadingFlag, VitalAccepted } from "../../domain/events/observation.js";
import { clockFaultOf } from "./device-clock.js";
import type { JudgeFacts, ObservedPlace } from "./facts.js";
import { lookUpId } from "./recent-ids.js";
import type { SequenceLook } from "./sequences.js";
import type { JudgeState } from "./state.js";
import { partId, type Reading, type TimedReading } from "./types.js";
import { advanceWatermark, watermarkOf } from "./watermark.js";

/** What a reading came with. */
export interface Circumstances {
  readonly observed: ObservedRecord;
  readonly place: ObservedPlace;
  readonly source: SourceFacts;
  readonly receipt: number;
  readonly sequence: SequenceLook | null;
  readonly state: JudgeState;
  readonly facts: JudgeFacts;
}

/** The event of a reading that is taken; moves the watermark, and remembers what tells a clock that is behind. */
export function accept(
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
  const replaced = replacedBy(reading, receipt, state);
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
    status: replaced === null ? reading.status : "corrected",
    replaces: replaced ?? reading.replaces,
    simulated: observed.simulated || reading.simulated || (facts.person(facts.resolve(patientId))?.simulated ?? false),
    input: place.input,
  };
}

/** The preliminary reading that this one confirms or corrects; null where none came lately. */
function replacedBy({ follows, part, patientId }: Reading, receivedAt: number, state: JudgeState): string | null {
  if (follows === null) return null;
  const id = partId(follows, part);
  return lookUpId(state, { patientId, id, content: "", receivedAt }).seen === "new" ? null : id;
}
