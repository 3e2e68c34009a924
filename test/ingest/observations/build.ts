import type { ObservedRecord, VitalAccepted } from "../../../src/domain/events/observation.js";
import { judge, type JudgeFacts, type JudgeState, type Verdict } from "../../../src/ingest/observations/index.js";

export const START = Date.parse("2026-03-01T10:00:00Z");

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function buildRecord(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { patientId: "p1", code: "8867-4", value: 72, unit: "/min", eventTime: iso(START), ...overrides };
}

export function buildObserved(record: unknown, overrides: Partial<ObservedRecord> = {}): ObservedRecord {
  return {
    schema: 1,
    submission: null,
    line: null,
    source: "ward-7",
    by: null,
    receivedAt: START + 1000,
    simulated: false,
    record,
    ...overrides,
  };
}

export function buildFacts(overrides: Partial<JudgeFacts> = {}): JudgeFacts {
  return {
    person: (id) => (id.startsWith("p") ? { id, birthDate: null, simulated: false } : null),
    source: (id) => ({ id, kind: "BEDSIDE", staleAfterMs: 60_000, zone: null }),
    resolve: (id) => id,
    mayStateReceipt: false,
    ...overrides,
  };
}

/** Holds values as they are; frozen, since whoever set or got one must not change it. */
export function createState(
  entries = new Map<string, unknown>(),
): JudgeState & { readonly entries: Map<string, unknown> } {
  return {
    entries,
    get: (key) => entries.get(key) ?? null,
    set(key, value) {
      if (value === null) entries.delete(key);
      else entries.set(key, Object.freeze(value));
    },
  };
}

/** What the log gives back of a state: nothing but JSON survives in it. */
export function asLogged(entries: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map(JSON.parse(JSON.stringify([...entries])) as [string, unknown][]);
}

export interface Ward {
  readonly state: ReturnType<typeof createState>;
  /** Judges the next record of the log. */
  take(
    record: unknown,
    at?: { readonly receivedAt?: number; readonly key?: string; readonly source?: string },
  ): readonly Verdict[];
  /** The only reading a record gives. */
  accept(
    record: unknown,
    at?: { readonly receivedAt?: number; readonly key?: string; readonly source?: string },
  ): VitalAccepted;
}

export function openWard(facts: JudgeFacts = buildFacts(), state = createState()): Ward {
  let offset = 0;
  const take: Ward["take"] = (record, at = {}) => {
    const named = (record as { patientId?: unknown } | null)?.patientId;
    const key = at.key ?? (typeof named === "string" ? named : "p1");
    const input = { topic: "vitals.observed.v1", partition: 0, offset: String(offset) };
    offset += 1;
    const { receivedAt = START + 1000, source = "ward-7" } = at;
    return judge(buildObserved(record, { receivedAt, source }), { key, input }, state, facts);
  };
  return {
    state,
    take,
    accept(record, at) {
      const [verdict, ...others] = take(record, at);
      if (verdict?.kind !== "accepted" || others.length > 0) throw new Error(JSON.stringify([verdict, ...others]));
      return verdict.reading;
    },
  };
}

export function rulesOf(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.map((verdict) => (verdict.kind === "rejected" ? verdict.rejection.rule : verdict.kind));
}
