import { obey } from "./evaluation/commands.js";
import { beginEvaluation, endEvaluation } from "./evaluation/case.js";
import type { AlertInput, AlertOutput, Knowledge } from "./inputs.js";
import { judgeWindow } from "./kinds/window.js";
import { takeReading } from "./evaluation/readings.js";
import { reconcile, reconcileVersions } from "./evaluation/reconcile.js";
import type { PatientState } from "./evaluation/state.js";
import { passTime } from "./evaluation/timers.js";

export { nextDue, type PatientState } from "./evaluation/state.js";

export interface Evaluated {
  /** The same object where the input changed nothing. */
  readonly state: PatientState | null;
  /** In the order in which they happened. */
  readonly outputs: readonly AlertOutput[];
}

/**
 * What one input makes of one patient's alerts. A function of its arguments: no clock, no chance, no order but that of the
 * input. The caller puts in `time` of a reading's receipt before the reading, and `time` no later than `nextDue` where nothing
 * else comes.
 */
export function evaluate(
  patientId: string,
  state: PatientState | null,
  input: AlertInput,
  knowledge: Knowledge,
): Evaluated {
  const evaluation = beginEvaluation(patientId, state, knowledge);
  reconcileVersions(evaluation, timeOf(input));
  switch (input.kind) {
    case "reading":
      takeReading(evaluation, input.reading);
      break;
    case "window":
      judgeWindow(evaluation, input.window, input.at);
      break;
    case "command":
      obey(evaluation, input.command);
      break;
    case "time":
      passTime(evaluation, input.now);
      break;
    case "knowledge":
      reconcile(evaluation, input.now);
      break;
  }
  return { state: endEvaluation(evaluation, state), outputs: evaluation.outputs };
}

function timeOf(input: AlertInput): number {
  switch (input.kind) {
    case "reading":
      return input.reading.receivedAt;
    case "window":
      return input.at;
    case "command":
      return input.command.at;
    case "time":
    case "knowledge":
      return input.now;
  }
}
