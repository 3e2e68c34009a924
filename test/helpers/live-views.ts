import { graphql, type GraphQLSchema } from "graphql";
import type { Position } from "../../src/backend/index.js";
import type { RequestContext } from "../../src/context.js";
import type { AlertRecord, AlertStep } from "../../src/domain/alert/alert.js";
import type { Caller } from "../../src/domain/caller.js";
import type { AlertChanged } from "../../src/domain/events/alert.js";
import type { VitalAccepted, VitalWindowed } from "../../src/domain/events/observation.js";
import { toScaled } from "../../src/domain/window/decimal.js";
import { ALERT_TRANSITIONED, parseStoredAlerts } from "../../src/ingest/streams/alert.js";
import { VITALS_ACCEPTED, VITALS_WINDOWED } from "../../src/ingest/streams/observation.js";
import { horizonOf } from "../../src/lake/horizon.js";
import type { ClinicalRow } from "../../src/lake/clinical-tables.js";
import type { SnapshotReader, SnapshotReaders } from "../../src/lake/snapshot-reader.js";
import type { Snapshots } from "../../src/lake/snapshots.js";
import { silentLog } from "../../src/log.js";
import type { ServerOptions } from "../../src/server.js";
import { createAlertView } from "../../src/views/alert.js";
import { startAlertFold, type AlertFold } from "../../src/views/alert-fold.js";
import { createRegisteredView } from "../../src/views/registered.js";
import { createPersonRecords } from "../../src/views/person-records.js";
import { startRegistry, type Registry } from "../../src/views/registry.js";
import { createScoreView } from "../../src/views/news2.js";
import { createObservationView } from "../../src/views/observation.js";
import type { PatientView } from "../../src/views/patient.js";
import { createVitalView } from "../../src/views/vital.js";
import { startHeldVitals, type HeldVitals, type HeldVitalsOptions } from "../../src/views/vitals-held.js";
import { buildAccepted, buildWindow } from "./build.js";
import { openLiveLog, type LiveLog } from "./live-log.js";

export const HEART_RATE = "8867-4";

/** What is served of one event log, with batch rows that a test sets. */
export interface LiveViews {
  readonly log: LiveLog;
  readonly alerts: AlertFold;
  readonly held: HeldVitals;
  readonly registry: Registry;
  /** Rows of the table of observations in the only snapshot. */
  readonly rows: ClinicalRow[];
  readonly contextFor: ServerOptions["contextFor"];
  context(caller?: Partial<Caller>, requestId?: string): RequestContext;
  /** The answer of the schema, with the codes of its errors. */
  ask(schema: GraphQLSchema, source: string, variables?: object, caller?: Partial<Caller>): Promise<Answered>;
  accept(...readings: readonly Partial<VitalAccepted>[]): Promise<readonly Position[]>;
  /** Readings and the one-minute windows they make, each with the offset of its last reading. */
  measure(...readings: readonly Partial<VitalAccepted>[]): Promise<void>;
  window(...windows: readonly Partial<VitalWindowed>[]): Promise<readonly Position[]>;
  transition(...changes: readonly Changed[]): Promise<readonly Position[]>;
  /** Everything that was appended is in the folds. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface Answered {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it asked for
  readonly data: any;
  readonly codes: readonly unknown[];
  readonly errors: readonly Readonly<Record<string, unknown>>[];
}

export type Changed = Partial<AlertRecord> & {
  readonly step?: Partial<AlertStep>;
  readonly commandId?: string;
};

export interface LiveViewOptions {
  readonly heartbeatMs?: number;
  /** A log that somebody else closes, and a store beside it. */
  readonly log?: LiveLog;
  readonly store?: Pick<HeldVitalsOptions, "snapshots" | "readers">;
  readonly surplus?: number;
}

export async function openLiveViews(options: LiveViewOptions = {}): Promise<LiveViews> {
  const log = options.log ?? (await openLiveLog());
  const { eventLog, sealer, clock } = log;
  const stop = new AbortController();
  const following = { eventLog, clock, signal: stop.signal, onFailure: () => undefined };
  const registry = startRegistry(following);
  const rows: ClinicalRow[] = [];
  const catalog = { snapshot: 1, createdAt: 1_000, oldestReadable: 1, horizon: {} };
  const reader = {
    catalog,
    people: {
      *rowsOf(_table: string, patientId: string) {
        for (const row of rows) if (row["patient_id"] === patientId) yield row;
      },
    },
    logged: {
      vitals: () => [].values(),
      vitalCodes: () => [],
      vital: () => null,
      corrections: () => [],
      windows: () => [],
      alerts: () => [].values(),
    },
  } as unknown as SnapshotReader;
  const { snapshots, readers } = options.store ?? {
    snapshots: { refresh: () => Promise.resolve(catalog), get: () => Promise.resolve(catalog) } as unknown as Snapshots,
    readers: { open: () => Promise.resolve(reader) } as unknown as SnapshotReaders,
  };
  const { surplus } = options;
  const people = createPersonRecords(registry);
  const held = await startHeldVitals({
    ...{ ...following, people },
    snapshots,
    readers,
    ...(surplus === undefined ? {} : { surplus }),
  });
  const alerts = await startAlertFold({
    ...following,
    async stored() {
      const newest = await readers.open(await snapshots.refresh());
      const next = horizonOf(newest.catalog, ALERT_TRANSITIONED);
      return { alerts: parseStoredAlerts(newest.logged.alerts()), next };
    },
  });
  const seen = new Map<string, number>();

  const contextFor: ServerOptions["contextFor"] = (caller, requestId, signal) => {
    const live = { caller, eventLog, sealer, clock, signal, heartbeatMs: options.heartbeatMs ?? 5_000 };
    const patients: Pick<PatientView, "find"> = {
      async find(asked) {
        await people.ready();
        const id = people.resolve(asked);
        const newest = await readers.open(await snapshots.refresh());
        const records = people.recordsOf(id);
        const isLive = records.some(
          (one) => held.tail.readings.has(one) || alerts.has(one) || newest.logged.vitalCodes(one).length > 0,
        );
        const isKnown = isLive || rows.some((row) => row["patient_id"] === id);
        return isKnown ? { id, records, row: { id, birth_date: BIRTH_DATES[id] ?? null }, reader: newest } : null;
      },
    };
    const context = {
      caller,
      requestId,
      signal,
      log: silentLog,
      patients,
      alerts: createAlertView({ ...live, fold: alerts, people }),
      vitals: createVitalView({ ...live, held, people }),
      scores: createScoreView({ caller, held, registry, clock }),
      registered: createRegisteredView({ caller, registry, clock }),
      observations: createObservationView({ ...live, snapshots, readers, vitals: held }),
    };
    return context as unknown as RequestContext;
  };

  const context: LiveViews["context"] = (caller = {}, requestId = "request") =>
    contextFor(
      { subject: "somebody", role: "owner", tenant: "default", tokenExpiresAt: Infinity, ...caller },
      requestId,
      stop.signal,
    );

  const accept: LiveViews["accept"] = (...readings) =>
    eventLog.append(
      VITALS_ACCEPTED,
      readings.map((reading) => {
        const value = buildReading(reading);
        return { key: value.patientId, value };
      }),
    );

  const window: LiveViews["window"] = (...windows) =>
    eventLog.append(
      VITALS_WINDOWED,
      windows.map((part) => {
        const value = buildWindow(part);
        return { key: value.patientId, value };
      }),
    );

  const measured: { readonly reading: VitalAccepted; readonly offset: bigint }[] = [];

  return {
    log,
    alerts,
    held,
    registry,
    rows,
    contextFor,
    context,
    async ask(schema, source, variables = {}, caller = {}) {
      const answer = await graphql({
        schema,
        source,
        variableValues: { ...variables },
        contextValue: context(caller, `request ${String(Math.random())}`),
      });
      const errors = (answer.errors ?? []).map(({ originalError, message }) => {
        const known = originalError as { code?: string; details?: object } | undefined;
        return { message, code: known?.code, ...known?.details };
      });
      return { data: answer.data, codes: errors.map(({ code }) => code), errors };
    },
    accept,
    async measure(...readings) {
      const positions = await accept(...readings);
      readings.forEach((reading, at) => {
        measured.push({ reading: buildReading(reading), offset: positions[at]?.offset ?? 0n });
      });
      for (const { reading } of measured.slice(-readings.length)) await window(windowAround(reading, measured));
    },
    window,
    transition: (...changes) =>
      eventLog.append(
        ALERT_TRANSITIONED,
        changes.map(({ step, commandId, ...alert }) => {
          const id = alert.id ?? "alert-1";
          const version = alert.version ?? (seen.get(id) ?? 0) + 1;
          seen.set(id, version);
          const record = buildAlert({ ...alert, id, version });
          const value: AlertChanged = {
            schema: 1,
            kind: "changed",
            alert: record,
            step: { ...STEP, to: record.presence, dueAt: record.raisedAt, ...step },
            commandId: commandId ?? null,
            input: null,
          };
          return { key: record.patientId, value };
        }),
      ),
    async settled() {
      await Promise.all([
        alerts.untilNow(),
        held.tail.readingFold.untilNow(),
        held.tail.windowFold.untilNow(),
        registry.fold.untilNow(),
      ]);
    },
    async close() {
      stop.abort(new Error("the test is over"));
      if (options.log === undefined) await log.close();
    },
  };
}

const STEP: AlertStep = { from: null, to: "ON", reason: "RAISED", text: null, by: null, dueAt: 0 };

const BIRTH_DATES: Readonly<Record<string, string>> = { p1: "1950-06-15", child: "2020" };

let numbered = 0;

/** A heart rate of 80 of patient p1, each with an id of its own, of a device that counts nothing. */
export function buildReading(overrides: Partial<VitalAccepted> = {}): VitalAccepted {
  return buildAccepted({
    ...{ eventId: `event-${String((numbered += 1))}`, sequence: null, originalTime: null },
    ...overrides,
  });
}

/** The one-minute window of the reading's minute, over everything measured so far. */
function windowAround(
  { patientId, code, effectiveTime }: VitalAccepted,
  measured: readonly { readonly reading: VitalAccepted; readonly offset: bigint }[],
): VitalWindowed {
  const start = Math.floor(effectiveTime / 60_000) * 60_000;
  const own = measured.filter(
    ({ reading }) =>
      reading.patientId === patientId &&
      reading.code === code &&
      !reading.late &&
      Math.floor(reading.effectiveTime / 60_000) * 60_000 === start,
  );
  const values = own.map(({ reading }) => toScaled(reading.value ?? "0", 1));
  const times = own.map(({ reading }) => reading.effectiveTime);
  const numbers = own.map(({ reading }) => Number(reading.value));
  return buildWindow({
    patientId,
    code,
    start,
    count: own.length,
    sum: String(values.reduce((sum, value) => sum + value, 0n)),
    sumOfSquares: String(values.reduce((sum, value) => sum + value * value, 0n)),
    scale: 1,
    min: String(Math.min(...numbers)),
    max: String(Math.max(...numbers)),
    firstAt: Math.min(...times),
    lastAt: Math.max(...times),
    throughOffset: String(own.reduce((last, { offset }) => (offset > last ? offset : last), 0n)),
  });
}

export function buildAlert(overrides: Partial<AlertRecord> = {}): AlertRecord {
  return {
    id: "alert-1",
    patientId: "p1",
    ruleId: "hr-high",
    ruleVersion: 1,
    kind: "THRESHOLD",
    code: HEART_RATE,
    priority: "HIGH",
    presence: "ON",
    conditionPresent: true,
    stale: false,
    version: 1,
    onset: 1_000,
    raisedAt: 2_000,
    abatement: null,
    occurrenceCount: 1,
    message: "heart rate above 130",
    value: "140",
    unit: "/min",
    threshold: "> 130 /min",
    derivedFrom: [],
    escalationLevel: 0,
    acknowledgedBy: null,
    acknowledgedAt: null,
    note: null,
    snoozedUntil: null,
    assessment: null,
    supersedes: null,
    movedFrom: null,
    shadow: false,
    simulated: false,
    receivedAt: null,
    ...overrides,
  };
}
