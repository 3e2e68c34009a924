import { findObservationCode } from "../domain/observation/code.js";
import type { WantedCode } from "../domain/patient-filter.js";
import { codeKey, ENTERED_IN_ERROR, LOINC, type Code } from "../domain/person.js";
import type { ClinicalRow } from "../lake/clinical-tables.js";
import type { SnapshotReader } from "../lake/snapshot-reader.js";
import { policy } from "../policy.js";
import {
  checkFirst,
  openCursor,
  pageOf,
  pinnedCatalog,
  queryHash,
  type Page,
  type SnapshotViewOptions,
} from "./page.js";
import type { VitalTail } from "./tail.js";
import type { LiveReading } from "./tail/readings.js";

/** A record of a snapshot, or a reading that came after its horizon. */
export type ServedObservation =
  | {
      readonly layer: "BATCH";
      readonly patientId: string;
      readonly row: ClinicalRow;
      readonly reader: SnapshotReader;
      /** Taken back since. */
      readonly isError: boolean;
    }
  | {
      readonly layer: "SPEED";
      readonly reading: LiveReading;
      /** When the log took the last reading that is known here. */
      readonly asOf: number;
      /** Of the patient's partition. */
      readonly watermark: number | null;
    };

export interface ObservationQuestion {
  readonly codes: readonly WantedCode[] | null;
  /** Days, both included, as the record states them. */
  readonly from: string | null;
  readonly to: string | null;
  /** Moments, half open. */
  readonly ge: number | null;
  readonly lt: number | null;
  /** Also what was entered in error. */
  readonly includeErrors: boolean;
}

export interface ObservationView {
  /**
   * Records and live readings as one list without repeats: the newest first, those without a time last, then by id. A
   * correction stands for what it corrects. `reader` says which snapshot; null: the newest.
   */
  list(
    patientId: string,
    reader: SnapshotReader | null,
    question: ObservationQuestion,
    first: number,
    after: string | null,
  ): Promise<Page<ServedObservation>>;
  /** The newest `max` of each code, by code; of all codes when null. */
  lastN(
    patientId: string,
    reader: SnapshotReader | null,
    codes: readonly WantedCode[] | null,
    max: number,
  ): Promise<readonly ServedObservation[]>;
  /** Live readings by event id, of any of these people; those that are not kept are left out. */
  readingsByIds(patientIds: readonly string[], eventIds: readonly string[]): Promise<readonly ServedObservation[]>;
  /** A reading as it is served. */
  served(reading: LiveReading): ServedObservation;
}

export interface ObservationViewOptions extends Pick<
  SnapshotViewOptions,
  "caller" | "snapshots" | "readers" | "sealer" | "clock"
> {
  readonly tail: VitalTail;
}

/** Where an observation lies in the list. */
interface Place {
  /** Milliseconds since the epoch; null for one without a time. */
  readonly time: number | null;
  readonly id: string;
}

const DAY_MS = 86_400_000;
/** The furthest a day of some zone lies from the same day in UTC. */
const ZONE_MS = 14 * 3_600_000;

export function createObservationView(options: ObservationViewOptions): ObservationView {
  const { caller, snapshots, readers, sealer, clock, tail } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "observations");
  const newest = async (): Promise<SnapshotReader> => readers.open(await snapshots.refresh());

  function served(reading: LiveReading): ServedObservation {
    const asOf = tail.readingFold.readUpTo ?? reading.receivedAt;
    return { layer: "SPEED", reading, asOf, watermark: tail.watermarkOf(reading.patientId) };
  }

  /** Every record of the person by id, whatever becomes of it, and those that are asked for in order. */
  function batchOf(patientId: string, reader: SnapshotReader, question: ObservationQuestion): Batch {
    const keys = question.codes?.flatMap(keysOf) ?? null;
    const ids = new Set<string>();
    const found: ServedObservation[] = [];
    for (const row of reader.people.rowsOf("observations", patientId)) {
      const id = String(row["id"]);
      ids.add(id);
      const fate = tail.readings.fateOf(patientId, id);
      const isError = fate === "error" || row["status"] === ENTERED_IN_ERROR;
      if (fate === "replaced" || (isError && !question.includeErrors) || !isAsked(row, keys, question)) continue;
      found.push({ layer: "BATCH", patientId, row, reader, isError });
    }
    return { ids, found: found.sort((left, right) => compare(placeOf(left), placeOf(right))) };
  }

  /** Live readings that the snapshot does not hold, from a place on. */
  function* liveOf(
    patientId: string,
    question: ObservationQuestion,
    ids: ReadonlySet<string>,
    after: Place | null,
  ): Generator<ServedObservation> {
    const bounds = boundsOf(question);
    const to = after === null ? bounds.to : Math.min(bounds.to, (after.time ?? -Infinity) + 1);
    const codes = question.codes?.flatMap(liveCodesOf) ?? null;
    const asked = { codes: codes === null ? null : [...new Set(codes)], from: bounds.from, to };
    const { includeErrors } = question;
    for (const reading of tail.readings.newestFirst(patientId, { ...asked, includeErrors })) {
      if (ids.has(reading.eventId) || !isInDays(statedTime(reading), question)) continue;
      const one = served(reading);
      if (after === null || compare(after, placeOf(one)) < 0) yield one;
    }
  }

  return {
    served,
    async list(patientId, reader, question, first, after) {
      const scope = {
        kind: "observations",
        tenant: caller.tenant,
        queryHash: queryHash([patientId, question]),
        policyHash: allowed().hash,
      };
      const cursor = openCursor(sealer, after, scope);
      const limit = checkFirst(first);
      const source =
        cursor === null
          ? (reader ?? (await newest()))
          : await readers.open(await pinnedCatalog(snapshots, cursor, null));
      await tail.readingFold.ready();
      const position = (cursor?.position ?? null) as Place | null;
      const { ids, found: batch } = batchOf(patientId, source, question);
      const rest = position === null ? batch : batch.filter((one) => compare(position, placeOf(one)) < 0);
      const found: ServedObservation[] = [];
      for (const one of mergeInOrder(rest, liveOf(patientId, question, ids, position))) {
        found.push(one);
        if (found.length > limit) break;
      }
      const place = { ...scope, sealer, snapshot: source.catalog.snapshot, now: clock.now() };
      return pageOf(
        place,
        found.map((node) => ({ node, position: placeOf(node) })),
        limit,
        cursor !== null,
      );
    },

    async lastN(patientId, reader, codes, max) {
      allowed();
      const source = reader ?? (await newest());
      await tail.readingFold.ready();
      const all = { from: null, to: null, ge: null, lt: null, includeErrors: false };
      const { ids, found: batch } = batchOf(patientId, source, { ...all, codes });
      const byCode = new Map<string, ServedObservation[]>();
      const add = (code: string, one: ServedObservation): void => {
        byCode.set(code, [...(byCode.get(code) ?? []), one]);
      };
      for (const one of batch) if (one.layer === "BATCH") add(groupOf(one.row), one);
      const live = codes === null ? tail.readings.codesOf(patientId) : [...new Set(codes.flatMap(liveCodesOf))];
      for (const code of live) {
        let taken = 0;
        for (const one of liveOf(patientId, { ...all, codes: [{ system: LOINC, code }] }, ids, null)) {
          add(code, one);
          taken += 1;
          if (taken === max) break;
        }
      }
      return [...byCode]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .flatMap(([, own]) => own.sort((left, right) => compare(placeOf(left), placeOf(right))).slice(0, max));
    },

    async readingsByIds(patientIds, eventIds) {
      allowed();
      await tail.readingFold.ready();
      return eventIds.flatMap((eventId) => {
        const found = patientIds.map((id) => tail.readings.find(id, eventId)).find((reading) => reading !== null);
        return found === undefined || found === null ? [] : [served(found)];
      });
    },
  };
}

interface Batch {
  readonly ids: ReadonlySet<string>;
  readonly found: readonly ServedObservation[];
}

/** The time a reading is about, as its source wrote it, unless its clock was wrong. */
export function statedTime({ effectiveTime, originalTime, clockOffsetMs }: LiveReading): string {
  return clockOffsetMs === null && originalTime !== null ? originalTime : new Date(effectiveTime).toISOString();
}

function placeOf(one: ServedObservation): Place {
  if (one.layer === "SPEED") return { time: one.reading.effectiveTime, id: one.reading.eventId };
  const { row } = one;
  const time = typeof row["effective_at"] === "string" ? Date.parse(row["effective_at"]) : Number.NaN;
  return { time: Number.isNaN(time) ? null : time, id: String(row["id"]) };
}

/** The newest first; without a time last; then by id. */
function compare(left: Place, right: Place): number {
  if (left.time !== right.time) return (right.time ?? -Infinity) - (left.time ?? -Infinity);
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

function* mergeInOrder(
  batch: Iterable<ServedObservation>,
  live: Iterable<ServedObservation>,
): Generator<ServedObservation> {
  const [left, right] = [batch[Symbol.iterator](), live[Symbol.iterator]()];
  let [one, other] = [left.next(), right.next()];
  for (;;) {
    if (one.done === true && other.done === true) return;
    if (other.done === true || (one.done !== true && compare(placeOf(one.value), placeOf(other.value)) < 0)) {
      if (one.done !== true) yield one.value;
      one = left.next();
    } else {
      yield other.value;
      other = right.next();
    }
  }
}

/** As asked for, and as the group is called that it belongs to. */
function keysOf({ system, code }: WantedCode): readonly string[] {
  return [code, ...liveCodesOf({ system, code })].map((one) => codeKey(system, one));
}

/** Live readings have the code of their group. */
function liveCodesOf({ system, code }: WantedCode): readonly string[] {
  return system === null || system === LOINC ? [findObservationCode(code)?.code ?? code] : [];
}

/** Under what the newest are counted: the code of the group, or the first coding. */
function groupOf(row: ClinicalRow): string {
  const codings = typeof row["codings"] === "string" ? (JSON.parse(row["codings"]) as readonly Code[]) : [];
  const known = codings.find(({ system }) => system === LOINC);
  if (known !== undefined) return findObservationCode(known.code)?.code ?? known.code;
  return codings[0] === undefined ? "" : `${codings[0].system}|${codings[0].code}`;
}

function isAsked(row: ClinicalRow, keys: readonly string[] | null, question: ObservationQuestion): boolean {
  const coded = row["code_keys"];
  if (keys !== null && !keys.some((key) => typeof coded === "string" && coded.includes(key))) return false;
  const stated = typeof row["effective_at"] === "string" ? row["effective_at"] : null;
  if (!isInDays(stated, question)) return false;
  const { ge, lt } = question;
  if (ge === null && lt === null) return true;
  const time = stated === null ? Number.NaN : Date.parse(stated);
  return time >= (ge ?? -Infinity) && time < (lt ?? Infinity);
}

function isInDays(stated: string | null, { from, to }: ObservationQuestion): boolean {
  const day = stated?.slice(0, 10) ?? null;
  return (from === null || (day !== null && day >= from)) && (to === null || (day !== null && day <= to));
}

/** Times between which the answer lies; days are looked at one by one, in the zone they are stated in. */
function boundsOf({ from, to, ge, lt }: ObservationQuestion): { readonly from: number; readonly to: number } {
  const first = from === null ? -Infinity : Date.parse(from) - ZONE_MS;
  const last = to === null ? Infinity : Date.parse(to) + DAY_MS + ZONE_MS;
  return {
    from: Math.max(Number.isNaN(first) ? -Infinity : first, ge ?? -Infinity),
    to: Math.min(Number.isNaN(last) ? Infinity : last, lt ?? Infinity),
  };
}
