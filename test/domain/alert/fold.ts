import type { AlertTransitioned } from "../../../src/domain/events/alert.js";
import type { AlertRecord, AlertStep } from "../../../src/domain/alert/alert.js";

/** A step as the alert was behind it. */
export interface AlertHistoryStep extends AlertStep {
  readonly version: number;
  readonly alert: AlertRecord;
}

/** An alert as its highest version says, and how it came there. */
export interface FoldedAlert {
  readonly alert: AlertRecord;
  /** In order of version; those the log no longer holds are missing. */
  readonly history: readonly AlertHistoryStep[];
}

/** Takes the next transition. True when it holds: a repeat, or a version that came too late, changes nothing. */
export function foldTransition(alerts: Map<string, FoldedAlert>, transition: AlertTransitioned): boolean {
  if (transition.kind === "refused") return false;
  const { alert, step } = transition;
  const known = alerts.get(alert.id);
  if (known !== undefined && known.alert.version >= alert.version) return false;
  const history = [...(known?.history ?? []), { ...step, version: alert.version, alert }];
  alerts.set(alert.id, { alert, history });
  return true;
}

/** Alerts by id, in the order in which they were raised. */
export function foldAlerts(transitions: Iterable<AlertTransitioned>): ReadonlyMap<string, FoldedAlert> {
  const alerts = new Map<string, FoldedAlert>();
  for (const transition of transitions) foldTransition(alerts, transition);
  return alerts;
}
