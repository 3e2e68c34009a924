import { evaluate, type PatientState } from "../../../src/domain/alert/evaluate.js";
import type { AlertInput, AlertOutput, Knowledge, PersonFacts, SourceFacts } from "../../../src/domain/alert/inputs.js";
import type { MonitoringPlan } from "../../../src/domain/alert/plan.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import type { VitalAccepted } from "../../../src/domain/events/observation.js";
import * as build from "../../helpers/build.js";

export const SPO2 = "2708-6";
export const HR = "8867-4";
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A rule that waits before it calls, and before it is content. */
export function buildRule(overrides: Partial<AlertRule> = {}): AlertRule {
  return build.buildRule({
    ...{ id: "spo2-low", name: "SpO2 low", code: SPO2 },
    limit: { comparator: "<", value: 90, unit: "%" },
    clear: { comparator: ">=", value: 92, unit: "%" },
    delayMs: 15 * SECOND,
    clearDelayMs: 30 * SECOND,
    ...overrides,
  });
}

/** Received when it was measured; it has no value unless one is given. */
export function buildReading(overrides: Partial<VitalAccepted> = {}): VitalAccepted {
  const effectiveTime = overrides.effectiveTime ?? 0;
  const code = overrides.code ?? SPO2;
  return build.buildAccepted({
    ...{ eventId: `${code}@${String(effectiveTime)}`, source: "ward", deviceId: "d1", session: null, sequence: null },
    ...{ code, value: null, unit: null, effectiveTime, originalTime: null, receivedAt: effectiveTime },
    ...overrides,
  });
}

export interface World {
  readonly rules: readonly AlertRule[];
  readonly person?: PersonFacts | null;
  readonly plan?: MonitoringPlan | null;
  readonly sources?: readonly SourceFacts[];
}

export function buildKnowledge({ rules, person = null, plan = null, sources = [] }: World): Knowledge {
  return {
    rules,
    person: () => person,
    plan: (_, at) =>
      plan !== null && plan.validFrom <= at && (plan.validTo === null || at < plan.validTo) ? plan : null,
    source: (id) =>
      sources.find((source) => source.id === id) ?? { id, kind: "BEDSIDE", staleAfterMs: MINUTE, zone: null },
  };
}

export type Changed = Extract<AlertOutput, { kind: "changed" }>;

/** One patient under evaluation; what was put out so far, and the state after a round trip through JSON. */
export function buildPatient(world: World, patientId = "p1") {
  let knowledge = buildKnowledge(world);
  let state: PatientState | null = null;
  const outputs: AlertOutput[] = [];
  const put = (input: AlertInput): readonly AlertOutput[] => {
    const after = evaluate(patientId, state, input, knowledge);
    state = JSON.parse(JSON.stringify(after.state)) as PatientState | null;
    outputs.push(...after.outputs);
    return after.outputs;
  };
  return {
    outputs,
    put,
    get state(): PatientState | null {
      return state;
    },
    /** A reading, behind the time of its receipt. */
    read(overrides: Partial<VitalAccepted>): readonly AlertOutput[] {
      const reading = buildReading({ patientId, ...overrides });
      return [...put({ kind: "time", now: reading.receivedAt }), ...put({ kind: "reading", reading })];
    },
    pass: (now: number): readonly AlertOutput[] => put({ kind: "time", now }),
    know(next: World, now: number): readonly AlertOutput[] {
      knowledge = buildKnowledge(next);
      return put({ kind: "knowledge", now });
    },
    steps: (): readonly Changed[] => outputs.filter((output): output is Changed => output.kind === "changed"),
  };
}

/** `RAISED ON 30` and so on: reason, presence and when it was due, in seconds. */
export function stepTexts(outputs: readonly AlertOutput[]): readonly string[] {
  return outputs.map((output) =>
    output.kind === "changed"
      ? `${output.step.reason} ${output.step.to} ${String(output.step.dueAt / SECOND)}`
      : output.kind === "refused"
        ? `refused ${output.code}`
        : `handed to ${output.patientId}`,
  );
}
