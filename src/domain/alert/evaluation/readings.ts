import type { VitalAccepted } from "../../events/observation.js";
import { correct, isKnownAsReplaced } from "./corrections.js";
import type { Evaluation } from "./case.js";
import { judgeSilences, noteSource } from "../kinds/silence.js";
import { judgeDevice } from "../kinds/technical.js";
import type { KnownReading } from "./state.js";
import { takeValue } from "./values.js";

/** One accepted reading: what it says of its device, its code and the sets it belongs to. A repeat changes nothing. */
export function takeReading(evaluation: Evaluation, accepted: VitalAccepted): void {
  const { code, eventId, receivedAt, status, replaces } = accepted;
  const known = evaluation.state.readings[code];
  if (known?.last.id === eventId || known?.before?.id === eventId || isKnownAsReplaced(evaluation, eventId)) return;
  if (replaces !== null || status === "entered-in-error") {
    correct(evaluation, accepted, knownReading(accepted));
    return;
  }
  judgeDevice(evaluation, accepted);
  if (accepted.value === null && accepted.codedValue === null) return;
  noteSource(evaluation, accepted.source, receivedAt);
  takeValue(evaluation, code, knownReading(accepted));
  judgeSilences(evaluation, receivedAt);
}

function knownReading(accepted: VitalAccepted): KnownReading {
  const { flags } = accepted;
  return {
    id: accepted.eventId,
    at: accepted.effectiveTime,
    receivedAt: accepted.receivedAt,
    value: accepted.value,
    coded: accepted.codedValue,
    comparator: accepted.comparator,
    unit: accepted.unit,
    source: accepted.source,
    simulated: accepted.simulated,
    extreme: flags.includes("EXTREME"),
    doubtful: flags.includes("EXTREME") || flags.includes("CONFLICT"),
  };
}
