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
import { compareIds } from "./tail/readings.js";
import type { LiveReading, VitalLayers } from "./vital-layers.js";
import type { HeldVitals } from "./vitals-held.js";

/** A record of a file, or a reading that was accepted live. */
export type ServedObservation =
  | {
      readonly kind: "record";
      readonly patientId: string;
      readonly row: ClinicalRow;
      readonly reader: SnapshotReader;
      /** Taken back since. */
      readonly isError: boolean;
    }
  | {
      readonly kind: "reading";
      readonly reading: LiveReading;
      /** When the snapshot was made that holds it, or the log took the last reading that is known here. */
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
   * Records and live readings of a person, under whichever of their records, as one list without repeats: the newest first, those without a time last, then by id. A
   * correction stands for what it corrects. `reader` says which snapshot records are from; null: the newest.
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
  /** Live readings by event id, of any of these people; those nobody knows are left out. */
  readingsByIds(patientIds: readonly string[], eventIds: readonly string[]): Promise<readonly ServedObservation[]>;
}

export interface ObservationViewOptions extends Pick<
  SnapshotViewOptions,
  "caller" | "snapshots" | "readers" | "sealer" | "clock"
> {
  readonly vitals: HeldVitals;
}

/** Where an observation lies in the list. */
interface Place {
  /** Milliseconds since the epoch; null for one without a time. */
  readonly time: number | null;
  readonly id: string;
}

/**
 * Where a page ended, and where readings did when the first was given: all pages are of the same readings, with the same
 * corrections, whatever comes or goes into tables meanwhile.
 */
interface PagePosition extends Place {
  /** By partition of accepted readings, as decimal digits; a cursor of an earlier release has none. */
  readonly end?: Readonly<Record<string, string>>;
}

function endOf(position: PagePosition | null): ReadonlyMap<number, bigint> | undefined {
  if (position?.end === undefined) return undefined;
  return new Map(Object.entries(position.end).map(([partition, offset]) => [Number(partition), BigInt(offset)]));
}

function endText({ end }: VitalLayers): Readonly<Record<string, string>> {
  return Object.fromEntries([...(end ?? [])].map(([partition, offset]) => [String(partition), String(offset)]));
}

const DAY_MS = 86_400_000;
/** The furthest a day of some zone lies from the same day in UTC. */
const ZONE_MS = 14 * 3_600_000;

export function createObservationView(options: ObservationViewOptions): ObservationView {
  const { caller, snapshots, readers, sealer, clock, vitals } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "observations");

  const served = (reading: LiveReading, { reader }: VitalLayers): ServedObservation =>
    servedReading(reading, vitals, reader);

  /** Every record of the person by id, whatever becomes of it, and those that are asked for in order. */
  function recordsOf(
    patientId: string,
    reader: SnapshotReader,
    layers: VitalLayers,
    question: ObservationQuestion,
  ): Records {
    const keys = question.codes?.flatMap(keysOf) ?? null;
    const ids = new Set<string>();
    const found: ServedObservation[] = [];
    for (const own of layers.recordsOf(patientId)) {
      for (const row of reader.people.rowsOf("observations", own)) {
        const id = String(row["id"]);
        ids.add(id);
        const fate = layers.fateOf(own, id);
        const isError = fate === "error" || row["status"] === ENTERED_IN_ERROR;
        if (fate === "replaced" || (isError && !question.includeErrors) || !isAsked(row, keys, question)) continue;
        found.push({ kind: "record", patientId: own, row, reader, isError });
      }
    }
    return { ids, found: found.sort((left, right) => compare(placeOf(left), placeOf(right))) };
  }

  /** Readings that are no record, from a place on. */
  function* readingsOf(
    patientId: string,
    layers: VitalLayers,
    question: ObservationQuestion,
    ids: ReadonlySet<string>,
    after: Place | null,
  ): Generator<ServedObservation> {
    const bounds = boundsOf(question);
    const to = after === null ? bounds.to : Math.min(bounds.to, (after.time ?? -Infinity) + 1);
    const codes = question.codes?.flatMap(liveCodesOf) ?? null;
    const asked = { codes: codes === null ? null : [...new Set(codes)], from: bounds.from, to };
    const { includeErrors } = question;
    for (const reading of layers.newestFirst(patientId, { ...asked, includeErrors })) {
      if (ids.has(reading.eventId) || !isInDays(statedTime(reading), question)) continue;
      const one = served(reading, layers);
      if (after === null || compare(after, placeOf(one)) < 0) yield one;
    }
  }

  return {
    async list(patientId, reader, question, first, after) {
      const scope = {
        kind: "observations",
        tenant: caller.tenant,
        queryHash: queryHash([patientId, question]),
        policyHash: allowed().hash,
      };
      const cursor = openCursor(sealer, after, scope);
      const limit = checkFirst(first);
      const position = (cursor?.position ?? null) as PagePosition | null;
      const layers = await vitals.open(endOf(position));
      const source =
        cursor === null ? (reader ?? layers.reader) : await readers.open(await pinnedCatalog(snapshots, cursor, null));
      const { ids, found: records } = recordsOf(patientId, source, layers, question);
      const rest = position === null ? records : records.filter((one) => compare(position, placeOf(one)) < 0);
      const found: ServedObservation[] = [];
      for (const one of mergeInOrder(rest, readingsOf(patientId, layers, question, ids, position))) {
        found.push(one);
        if (found.length > limit) break;
      }
      const place = { ...scope, sealer, snapshot: source.catalog.snapshot, now: clock.now() };
      return pageOf(
        place,
        found.map((node) => ({ node, position: { ...placeOf(node), end: endText(layers) } })),
        limit,
        cursor !== null,
      );
    },

    async lastN(patientId, reader, codes, max) {
      allowed();
      const layers = await vitals.open();
      const all = { from: null, to: null, ge: null, lt: null, includeErrors: false };
      const { ids, found: records } = recordsOf(patientId, reader ?? layers.reader, layers, { ...all, codes });
      const byCode = new Map<string, ServedObservation[]>();
      const add = (code: string, one: ServedObservation): void => {
        byCode.set(code, [...(byCode.get(code) ?? []), one]);
      };
      for (const one of records) if (one.kind === "record") add(groupOf(one.row), one);
      const live = codes === null ? layers.codesOf(patientId) : [...new Set(codes.flatMap(liveCodesOf))];
      for (const code of live) {
        let taken = 0;
        const asked = { ...all, codes: [{ system: LOINC, code }] };
        for (const one of readingsOf(patientId, layers, asked, ids, null)) {
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
      const layers = await vitals.open();
      return eventIds.flatMap((eventId) => {
        const found = patientIds.map((id) => layers.find(id, eventId)).find((reading) => reading !== null);
        return found === undefined || found === null ? [] : [served(found, layers)];
      });
    },
  };
}

interface Records {
  readonly ids: ReadonlySet<string>;
  readonly found: readonly ServedObservation[];
}

/** A reading as it is served; `reader` null: of one that is in no table. */
export function servedReading(
  reading: LiveReading,
  { tail }: HeldVitals,
  reader: Pick<SnapshotReader, "catalog"> | null,
): ServedObservation {
  if (reading.layer === "BATCH" && reader !== null)
    return { kind: "reading", reading, asOf: reader.catalog.createdAt, watermark: null };
  const partition = tail.partitionOf(reading.patientId);
  const watermark = partition === null ? null : tail.watermarkOf(partition);
  return { kind: "reading", reading, asOf: tail.readingFold.readUpTo ?? reading.receivedAt, watermark };
}

/** The time a reading is about, as its source wrote it, unless its clock was wrong. */
export function statedTime({ effectiveTime, originalTime, clockOffsetMs }: LiveReading): string {
  return clockOffsetMs === null && originalTime !== null ? originalTime : new Date(effectiveTime).toISOString();
}

function placeOf(one: ServedObservation): Place {
  if (one.kind === "reading") return { time: one.reading.effectiveTime, id: one.reading.eventId };
  const { row } = one;
  const time = typeof row["effective_at"] === "string" ? Date.parse(row["effective_at"]) : Number.NaN;
  return { time: Number.isNaN(time) ? null : time, id: String(row["id"]) };
}

/** The newest first; without a time last; then by id. */
function compare(left: Place, right: Place): number {
  if (left.time !== right.time) return (right.time ?? -Infinity) - (left.time ?? -Infinity);
  return compareIds(left.id, right.id);
}

function* mergeInOrder(
  records: Iterable<ServedObservation>,
  readings: Iterable<ServedObservation>,
): Generator<ServedObservation> {
  const [left, right] = [records[Symbol.iterator](), readings[Symbol.iterator]()];
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
