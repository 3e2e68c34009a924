import { createHash } from "node:crypto";
import type { EventLog, LoggedEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import {
  ALERT_PRIORITIES,
  type AlertAssessment,
  type AlertKind,
  type AlertPresence,
  type AlertPriority,
  type AlertRecord,
} from "../domain/alert/alert.js";
import type { Caller } from "../domain/caller.js";
import type { AlertCommanded } from "../domain/events/alert.js";
import type { LiveSource } from "../domain/live.js";
import { VitalomeError } from "../errors.js";
import { ALERT_COMMANDED, ALERT_TRANSITIONED, parseAlertTransition } from "../ingest/streams/alert.js";
import { policy } from "../policy.js";
import {
  byAge,
  type AlertFold,
  type AlertPlace,
  type CommandOutcome,
  type KeptAlert,
  type KeptStep,
} from "./alert-fold.js";
import type { CohortMembers } from "./cohort-members.js";
import { watchTopic } from "./live.js";
import { checkFirst, openCursor, pageOf, queryHash, type Page } from "./page.js";
import type { PersonRecords } from "./person-records.js";

export interface AlertFilter {
  readonly patientIds: readonly string[] | null;
  /** Only of these people too. */
  readonly cohort: CohortMembers | null;
  readonly priorities: readonly AlertPriority[] | null;
  readonly presences: readonly AlertPresence[] | null;
  readonly kinds: readonly AlertKind[] | null;
  /** LOINC. */
  readonly codes: readonly string[] | null;
  /** Also of rules that are being tried. */
  readonly includeShadow: boolean;
}

/** What is watched: each null asks for all. */
export type AlertWatch = Omit<AlertFilter, "presences" | "priorities"> & { readonly minPriority: AlertPriority };

/** A step of an alert, with the alert as it was behind it. */
export interface AlertMove {
  readonly alert: AlertRecord;
  readonly step: KeptStep;
  /** Place in the log, as text; it grows with every event of a patient. */
  readonly sequence: string;
  /** It met the filter before, and does no longer: no further step of it is told. */
  readonly leaves: boolean;
}

/** A time, or how long from now, in milliseconds. */
export type Moment = { readonly at: number } | { readonly in: number };

/** What a person asks of an alert. */
export type AlertRequest =
  | { readonly command: "acknowledge"; readonly note: string | null }
  | { readonly command: "snooze"; readonly until: Moment; readonly reason: string }
  | { readonly command: "unsnooze" }
  | { readonly command: "resolve"; readonly reason: string }
  | { readonly command: "assess"; readonly assessment: AlertAssessment };

export interface CommandTarget {
  readonly alertId: string;
  /** The version the caller saw; null where any will do. */
  readonly expectedVersion: number | null;
  readonly idempotencyKey: string;
}

export interface AlertPage extends Page<KeptAlert> {
  readonly filter: AlertFilter;
}

export interface AlertView {
  find(id: string): Promise<KeptAlert | null>;
  /** Newest first, then by id; cursors stay right while alerts come and change. */
  list(filter: AlertFilter, first: number, after: string | null): Promise<AlertPage>;
  count(page: AlertPage): number;
  /** What is known of an alert beside the record of one of its versions; empty where the log no longer holds it. */
  stepsOf(id: string): readonly KeptStep[];
  /**
   * The alert right behind the command. A repeat of key and command is answered as the first was. NOT_FOUND, CONFLICT or
   * BAD_USER_INPUT as the worker decides, BACKEND_UNAVAILABLE when it has not within ten seconds.
   */
  command(target: CommandTarget, request: AlertRequest): Promise<AlertRecord>;
  /** Every step of alerts that meet the filter, before it or after it. */
  watch(filter: AlertWatch, after: string | null): Promise<LiveSource<AlertMove>>;
}

export interface AlertViewOptions {
  readonly caller: Caller;
  readonly fold: AlertFold;
  readonly people: PersonRecords;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
}

const LONGEST_TEXT = 2_000;
const UNANSWERED =
  "the worker did not answer within ten seconds; the command is kept: ask again with the same idempotency key";

export function createAlertView(options: AlertViewOptions): AlertView {
  const { caller, fold, people, eventLog, sealer, clock } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "alerts");
  const scopeOf = (
    kind: string,
    filter: object,
  ): { kind: string; tenant: string; queryHash: string; policyHash: string } => ({
    kind,
    tenant: caller.tenant,
    queryHash: queryHash(filter),
    policyHash: allowed().hash,
  });

  function* matching(filter: AlertFilter): Generator<KeptAlert> {
    const patients = filter.patientIds === null ? null : new Set(filter.patientIds.flatMap(people.recordsOf));
    const isWhole = filter.presences?.includes("OFF") !== false;
    for (const alert of fold.newestFirst(patients, isWhole)) if (isAsked(filter, alert.record)) yield alert;
  }

  /** Puts the command into the log, and waits for what the worker makes of it. */
  async function ask(
    target: Pick<AlertCommanded, "commandId" | "alertId" | "patientId" | "known">,
    expectedVersion: number | null,
    request: AlertRequest,
  ): Promise<CommandOutcome> {
    const at = clock.now();
    const base = { schema: 1, ...target, expectedVersion, by: caller.subject, at } as const;
    const value: AlertCommanded =
      request.command === "snooze"
        ? { ...base, ...request, until: "at" in request.until ? request.until.at : at + request.until.in }
        : { ...base, ...request };
    await eventLog.append(ALERT_COMMANDED, [{ key: target.patientId, value }]);
    let outcome: CommandOutcome | null = null;
    await fold.when(() => (outcome = fold.outcomeOf(target.commandId)) !== null, UNANSWERED);
    if (outcome === null) throw new VitalomeError("BACKEND_UNAVAILABLE", UNANSWERED);
    return outcome;
  }

  return {
    async find(id) {
      allowed();
      await fold.ready();
      return fold.find(id);
    },

    async list(filter, first, after) {
      const scope = scopeOf("alerts", { ...filter, cohort: filter.cohort?.id ?? null });
      const cursor = openCursor(sealer, after, scope);
      const limit = checkFirst(first);
      await Promise.all([fold.ready(), people.ready()]);
      const position = cursor?.position as { readonly raisedAt: number; readonly id: string } | undefined;
      const begin: AlertPlace | null =
        position === undefined ? null : { raisedAt: position.raisedAt, record: { id: position.id } };
      const found: { readonly node: KeptAlert; readonly position: unknown }[] = [];
      for (const node of matching(filter)) {
        if (begin !== null && byAge(begin, node) >= 0) continue;
        found.push({ node, position: { raisedAt: node.raisedAt, id: node.record.id } });
        if (found.length > limit) break;
      }
      return { ...pageOf({ ...scope, sealer, snapshot: 0, now: clock.now() }, found, limit, cursor !== null), filter };
    },

    count({ filter }) {
      allowed();
      let count = 0;
      for (const _ of matching(filter)) count += 1;
      return count;
    },

    stepsOf(id) {
      allowed();
      return fold.find(id)?.steps ?? [];
    },

    async command({ alertId, expectedVersion, idempotencyKey }, request) {
      allowed();
      const text = "reason" in request ? request.reason : "note" in request ? (request.note ?? "") : "";
      checkText("reason" in request ? "reason" : "note", text, "reason" in request);
      if (fold.find(alertId) === null) await fold.untilNow();
      const alert = fold.find(alertId);
      if (alert === null) throw new VitalomeError("NOT_FOUND", "there is no such alert", { details: { field: "id" } });
      const commandId = commandIdOf(caller.tenant, alertId, request.command, idempotencyKey);
      const outcome =
        fold.outcomeOf(commandId) ??
        (await ask(
          { commandId, alertId, patientId: alert.record.patientId, known: alert.record },
          expectedVersion,
          request,
        ));
      if (outcome.kind === "changed") return outcome.alert;
      const { code, message, version } = outcome;
      throw new VitalomeError(code, message, {
        details: {
          ...(expectedVersion === null ? {} : { expected: String(expectedVersion) }),
          ...(version === null ? {} : { actual: version }),
        },
      });
    },

    async watch(filter, after) {
      const patients = filter.patientIds === null ? null : new Set(filter.patientIds);
      const isAmong = people.among(filter.patientIds);
      const priorities = ALERT_PRIORITIES.slice(0, ALERT_PRIORITIES.indexOf(filter.minPriority) + 1);
      const { patientIds: _, minPriority: _priority, ...rest } = filter;
      const meets = (alert: AlertRecord, state: Pick<AlertRecord, "patientId" | "priority" | "shadow">): boolean =>
        isAsked({ ...rest, patientIds: null, priorities, presences: null }, { ...alert, ...state }) &&
        isAmong(state.patientId);
      /** What the log tells in this place of an alert, if it is asked for: the fold has read so far, so it knows a repeat. */
      function moveOf(event: LoggedEvent, alert: AlertRecord): AlertMove | null {
        const found = fold.stepAt(alert.id, alert.version, event);
        if (found === null) return null;
        const { step, before } = found;
        const isInside = meets(alert, alert);
        if (!isInside && (before === null || !meets(alert, before))) return null;
        const sequence = `${String(event.partition)}-${String(event.offset)}`;
        return { alert, step, sequence, leaves: !isInside };
      }

      await people.ready();
      return watchTopic<AlertMove>({
        ...options,
        topic: ALERT_TRANSITIONED,
        scope: scopeOf("alertChanges", {
          ...filter,
          patientIds: patients === null ? null : [...patients].sort(),
          cohort: filter.cohort?.id ?? null,
        }),
        after,
        pick(event) {
          const transition = parseAlertTransition(event);
          if (transition.kind === "refused") return null;
          const { alert, step } = transition;
          const isMove = step.reason === "MERGED" || step.reason === "UNMERGED";
          const members = filter.cohort?.update() ?? null;
          if (!isMove && members === null && fold.holds(event)) return moveOf(event, alert);
          // The registry said so before the worker did.
          const known = Promise.all([fold.until(event), members, isMove ? people.untilNow() : null]);
          return known.then(() => moveOf(event, alert));
        },
      });
    },
  };
}

/** Of one tenant, alert, command and key there is one. */
export function commandIdOf(tenant: string, alertId: string, command: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([tenant, alertId, command, key]))
    .digest("hex")
    .slice(0, 32);
}

function isAsked(filter: AlertFilter, alert: AlertRecord): boolean {
  const { cohort, priorities, presences, kinds, codes, includeShadow } = filter;
  return (
    (includeShadow || !alert.shadow) &&
    (cohort === null || cohort.has(alert.patientId)) &&
    (priorities === null || priorities.includes(alert.priority)) &&
    (presences === null || presences.includes(alert.presence)) &&
    (kinds === null || kinds.includes(alert.kind)) &&
    (codes === null || (alert.code !== null && codes.includes(alert.code)))
  );
}

function checkText(field: string, text: string, isNeeded: boolean): void {
  if (text.length <= LONGEST_TEXT && !(isNeeded && text.trim() === "")) return;
  const expected = `${isNeeded ? "1" : "0"} to ${String(LONGEST_TEXT)} characters`;
  throw new VitalomeError("BAD_USER_INPUT", `${field}: expected ${expected}`, { details: { field, expected } });
}
