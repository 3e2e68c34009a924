import type { Position } from "../backend/index.js";
import type { AlertRecord, AlertStep } from "../domain/alert/alert.js";
import type { AlertCommandRefused } from "../domain/events/alert.js";
import {
  ALERT_TRANSITIONED,
  parseAlertTransition,
  type StoredAlert,
  type StoredStep,
} from "../ingest/streams/alert.js";
import { startFold, type StoredFoldOptions, type TopicFold } from "./fold.js";
import { createTimeColumn } from "./tail/time-column.js";

/** One step as it is kept: what it made of what a filter asks for, and where it lies in the log. */
export interface KeptStep extends AlertStep, Position {
  readonly version: number;
  /** When the log took it, in milliseconds since the epoch. */
  readonly at: number;
  readonly priority: AlertRecord["priority"];
  readonly patientId: string;
  readonly shadow: boolean;
}

/** An alert as it stands, with every step it made. */
export interface KeptAlert {
  readonly record: AlertRecord;
  /** By version. A step the log no longer holds is not there. */
  readonly steps: readonly KeptStep[];
  /** When its first step was due: what lists are ordered by, since it never changes. */
  readonly raisedAt: number;
}

/** Where an alert lies in a list. */
export interface AlertPlace {
  readonly raisedAt: number;
  readonly record: Pick<AlertRecord, "id">;
}

/** How a command ended: with the alert at that place of the log, or refused. */
export type CommandOutcome = { readonly kind: "changed"; readonly alert: AlertRecord } | AlertCommandRefused;

/** All alerts, folded from their topic; one per process. The highest version of an alert holds. */
export interface AlertFold extends TopicFold {
  find(id: string): KeptAlert | null;
  /** Whether there is or was an alert about the patient. */
  has(patientId: string): boolean;
  /** The newest first, then by id: of some patients, or of all; those that are over only if asked for. */
  newestFirst(patientIds: ReadonlySet<string> | null, isWhole: boolean): Iterable<KeptAlert>;
  /** The step an event tells, and the one before it; null for a repeat, or a version that came too late. */
  stepAt(id: string, version: number, position: Position): StepInPlace | null;
  outcomeOf(commandId: string): CommandOutcome | null;
}

export interface StepInPlace {
  readonly step: KeptStep;
  readonly before: KeptStep | null;
}

/** Alerts of a snapshot, and per partition where the log goes on. */
export interface StoredAlerts {
  readonly alerts: Iterable<StoredAlert>;
  readonly next: ReadonlyMap<number, bigint>;
}

interface Entry extends KeptAlert {
  record: AlertRecord;
  readonly steps: KeptStep[];
}

/** Commands that are remembered; one that is older is answered by the worker. */
const REMEMBERED = 10_000;

/** Resolves with the alerts of the snapshot; the log is followed from there until the signal ends it. */
export async function startAlertFold({ stored, ...options }: StoredFoldOptions<StoredAlerts>): Promise<AlertFold> {
  const alerts = new Map<string, Entry>();
  const ordered: Entry[] = [];
  const column = createTimeColumn(
    (left, right) => (ordered[left]?.record.id ?? "") > (ordered[right]?.record.id ?? ""),
  );
  const byPatient = new Map<string, Set<Entry>>();
  const open = new Set<Entry>();
  const outcomes = new Map<string, CommandOutcome>();

  /** What an alert looks like behind steps it did not make yet here. */
  function take(alert: AlertRecord, steps: readonly StoredStep[]): void {
    const known = alerts.get(alert.id);
    const fresh = steps.filter(({ version }) => version > (known?.record.version ?? 0));
    if (fresh.length === 0) return;
    const entry = known ?? { record: alert, steps: [], raisedAt: fresh[0]?.step.dueAt ?? alert.raisedAt };
    for (const { step, commandId: _, ...kept } of fresh) entry.steps.push({ ...step, ...kept });
    if (known === undefined) {
      alerts.set(alert.id, entry);
      ordered.push(entry);
      column.insert(entry.raisedAt, ordered.length - 1, 0);
    } else if (known.record.patientId !== alert.patientId) {
      byPatient.get(known.record.patientId)?.delete(known);
    }
    const own = byPatient.get(alert.patientId) ?? new Set();
    byPatient.set(alert.patientId, own.add(entry));
    entry.record = alert;
    if (alert.presence === "OFF") open.delete(entry);
    else open.add(entry);
  }

  function remember(commandId: string, outcome: CommandOutcome): void {
    if (outcomes.has(commandId)) return;
    outcomes.set(commandId, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > REMEMBERED && oldest !== undefined) outcomes.delete(oldest);
  }

  async function load(): Promise<ReadonlyMap<number, bigint>> {
    const { alerts: found, next } = await stored();
    for (const { record, steps } of found) take(record, steps);
    return next;
  }

  const fold = startFold({
    ...options,
    topic: ALERT_TRANSITIONED,
    from: await load(),
    // What has gone from the log is in a newer snapshot.
    onGap: async () => void (await load()),
    apply(event) {
      const transition = parseAlertTransition(event);
      if (transition.kind === "refused") {
        remember(transition.commandId, transition);
        return;
      }
      const { commandId, alert, step } = transition;
      const { version, priority, patientId, shadow } = alert;
      const { partition, offset, at } = event;
      take(alert, [{ version, partition, offset, at, commandId, priority, patientId, shadow, step }]);
      if (commandId !== null) remember(commandId, { kind: "changed", alert });
    },
  });

  function* everything(): Generator<Entry> {
    for (const { value } of column.backward(Infinity)) {
      const entry = ordered[value];
      if (entry !== undefined) yield entry;
    }
  }

  return Object.assign(fold, {
    find: (id: string) => alerts.get(id) ?? null,
    has: (patientId: string) => (byPatient.get(patientId)?.size ?? 0) > 0,
    newestFirst(patientIds: ReadonlySet<string> | null, isWhole: boolean): Iterable<KeptAlert> {
      if (patientIds === null && isWhole) return everything();
      const some = patientIds === null ? [...open] : [...patientIds].flatMap((id) => [...(byPatient.get(id) ?? [])]);
      return some.filter((entry) => isWhole || open.has(entry)).sort(byAge);
    },
    stepAt(id: string, version: number, { partition, offset }: Position) {
      const steps = alerts.get(id)?.steps ?? [];
      const at = steps.findLastIndex((step) => step.version === version);
      const step = steps[at];
      if (step?.partition !== partition || step.offset !== offset) return null;
      return { step, before: steps[at - 1] ?? null };
    },
    outcomeOf: (commandId: string) => outcomes.get(commandId) ?? null,
  });
}

/** The newest first, then by id. */
export function byAge(left: AlertPlace, right: AlertPlace): number {
  return (
    right.raisedAt - left.raisedAt || (left.record.id < right.record.id ? -1 : left.record.id > right.record.id ? 1 : 0)
  );
}
