import type { VitalAccepted } from "../events/observation.js";
import { beginEvaluation, endEvaluation, inScope, isTried, type Evaluation } from "./evaluation.js";
import type { AlertInput, AlertOutput, Knowledge } from "./inputs.js";
import { judgeThreshold } from "./kinds/threshold.js";
import type { KnownReading, PatientState } from "./state.js";
import { passTime } from "./timers.js";

export { nextDue, type PatientState } from "./state.js";

export interface Evaluated {
  /** The same object where the input changed nothing; null where nothing is left to remember. */
  readonly state: PatientState | null;
  /** In the order in which they happened. */
  readonly outputs: readonly AlertOutput[];
}

/**
 * What one input makes of one patient's alerts. A function of its arguments: no clock, no chance, no order but that of the
 * input. The caller puts in `time` of a reading's receipt before the reading.
 */
export function evaluate(
  patientId: string,
  state: PatientState | null,
  input: AlertInput,
  knowledge: Knowledge,
): Evaluated {
  const evaluation = beginEvaluation(patientId, state, knowledge);
  switch (input.kind) {
    case "reading":
      takeReading(evaluation, input.reading);
      break;
    case "time":
      passTime(evaluation, input.now);
      break;
    case "window":
    case "command":
    case "knowledge":
      break;
  }
  return { state: endEvaluation(evaluation, state), outputs: evaluation.outputs };
}

function takeReading(evaluation: Evaluation, accepted: VitalAccepted): void {
  const reading = known(accepted);
  const before = evaluation.readings[accepted.code];
  if (reading.value === null && reading.coded === null) return;
  if (before !== undefined && (before.last.id === reading.id || reading.at < before.last.at)) return;
  evaluation.readings[accepted.code] = { last: reading, before: before?.last ?? null };
  evaluation.changed = true;
  for (const rule of evaluation.knowledge.rules) {
    if (!isTried(rule) || rule.code !== accepted.code || !inScope(evaluation, rule, reading.at)) continue;
    if (rule.kind === "THRESHOLD") judgeThreshold(evaluation, rule, reading);
  }
}

function known(accepted: VitalAccepted): KnownReading {
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
    doubtful: accepted.flags.some((flag) => flag === "EXTREME" || flag === "CONFLICT"),
  };
}
