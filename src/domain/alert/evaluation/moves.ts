import type { AlertsHanded, HandedAlert } from "../../events/alert.js";
import type { AlertPresence, AlertRecord } from "../alert.js";
import { KEPT } from "../constants.js";
import type { AlertInput } from "../inputs.js";
import { judgeSilences, noteSource } from "../kinds/silence.js";
import { isLower } from "../limit.js";
import type { AlertRule } from "../rule.js";
import { blankWatch, put, putWatch, withTimers, type Evaluation } from "./case.js";
import { watchKey, type MergeEnded, type Watch } from "./state.js";
import { calling, close, end, step } from "./steps.js";

type Of<Kind extends AlertInput["kind"]> = Extract<AlertInput, { kind: Kind }>;

/** Nothing is watched, waited for or known of the patient any more; what is over stays at hand. */
function forget(evaluation: Evaluation): void {
  put(evaluation, { watches: {}, readings: {}, parts: {}, sources: [], devices: [], settleDue: null });
}

/** The patient left, went elsewhere or withdrew: every open alert says so. */
export function endAll(evaluation: Evaluation, { now, reason, by }: Of<"end">): void {
  for (const [key, watch] of openWatches(evaluation)) end(evaluation, key, watch, {}, { reason, dueAt: now, by });
  forget(evaluation);
  if (reason === "CONSENT_WITHDRAWN") put(evaluation, { isWithdrawn: true });
}

/** Open alerts go over to the record this one was merged into; a condition that was waited for begins anew there. */
export function handOver(evaluation: Evaluation, { into, now, by }: Of<"merge">): void {
  const { sources } = evaluation.state;
  const alerts = openWatches(evaluation).map(([key, watch]) => handedOf(key, watch.alert));
  forget(evaluation);
  hand(evaluation, { patientId: into, reason: "MERGED", alerts, sources, by, at: now });
}

/** Something came under a record that was merged into this one. */
export function noteRecord(evaluation: Evaluation): void {
  const { under, state } = evaluation;
  if (under !== null && !state.others.includes(under)) put(evaluation, { others: [...state.others, under].sort() });
}

/**
 * What came from the other record goes back; what its coming ended is as it was, unless it has moved on since. Where readings came
 * under the other record, what is remembered of readings is of two people: it is forgotten, and what waits begins anew.
 */
export function handBack(evaluation: Evaluation, { from, now, by }: Of<"unmerge">): void {
  const moved = openWatches(evaluation).filter(([, { alert }]) => alert.movedFrom === from);
  const back = moved.map(([key, watch]) => handedOf(key, watch.alert));
  for (const [key, watch] of moved) putWatch(evaluation, key, { ...watch, alert: null, pending: null, timers: {} });
  const ended = evaluation.state.merges.filter((one) => one.from === from);
  const theirs = ended.flatMap((one) => {
    const alert = one.isTheirs ? takeClosed(evaluation, one) : null;
    return alert === null ? [] : [{ ...handedOf(one.key, alert), restores: one.before }];
  });
  put(evaluation, { merges: evaluation.state.merges.filter((one) => one.from !== from) });
  for (const one of ended) {
    const alert = one.isTheirs || evaluation.state.watches[one.key] !== undefined ? null : takeClosed(evaluation, one);
    if (alert !== null) takeUp(evaluation, one.key, alert, one.before, { reason: "UNMERGED", at: now, by, from });
  }
  if (evaluation.state.others.includes(from)) separate(evaluation, from);
  hand(evaluation, { patientId: from, reason: "UNMERGED", alerts: [...back, ...theirs], sources: [], by, at: now });
}

function separate(evaluation: Evaluation, from: string): void {
  const { watches, others } = evaluation.state;
  for (const [key, watch] of Object.entries(watches)) {
    if (watch.pending !== null) putWatch(evaluation, key, withTimers({ ...watch, pending: null }, { raise: null }));
  }
  const rest = others.filter((one) => one !== from);
  put(evaluation, { readings: {}, parts: {}, devices: [], settleDue: null, others: rest });
}

/** Takes alerts over. Of two of one rule and subject the one that calls stays open, else the older one; twice is as once. */
export function adopt(evaluation: Evaluation, { handed }: Of<"adopt">): void {
  const { from, reason, at, by, sources } = handed;
  for (const { subject, alert, restores } of handed.alerts) {
    if (isKnown(evaluation, alert)) continue;
    const key = watchKey(alert.ruleId, subject);
    const own = evaluation.state.watches[key];
    const facts = { reason, at, by, from };
    const coming = moved(evaluation, alert, restores ?? alert, facts);
    if (own?.alert != null && own.alert.presence !== "OFF") {
      if (!calls(coming, own.alert)) {
        const over = step(evaluation, alert, { ...coming, presence: "OFF", snoozedUntil: null }, saying(facts, from));
        close(evaluation, key, own, over);
        putEnded(evaluation, { from, key, isTheirs: true, before: coming, version: over.version });
        continue;
      }
      putEnded(evaluation, { from, key, isTheirs: false, before: own.alert, version: own.alert.version + 1 });
      putWatch(evaluation, key, end(evaluation, key, own, {}, saying(facts, from)));
    } else if (own?.alert != null) {
      close(evaluation, key, own, own.alert);
    }
    takeUp(evaluation, key, alert, restores ?? alert, facts);
  }
  for (const { source, heardAt } of sources) noteSource(evaluation, source, heardAt);
  if (sources.length > 0) judgeSilences(evaluation, at);
}

interface MoveFacts {
  readonly reason: "MERGED" | "UNMERGED";
  readonly at: number;
  readonly by: string;
  readonly from: string;
}

function saying({ reason, at, by }: MoveFacts, from: string) {
  return { reason, dueAt: at, by, text: reason === "MERGED" ? `merged with ${from}` : `parted from ${from}` } as const;
}

function moved(
  { patientId }: Evaluation,
  alert: AlertRecord,
  as: AlertRecord,
  { reason, from }: MoveFacts,
): AlertRecord {
  const { presence, snoozedUntil, acknowledgedBy, acknowledgedAt, conditionPresent, abatement } = as;
  const origin = alert.movedFrom ?? (alert.patientId === patientId ? null : from);
  return {
    ...alert,
    ...{ presence, snoozedUntil, acknowledgedBy, acknowledgedAt, conditionPresent, abatement },
    patientId,
    movedFrom: reason === "UNMERGED" || origin === patientId ? null : origin,
  };
}

/** The alert goes on here, as it stood there. */
function takeUp(evaluation: Evaluation, key: string, alert: AlertRecord, as: AlertRecord, facts: MoveFacts): void {
  const { at } = facts;
  const taken = step(evaluation, alert, moved(evaluation, alert, as, facts), saying(facts, facts.from));
  const rule = evaluation.rules.byId.get(alert.ruleId);
  if (rule === undefined) {
    // Its rule is in force no longer: the next input ends it and says so.
    const none: Watch = { ...blankWatch({ version: taken.ruleVersion }, at), alert: taken };
    putWatch(evaluation, key, none);
    return;
  }
  const severity = severityOf(rule, taken);
  const watch: Watch = { ...blankWatch({ version: taken.ruleVersion }, at), alert: taken, severity };
  const isAnswered = taken.presence === "ACK";
  const reAlarm =
    rule.reAlarmMs === null || taken.snoozedUntil !== null ? null : (taken.acknowledgedAt ?? at) + rule.reAlarmMs;
  const answered = { ...withTimers(watch, { snooze: taken.snoozedUntil, reAlarm }), silencedAt: severity };
  putWatch(evaluation, key, isAnswered ? answered : calling(watch, rule, at));
}

function severityOf({ kind, limit }: AlertRule, { value }: AlertRecord): number | null {
  const number = value === null || value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isNaN(number) || kind === "TECHNICAL" || kind === "STALE_DATA") return null;
  return limit !== null && isLower(limit) ? -number : number;
}

const RANKS: readonly AlertPresence[] = ["ON", "LATCHED", "ACK", "OFF"];

/** Whether one is to stay open rather than the other. */
function calls(one: AlertRecord, other: AlertRecord): boolean {
  const rank = RANKS.indexOf(one.presence) - RANKS.indexOf(other.presence);
  return rank === 0 ? one.onset < other.onset : rank < 0;
}

function openWatches(evaluation: Evaluation): readonly (readonly [string, Watch & { readonly alert: AlertRecord }])[] {
  return Object.entries(evaluation.state.watches)
    .filter((entry): entry is [string, Watch & { readonly alert: AlertRecord }] => {
      const { alert } = entry[1];
      return alert !== null && alert.presence !== "OFF";
    })
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

function handedOf(key: string, alert: AlertRecord): HandedAlert {
  return { subject: key.slice(key.indexOf("|") + 1), alert, restores: null };
}

/** Whether it, or a later version of it, was taken already. */
function isKnown({ state }: Evaluation, { id, version }: AlertRecord): boolean {
  const here = [...Object.values(state.watches), ...state.closed].map(({ alert }) => alert);
  return here.some((alert) => alert?.id === id && alert.version > version);
}

function takeClosed(evaluation: Evaluation, { before, version }: MergeEnded): AlertRecord | null {
  const closed = evaluation.state.closed.find(({ alert }) => alert.id === before.id && alert.version === version);
  if (closed === undefined) return null;
  put(evaluation, { closed: evaluation.state.closed.filter((one) => one !== closed) });
  return closed.alert;
}

function putEnded(evaluation: Evaluation, ended: MergeEnded): void {
  put(evaluation, { merges: [...evaluation.state.merges, ended].slice(-KEPT.closed) });
}

function hand(evaluation: Evaluation, handed: Omit<AlertsHanded, "schema" | "command" | "from">): void {
  const { patientId, alerts, sources } = handed;
  if (alerts.length === 0 && sources.length === 0) return;
  const gone = alerts.map(({ alert }) => ({ id: alert.id, to: patientId }));
  put(evaluation, { handed: [...evaluation.state.handed, ...gone].slice(-KEPT.handed) });
  const value: AlertsHanded = { schema: 1, command: "adopt", from: evaluation.patientId, ...handed };
  evaluation.outputs.push({ kind: "handed", patientId, handed: value });
}
