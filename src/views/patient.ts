import DataLoader from "dataloader";
import type { Sql } from "../backend/sql.js";
import type { Caller } from "../domain/caller.js";
import type { PatientCriterion } from "../domain/patient-filter.js";
import { ENTERED_IN_ERROR, REFUTED_STATES } from "../domain/person.js";
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
import { openCohortMembers, type CohortMembers } from "./cohort-members.js";
import type { PersonRecords } from "./person-records.js";
import { patientCountSql, patientIdsSql } from "./patient-sql.js";
import { claimedSamples, sampleLink, samplesOfPatient, type SampleLink } from "./sample-links.js";
import { resolvePredicate } from "./variant.js";

/** A person as they are served, and the snapshot they are read from: one whom only live data name has nothing but an id. */
export interface ServedPatient {
  readonly id: string;
  /** All records of the person: this one, and those that were merged into it. */
  readonly records: readonly string[];
  readonly row: ClinicalRow;
  readonly reader: SnapshotReader;
}

/** Another record of the person. */
export interface LinkedRecord {
  readonly other: string;
  readonly type: "replaces" | "replaced-by";
  readonly since: number;
  readonly disputed: boolean;
}

export interface PatientPage extends Page<ServedPatient> {
  readonly criteria: readonly PatientCriterion[];
  readonly reader: SnapshotReader;
}

export interface CohortDefinition {
  readonly version: number;
  readonly criteria: readonly PatientCriterion[];
}

export interface PatientView {
  /** A merged record answers as the one it was merged into. */
  find(id: string): Promise<ServedPatient | null>;
  list(
    criteria: readonly PatientCriterion[],
    first: number,
    after: string | null,
    snapshot: number | null,
  ): Promise<PatientPage>;
  /** Who meets the criteria of a cohort, whose definition is asked for anew from time to time. */
  members(id: string, definition: () => CohortDefinition): Promise<CohortMembers>;
  /** All matches, counted exactly. */
  count(page: PatientPage): Promise<number>;
  /** Records that stand: neither refuted nor entered in error unless all are asked for. */
  recordsOf(patient: ServedPatient, table: PersonTable, isAll: boolean): readonly ClinicalRow[];
  /** Records that were merged into this one, and the one it was merged into, as far as nobody doubts it. */
  linkedTo(patient: ServedPatient): readonly LinkedRecord[];
  /** Whose a sample is. */
  linkOf(reader: SnapshotReader, sampleId: string): SampleLink;
  /** Samples a statement gives to the person, each with what all statements about it come to. */
  linksOf(patient: ServedPatient): readonly SampleLink[];
  /** Samples that are these people's and nobody else's. NOT_FOUND for somebody the snapshot does not know. */
  samplesOf(reader: SnapshotReader, patientIds: readonly string[]): readonly string[];
  /** People by id in one snapshot; null for somebody only a link names. */
  patientIn(reader: SnapshotReader, id: string): Promise<ServedPatient | null>;
}

export interface PatientViewOptions extends SnapshotViewOptions {
  readonly people: PersonRecords;
  /** Whether there is anything live about somebody no snapshot knows. */
  readonly isLive: (id: string) => boolean;
}

const EVERYBODY = 2 ** 31 - 1;

export function createPatientView(options: PatientViewOptions): PatientView {
  const { caller, snapshots, readers, tables, sealer, clock, signal, people: records } = options;
  const allowed = (): ReturnType<typeof policy> => policy(caller, "patients");
  const links = new Map<string, SampleLink>();

  const people = new DataLoader<PersonKey, ServedPatient | null, string>(
    async (keys) => {
      allowed();
      await records.ready();
      return keys.map(({ reader, id }) => {
        const own = records.resolve(id) === id ? records.recordsOf(id) : [id];
        const isLive = (): boolean =>
          own.some((one) => options.isLive(one) || reader.logged.vitalCodes(one).length > 0);
        const row = reader.people.patient(id) ?? registeredRow(id) ?? (isLive() ? { patient_id: id, id } : null);
        return row === null ? null : { id, records: own, row, reader };
      });
    },
    { cacheKeyFn: ({ reader, id }) => `${String(reader.catalog.snapshot)}\n${id}` },
  );

  /** Somebody no file was about, but a message. */
  function registeredRow(id: string): ClinicalRow | null {
    const person = records.registered(id);
    if (person === null) return null;
    return { patient_id: id, id, birth_date: person.birthDate, simulated: person.simulated };
  }

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
      await records.ready();
      return patientIn(await readers.open(await snapshots.refresh()), records.resolve(id));
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

    async members(id, definition) {
      allowed();
      await records.ready();
      const newest = async (): Promise<SnapshotReader> => readers.open(await snapshots.refresh());
      return openCohortMembers({
        ...{ id, clock, people: records },
        key: async () => [definition().version, (await newest()).catalog.snapshot, today()].map(String).join("/"),
        async list() {
          const reader = await newest();
          if (filesOf(reader.catalog, "patients").length === 0) return [];
          const resolved = definition().criteria.map((criterion) => withVariant(criterion, reader, caller));
          const page = { after: null, today: today(), limit: EVERYBODY };
          return (await rowsOf(patientIdsSql(reader, resolved, page), reader)).map(String);
        },
      });
    },

    async count({ criteria, reader }) {
      allowed();
      if (filesOf(reader.catalog, "patients").length === 0) return 0;
      const [total] = await rowsOf(patientCountSql(reader, criteria, today()), reader);
      return Number(total ?? 0);
    },

    recordsOf({ records: own, reader }, table, isAll) {
      allowed();
      const rows = own.flatMap((one) => [...reader.people.rowsOf(table, one)]);
      return isAll ? rows : rows.filter(stands);
    },

    linksOf({ records: own, reader }) {
      const samples = new Set(own.flatMap((one) => claimedSamples(reader.people, one)));
      return [...samples].sort().map((sample) => linkOf(reader, sample));
    },

    linkedTo({ id, records: own }) {
      allowed();
      const linked = (record: string, other: string, type: LinkedRecord["type"]): readonly LinkedRecord[] => {
        const link = records.linkOf(record);
        return link === null ? [] : [{ other, type, since: link.since, disputed: link.disputed }];
      };
      const into = records.linkOf(id)?.surviving;
      return [
        ...(into === undefined ? [] : linked(id, into, "replaced-by")),
        ...own.filter((one) => one !== id).flatMap((one) => linked(one, one, "replaces")),
      ];
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
