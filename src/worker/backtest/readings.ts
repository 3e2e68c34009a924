import { identifier, join, sql, type Sql } from "../../backend/sql.js";
import type { EventLog, LoggedEvent, Tables } from "../../backend/index.js";
import type { VitalAccepted } from "../../domain/events/observation.js";
import { messageOf, VitalomeError } from "../../errors.js";
import { eventsBetween } from "../../ingest/streams/between.js";
import { parseAccepted, VITALS_ACCEPTED } from "../../ingest/streams/observation.js";
import { filesOf } from "../../lake/catalog.js";
import { horizonOf } from "../../lake/horizon.js";
import { columnsOf } from "../../lake/log-tables.js";
import { createCellReader } from "../../lake/logged-row.js";
import type { SnapshotReader } from "../../lake/snapshot-reader.js";

export interface Period {
  /** Of effective times; half open, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

export interface AcceptedReadingsOptions {
  readonly eventLog: EventLog;
  readonly tables: Tables;
  /** The snapshot whose tables are read: what lies at its horizon or above is read from the log. */
  readonly reader: SnapshotReader;
  readonly period: Period;
  /** Whose; null: everybody's. */
  readonly patientIds: readonly string[] | null;
  readonly signal: AbortSignal;
  /** Told of each event of the log that is no reading. */
  readonly onUnreadable: (why: string) => void;
}

/** Accepted readings of a period, as the log had them when this was opened. */
export interface AcceptedReadings {
  readonly partitions: readonly number[];
  /** Readings in tables, and events of the log that have to be looked at. */
  readonly inTables: number;
  readonly inLog: number;
  /** Of one partition in the order in which they were accepted, each event id once. `onEvent` hears of every event that was looked at. */
  of(
    partition: number,
    onEvent: () => void,
  ): AsyncGenerator<{ readonly reading: VitalAccepted; readonly offset: bigint }>;
}

const TABLE = "vitals";

/** STORAGE_CORRUPT where the log no longer holds what the tables do not hold yet. */
export async function openReadings(options: AcceptedReadingsOptions): Promise<AcceptedReadings> {
  const { eventLog, tables, reader, period, patientIds, signal, onUnreadable } = options;
  const { catalog, logged } = reader;
  const snapshot = catalog.snapshot;
  const ranges = await eventLog.positions(VITALS_ACCEPTED);
  const horizon = horizonOf(catalog, VITALS_ACCEPTED);
  const from = ranges.map(({ partition }) => horizon.get(partition) ?? 0n);
  const lost = ranges.find(({ partition, start }) => start > from[partition]!);
  if (lost !== undefined)
    throw new VitalomeError("STORAGE_CORRUPT", "accepted readings went from the log before they came into a table");
  const hasTable = filesOf(catalog, TABLE).length > 0;
  const table = sql`${identifier(`snap_${String(snapshot)}`)}.${identifier(TABLE)}`;
  const names = Object.keys(columnsOf(TABLE));
  const eventOf = createCellReader<VitalAccepted>(TABLE);
  const wanted = patientIds === null ? null : new Set(patientIds);
  const whose = sql`patient_id IN (${join(
    [...(wanted ?? [])].map((id) => sql`${id}`),
    ", ",
  )})`;
  const inPeriod = sql`effective_time >= ${BigInt(period.from)} AND effective_time < ${BigInt(period.to)}`;
  const asked = wanted === null ? inPeriod : sql`${inPeriod} AND ${whose}`;

  async function* rows(statement: Sql): AsyncGenerator<readonly unknown[]> {
    for await (const { rows: count, columns } of tables.query(statement, { snapshot, signal }))
      for (let row = 0; row < count; row += 1) yield columns.map((column) => column[row]);
  }

  async function counted(): Promise<number> {
    if (!hasTable) return 0;
    for await (const [count] of rows(sql`SELECT count(*) AS n FROM ${table} WHERE ${asked}`)) return Number(count);
    return 0;
  }

  /** What is no reading was passed over by the evaluation too. */
  function readable(event: LoggedEvent): VitalAccepted | null {
    try {
      return parseAccepted(event);
    } catch (thrown) {
      onUnreadable(messageOf(thrown));
      return null;
    }
  }

  /** Whether a table holds the event already: of its repeats the first one counts. */
  function isHeld({ patientId, code, effectiveTime, eventId }: VitalAccepted): boolean {
    for (const { reading } of logged.vitals(patientId, code, effectiveTime, effectiveTime + 1))
      if (reading.eventId === eventId) return true;
    return false;
  }

  return {
    partitions: ranges.map(({ partition }) => partition),
    inTables: await counted(),
    inLog: ranges.reduce((sum, { partition, end }) => sum + Number(end - from[partition]!), 0),
    async *of(partition, onEvent) {
      const columns = join(names.map(identifier), ", ");
      const stored = sql`SELECT ${columns} FROM ${table}
        WHERE log_partition = ${partition} AND ${asked} ORDER BY log_offset`;
      if (hasTable)
        for await (const cells of rows(stored)) {
          onEvent();
          const { event, offset } = eventOf(cells);
          yield { reading: event, offset: BigInt(offset) };
        }
      const seen = new Set<string>();
      const to = ranges.map(({ end }) => end);
      const own = to.with(partition, from[partition]!);
      for await (const event of eventsBetween(eventLog, VITALS_ACCEPTED, own, to, signal)) {
        onEvent();
        const reading = readable(event);
        if (reading === null) continue;
        const { patientId, eventId, effectiveTime } = reading;
        const isAsked = effectiveTime >= period.from && effectiveTime < period.to && wanted?.has(patientId) !== false;
        if (!isAsked) continue;
        const key = `${patientId}\0${eventId}`;
        if (seen.has(key) || isHeld(reading)) continue;
        seen.add(key);
        yield { reading, offset: event.offset };
      }
    },
  };
}
