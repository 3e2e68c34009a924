import { obey } from "./evaluation/commands.js";
import { beginEvaluation, endEvaluation, put } from "./evaluation/case.js";
import { adopt, endAll, handBack, handOver, noteRecord } from "./evaluation/moves.js";
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
  const evaluation = beginEvaluation(patientId, state, knowledge, otherRecord(patientId, input));
  if (!isLookedAt(evaluation.state.isWithdrawn, input)) return { state, outputs: [] };
  reconcileVersions(evaluation, timeOf(input));
  noteRecord(evaluation);
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
    case "end":
      endAll(evaluation, input);
      break;
    case "resume":
      put(evaluation, { isWithdrawn: false });
      break;
    case "merge":
      handOver(evaluation, input);
      break;
    case "unmerge":
      handBack(evaluation, input);
      break;
    case "adopt":
      adopt(evaluation, input);
      break;
  }
  return { state: endEvaluation(evaluation, state), outputs: evaluation.outputs };
}

/** The record a reading or window came under, where it is not the patient's own. */
function otherRecord(patientId: string, input: AlertInput): string | null {
  if (input.kind !== "reading" && input.kind !== "window") return null;
  const own = input.kind === "reading" ? input.reading.patientId : input.window.patientId;
  return own === patientId ? null : own;
}

/** Of somebody who withdrew nothing is evaluated but what people ask of alerts, and what ends, moves or resumes. */
function isLookedAt(isWithdrawn: boolean, { kind }: AlertInput): boolean {
  return !isWithdrawn || !["reading", "window", "time", "knowledge"].includes(kind);
}

function timeOf(input: AlertInput): number {
  switch (input.kind) {
    case "reading":
      return input.reading.receivedAt;
    case "window":
      return input.at;
    case "command":
      return input.command.at;
    case "adopt":
      return input.handed.at;
    default:
      return input.now;
  }
}
