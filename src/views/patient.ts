import DataLoader from "dataloader";
import type { Sql } from "../backend/sql.js";
import type { Caller } from "../domain/caller.js";
import type { PatientCriterion, WantedCode } from "../domain/patient-filter.js";
import { codeKey, ENTERED_IN_ERROR, REFUTED_STATES } from "../domain/person.js";
import { VitalomeError } from "../errors.js";
import type { ClinicalRow } from "../lake/clinical-tables.js";
import { filesOf } from "../lake/catalog.js";
import type { PersonTable } from "../lake/people-reader.js";
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
import { patientCountSql, patientIdsSql } from "./patient-sql.js";
import { claimedSamples, sampleLink, samplesOfPatient, type SampleLink } from "./sample-links.js";
import { resolvePredicate } from "./variant.js";

/** A person as they are served, and the snapshot they are from. */
export interface ServedPatient {
  readonly id: string;
  readonly row: ClinicalRow;
  readonly reader: SnapshotReader;
}

export interface PatientPage extends Page<ServedPatient> {
  readonly criteria: readonly PatientCriterion[];
  readonly reader: SnapshotReader;
}

/** Records of one person, and which of them to show. */
export interface ObservationQuestion {
  readonly codes: readonly WantedCode[] | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface PatientView {
  find(id: string): Promise<ServedPatient | null>;
  list(
    criteria: readonly PatientCriterion[],
    first: number,
    after: string | null,
    snapshot: number | null,
  ): Promise<PatientPage>;
  /** All matches, counted exactly. */
  count(page: PatientPage): Promise<number>;
  /** Records that stand: neither refuted nor entered in error unless all are asked for. */
  recordsOf(patient: ServedPatient, table: PersonTable, isAll: boolean): readonly ClinicalRow[];
  observations(
    patient: ServedPatient,
    question: ObservationQuestion,
    first: number,
    after: string | null,
  ): Promise<Page<ClinicalRow> & { readonly reader: SnapshotReader }>;
  /** Whose a sample is. */
  linkOf(reader: SnapshotReader, sampleId: string): SampleLink;
  /** Samples a statement gives to the person, each with what all statements about it come to. */
  linksOf(patient: ServedPatient): readonly SampleLink[];
  /** Samples that are these people's and nobody else's. NOT_FOUND for somebody the snapshot does not know. */
  samplesOf(reader: SnapshotReader, patientIds: readonly string[]): readonly string[];
  /** People by id in one snapshot; null for somebody only a link names. */
  patientIn(reader: SnapshotReader, id: string): Promise<ServedPatient | null>;
}

export function createPatientView(options: SnapshotViewOptions): PatientView {
  const { caller, snapshots, readers, tables, sealer, clock, signal } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "patients");
  const links = new Map<string, SampleLink>();

  const people = new DataLoader<PersonKey, ServedPatient | null, string>(
    async (keys) => {
      allowed();
      return Promise.resolve(
        keys.map(({ reader, id }) => {
          const row = reader.people.patient(id);
          return row === null ? null : { id, row, reader };
        }),
      );
    },
    { cacheKeyFn: ({ reader, id }) => `${String(reader.catalog.snapshot)}\n${id}` },
  );

  const patientIn = async (reader: SnapshotReader, id: string): Promise<ServedPatient | null> =>
    people.load({ reader, id });

  async function rowsOf(statement: Sql, reader: SnapshotReader): Promise<readonly unknown[]> {
    const values: unknown[] = [];
    for await (const batch of tables.query(statement, { snapshot: reader.catalog.snapshot, signal })) {
      for (let row = 0; row < batch.rows; row += 1) values.push(batch.columns[0]?.[row]);
    }
    return values;
  }

  function linkOf(reader: SnapshotReader, sampleId: string): SampleLink {
    allowed();
    const key = `${String(reader.catalog.snapshot)}\n${sampleId}`;
    const link = links.get(key) ?? sampleLink(reader, sampleId);
    links.set(key, link);
    return link;
  }

  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);

  return {
    patientIn,
    linkOf,
    samplesOf(reader, patientIds) {
      allowed();
      return [...new Set(patientIds.flatMap((id) => samplesOfPatient(reader, id)))];
    },
    async find(id) {
      return patientIn(await readers.open(await snapshots.refresh()), id);
    },

    async list(criteria, first, after, snapshot) {
      const scope = {
        kind: "patients",
        tenant: caller.tenant,
        queryHash: queryHash([criteria, snapshot]),
        policyHash: allowed().hash,
      };
      const cursor = openCursor(sealer, after, scope);
      const catalog = await pinnedCatalog(snapshots, cursor, snapshot);
      const reader = await readers.open(catalog);
      const limit = checkFirst(first);
      const resolved = criteria.map((criterion) => withVariant(criterion, reader, caller));
      const position = cursor === null ? { after: null, today: today() } : (cursor.position as ListPosition);
      const ids =
        filesOf(catalog, "patients").length === 0
          ? []
          : await rowsOf(patientIdsSql(reader, resolved, { ...position, limit: limit + 1 }), reader);
      const found = await Promise.all(
        ids.map(async (id) => {
          const node = await patientIn(reader, String(id));
          if (node === null) {
            const text = `the index of snapshot ${String(catalog.snapshot)} lacks a patient`;
            throw new VitalomeError("STORAGE_CORRUPT", text);
          }
          return { node, position: { after: node.id, today: position.today } };
        }),
      );
      const place = { ...scope, sealer, snapshot: catalog.snapshot, now: clock.now() };
      return { ...pageOf(place, found, limit, cursor !== null), criteria: resolved, reader };
    },

    async count({ criteria, reader }) {
      allowed();
      if (filesOf(reader.catalog, "patients").length === 0) return 0;
      const [total] = await rowsOf(patientCountSql(reader, criteria, today()), reader);
      return Number(total ?? 0);
    },

    recordsOf({ id, reader }, table, isAll) {
      allowed();
      const rows = [...reader.people.rowsOf(table, id)];
      return isAll ? rows : rows.filter(stands);
    },

    async observations({ id, reader }, question, first, after) {
      const scope = {
        kind: "observations",
        tenant: caller.tenant,
        queryHash: queryHash([id, question]),
        policyHash: allowed().hash,
      };
      const cursor = openCursor(sealer, after, scope);
      const source = cursor === null ? reader : await readers.open(await snapshots.get(cursor.snapshot));
      const limit = checkFirst(first);
      const keys = question.codes?.map(({ system, code }) => codeKey(system, code)) ?? null;
      const matching = [...source.people.rowsOf("observations", id)].filter(
        (row) => stands(row) && isAsked(row, keys, question),
      );
      matching.sort(byTime);
      const start = cursor === null ? 0 : (cursor.position as number);
      const found = matching
        .slice(start, start + limit + 1)
        .map((node, index) => ({ node, position: start + index + 1 }));
      const place = { ...scope, sealer, snapshot: source.catalog.snapshot, now: clock.now() };
      return { ...pageOf(place, found, limit, cursor !== null), reader: source };
    },

    linksOf({ id, reader }) {
      return claimedSamples(reader.people, id).map((sample) => linkOf(reader, sample));
    },
  };
}

interface PersonKey {
  readonly reader: SnapshotReader;
  readonly id: string;
}

/** Where a page ended, and the day ages were counted on. */
interface ListPosition {
  readonly after: string | null;
  readonly today: string;
}

function withVariant(criterion: PatientCriterion, reader: SnapshotReader, caller: Caller): PatientCriterion {
  const { variant } = criterion;
  return variant === null ? criterion : { ...criterion, variant: resolvePredicate(variant, reader, caller) };
}

function stands(row: ClinicalRow): boolean {
  const verification = row["verification_status"] ?? null;
  return row["status"] !== ENTERED_IN_ERROR && !REFUTED_STATES.some((refuted) => refuted === verification);
}

function isAsked(row: ClinicalRow, keys: readonly string[] | null, { from, to }: ObservationQuestion): boolean {
  const coded = row["code_keys"];
  if (keys !== null && !keys.some((key) => typeof coded === "string" && coded.includes(key))) return false;
  const day = typeof row["effective_at"] === "string" ? row["effective_at"].slice(0, 10) : null;
  return (from === null || (day !== null && day >= from)) && (to === null || (day !== null && day <= to));
}

/** The newest first; without a time last; then by id. */
function byTime(left: ClinicalRow, right: ClinicalRow): number {
  const time = (row: ClinicalRow): number => {
    const parsed = typeof row["effective_at"] === "string" ? Date.parse(row["effective_at"]) : Number.NaN;
    return Number.isNaN(parsed) ? -Infinity : parsed;
  };
  return time(right) - time(left) || (String(left["id"]) < String(right["id"]) ? -1 : 1);
}
