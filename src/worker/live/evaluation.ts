import type { LoggedEvent } from "../../backend/index.js";
import { evaluate, nextDue } from "../../domain/alert/evaluate.js";
import type { AlertInput, AlertOutput } from "../../domain/alert/inputs.js";
import type { KnowledgeFold } from "../../domain/alert/knowledge.js";
import type { AlertCommanded } from "../../domain/events/alert.js";
import type { InputPosition, VitalAccepted } from "../../domain/events/observation.js";
import { messageOf } from "../../errors.js";
import { ALERT_COMMANDED, ALERT_TRANSITIONED, parseAlertCommand } from "../../ingest/streams/alert.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED, parseAccepted, parseWindowed } from "../../ingest/streams/observation.js";
import { REGISTRY_CHANGED, parseRegistryChange } from "../../ingest/streams/registry.js";
import type { Log } from "../../log.js";
import { createDueQueue } from "./due-queue.js";
import type { LoopBody, LoopState, StepWrites } from "./partition-loop.js";
import { createPatientStates } from "./patient-states.js";
import { createWindowGate, type FinalWindow } from "./window-gate.js";

export interface EvaluationOptions {
  readonly state: LoopState;
  /** Offset of the next accepted reading. */
  readonly nextReading: bigint;
  /** As it stood when the last step was written. */
  readonly knowledge: KnowledgeFold;
  /** Looks at who is on record now. */
  readonly lookUp: () => Promise<unknown>;
  readonly log: Log;
  readonly isInputTime: boolean;
  /** An input could not be evaluated: the others go on, and the service says that it is not well. */
  readonly onFault: (what: string) => void;
}

const NOW = "now";

/**
 * Readings, final windows, commands and the registry of one partition become steps of alerts. Everything that is due at the
 * time of a reading's receipt happens before the reading is looked at.
 */
export function createEvaluation(options: EvaluationOptions): LoopBody {
  const { state, nextReading, knowledge, lookUp, log, isInputTime, onFault } = options;
  const due = createDueQueue();
  const gate = createWindowGate(state, nextReading);
  let now = (state.get(NOW) as number | null) ?? 0;
  const patients = createPatientStates(state);
  for (const id of patients.ids()) due.set(id, nextDue(patients.get(id)));

  function apply(patientId: string, input: AlertInput, cause: InputPosition | null, writes: StepWrites): void {
    const before = patients.get(patientId);
    const { state: after, outputs } = evaluate(patientId, before, input, knowledge);
    if (after !== null && after !== before) patients.set(patientId, after);
    due.set(patientId, nextDue(after));
    for (const output of outputs) write(output, cause, writes);
  }

  function write(output: AlertOutput, cause: InputPosition | null, writes: StepWrites): void {
    const key = output.kind === "changed" ? output.alert.patientId : output.patientId;
    writes.append(ALERT_TRANSITIONED, { key, value: { ...output, input: cause } });
  }

  /** Time never runs back; what became due on the way happens in its order. */
  function advance(to: number, cause: InputPosition | null, writes: StepWrites): void {
    for (let next = due.takeDue(to); next !== null; next = due.takeDue(to)) {
      now = Math.max(now, next.due);
      apply(next.name, { kind: "time", now }, cause, writes);
    }
    now = Math.max(now, to);
  }

  function takeReading(reading: VitalAccepted, offset: bigint, cause: InputPosition, writes: StepWrites): void {
    advance(reading.receivedAt, cause, writes);
    const { patientId } = reading;
    apply(patientId, { kind: "reading", reading }, cause, writes);
    takeFinal(gate.onReading(reading, offset, knowledge.rules), cause, writes);
  }

  function takeFinal(final: readonly FinalWindow[], cause: InputPosition, writes: StepWrites): void {
    for (const { window, at } of final) {
      apply(window.patientId, { kind: "time", now: at }, cause, writes);
      apply(window.patientId, { kind: "window", window, at }, cause, writes);
    }
  }

  function takeCommand(command: AlertCommanded, cause: InputPosition, writes: StepWrites): void {
    // Where readings alone tell the time, a command happens at theirs.
    const at = isInputTime ? now : Math.max(now, command.at);
    if (!isInputTime) advance(at, cause, writes);
    apply(command.patientId, { kind: "command", command: { ...command, at } }, cause, writes);
  }

  function takeRegistry(event: LoggedEvent, cause: InputPosition, writes: StepWrites): void {
    const registered = parseRegistryChange(event);
    const change = knowledge.apply(registered);
    if (change === null) return;
    if (!isInputTime) advance(Math.max(now, registered.at), cause, writes);
    const touched = change.kind === "patient" ? [change.patientId].filter(isKnown) : [...patients.ids()].sort();
    for (const id of touched) apply(id, { kind: "knowledge", now }, cause, writes);
  }

  function isKnown(id: string): boolean {
    return patients.get(id) !== null;
  }

  function take(event: LoggedEvent, writes: StepWrites): void {
    const { topic, partition, offset } = event;
    const cause = { topic, partition, offset: String(offset) };
    switch (topic) {
      case VITALS_ACCEPTED:
        takeReading(parseAccepted(event), offset, cause, writes);
        return;
      case VITALS_WINDOWED:
        takeFinal(gate.onWindow(parseWindowed(event), knowledge.rules), cause, writes);
        return;
      case ALERT_COMMANDED:
        takeCommand(parseAlertCommand(event), cause, writes);
        return;
      case REGISTRY_CHANGED:
        takeRegistry(event, cause, writes);
        return;
      default:
        throw new TypeError(`no input of the evaluation: ${topic}`);
    }
  }

  return {
    async step(events, reached, writes) {
      await lookUp();
      for (const event of events) {
        try {
          take(event, writes);
        } catch (thrown) {
          const { topic, partition, offset } = event;
          log.error(
            { topic, partition, offset: String(offset), cause: messageOf(thrown) },
            "an input was not evaluated",
          );
          onFault(`${topic}, partition ${String(partition)}, offset ${String(offset)} was not evaluated`);
        }
      }
      if (reached !== null) advance(reached, null, writes);
      patients.keep();
      if (state.get(NOW) !== now) state.set(NOW, now);
    },
    nextDue: () => due.first(),
  };
}
