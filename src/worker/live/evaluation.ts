import type { LoggedEvent } from "../../backend/index.js";
import { evaluate, nextDue } from "../../domain/alert/evaluate.js";
import type { AlertInput, AlertOutput } from "../../domain/alert/inputs.js";
import type { KnowledgeFold } from "../../domain/alert/knowledge.js";
import type { AlertCommanded, AlertsHanded, InputForwarded } from "../../domain/events/alert.js";
import type { InputPosition, VitalAccepted } from "../../domain/events/observation.js";
import type { PersonMove } from "../../domain/person-link.js";
import { endOfStay } from "../../domain/stay.js";
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
  /** Offset of the next change of the registry. */
  readonly nextChange: bigint;
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
  /** Offset of the next change of the registry. */
  let registry = options.nextChange;
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
    if (output.kind === "handed") {
      const value = { ...output.handed, registry: String(registry) };
      writes.append(ALERT_COMMANDED, { key: output.patientId, value });
      return;
    }
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
    route(patientId, patientId, { kind: "reading", reading }, cause, writes);
    takeFinal(gate.onReading(reading, offset, knowledge.rules), cause, writes);
  }

  function takeFinal(final: readonly FinalWindow[], cause: InputPosition, writes: StepWrites): void {
    for (const { window, at } of final) {
      route(window.patientId, window.patientId, { kind: "window", window, at }, cause, writes);
    }
  }

  /** What came under a record is evaluated where its person is: here, or behind the log. */
  function route(
    here: string,
    record: string,
    input: InputForwarded["input"],
    cause: InputPosition,
    writes: StepWrites,
  ): void {
    const to = knowledge.resolve(record);
    if (to !== here) {
      const value: InputForwarded = { schema: 1, command: "forward", patientId: to, input, registry: String(registry) };
      writes.append(ALERT_COMMANDED, { key: to, value });
    } else evaluateHere(here, input, cause, writes);
  }

  function evaluateHere(
    patientId: string,
    input: InputForwarded["input"],
    cause: InputPosition,
    writes: StepWrites,
  ): void {
    if (knowledge.isWithdrawn(patientId)) return;
    if (input.kind === "window") apply(patientId, { kind: "time", now: input.at }, cause, writes);
    apply(patientId, input, cause, writes);
  }

  function takeForwarded(
    { patientId, input, registry: known }: InputForwarded,
    cause: InputPosition,
    writes: StepWrites,
  ): void {
    if (input.kind === "reading") advance(input.reading.receivedAt, cause, writes);
    const record = input.kind === "reading" ? input.reading.patientId : input.window.patientId;
    // Whoever sent it here knew the registry further than this: they were right.
    if (BigInt(known) > registry) evaluateHere(patientId, input, cause, writes);
    else route(patientId, record, input, cause, writes);
  }

  /** What was parted or merged on while the alerts were on their way is known here, and goes on as it should. */
  function takeHanded(handed: AlertsHanded, cause: InputPosition, writes: StepWrites): void {
    const { patientId, from, reason, alerts, by } = handed;
    if (!isInputTime) advance(handed.at, cause, writes);
    apply(patientId, { kind: "adopt", handed }, cause, writes);
    if (BigInt(handed.registry ?? "0") > registry) return;
    const to = knowledge.resolve(patientId);
    const origins = new Set([from, ...alerts.map(({ alert }) => alert.movedFrom ?? alert.patientId)]);
    for (const origin of reason === "MERGED" ? origins : []) {
      if (origin === patientId || knowledge.resolve(origin) === to) continue;
      apply(patientId, { kind: "unmerge", now, from: origin, by }, cause, writes);
    }
    if (to !== patientId) apply(patientId, { kind: "merge", now, into: to, by }, cause, writes);
  }

  function takeCommand(event: LoggedEvent, cause: InputPosition, writes: StepWrites): void {
    const command = parseAlertCommand(event);
    if (command.command === "adopt") takeHanded(command, cause, writes);
    else if (command.command === "forward") takeForwarded(command, cause, writes);
    else takeAsked(command, cause, writes);
  }

  function takeAsked(command: AlertCommanded, cause: InputPosition, writes: StepWrites): void {
    // Where readings alone tell the time, a command happens at theirs.
    const at = isInputTime ? now : Math.max(now, command.at);
    if (!isInputTime) advance(at, cause, writes);
    apply(command.patientId, { kind: "command", command: { ...command, at } }, cause, writes);
  }

  function takeRegistry(event: LoggedEvent, cause: InputPosition, writes: StepWrites): void {
    registry = event.offset + 1n;
    const registered = parseRegistryChange(event);
    const change = knowledge.apply(registered);
    if (change === null) return;
    if (!isInputTime) advance(Math.max(now, registered.at), cause, writes);
    const { by } = registered;
    switch (change.kind) {
      case "people":
        takeMoves(change.moves, by, cause, writes);
        return;
      case "stay": {
        const reason = endOfStay(change.before, change.after);
        const id = knowledge.resolve(change.patientId);
        if (reason !== null && isKnown(id)) apply(id, { kind: "end", now, reason, by }, cause, writes);
        return;
      }
      case "consent":
        settleConsent(knowledge.resolve(change.patientId), by, cause, writes);
        return;
      case "patient": {
        const id = knowledge.resolve(change.patientId);
        if (isKnown(id)) apply(id, { kind: "knowledge", now }, cause, writes);
        return;
      }
      case "rules":
      case "source":
        for (const id of [...patients.ids()].sort()) apply(id, { kind: "knowledge", now }, cause, writes);
    }
  }

  /** Records that were merged into one that is merged now go along with it. */
  function takeMoves(moves: readonly PersonMove[], by: string, cause: InputPosition, writes: StepWrites): void {
    const [first] = moves;
    if (first === undefined) return;
    if (first.from === first.id) {
      if (isKnown(first.id)) apply(first.id, { kind: "merge", now, into: first.to, by }, cause, writes);
    } else if (isKnown(first.from)) {
      for (const { id, from } of moves) apply(from, { kind: "unmerge", now, from: id, by }, cause, writes);
    }
    for (const id of [first.from, first.to]) settleConsent(id, by, cause, writes);
  }

  /** What somebody withdrew under one record holds for all of them. */
  function settleConsent(id: string, by: string, cause: InputPosition, writes: StepWrites): void {
    const known = patients.get(id);
    const isWithdrawn = knowledge.isWithdrawn(id);
    if (known === null || known.isWithdrawn === isWithdrawn) return;
    const end = { kind: "end", now, reason: "CONSENT_WITHDRAWN", by } as const;
    apply(id, isWithdrawn ? end : { kind: "resume", now }, cause, writes);
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
        takeCommand(event, cause, writes);
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
