import { isDeepStrictEqual } from "node:util";
import type { Caller } from "../domain/caller.js";
import { EXPORT_COLUMNS, EXPORT_KIND, type ExportFormat } from "../domain/export.js";
import type { JobRecord } from "../domain/job.js";
import type { Predicate } from "../domain/variant-filter.js";
import { VitalomeError } from "../errors.js";
import { encodeStatement } from "../jobs/export/statement.js";
import type { ExportParameters } from "../jobs/parameters.js";
import type { SnapshotReaders } from "../lake/snapshot-reader.js";
import type { Snapshots } from "../lake/snapshots.js";
import { policy, type Policy } from "../policy.js";
import { exportRowsSql } from "./export-sql.js";
import { keyWasUsed, type JobView } from "./job.js";
import { pinnedCatalog } from "./page.js";
import { resolvePredicate } from "./variant.js";

export interface ExportRequest {
  /** As the caller gave it, and what it asks. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly predicate: Predicate;
  readonly format: ExportFormat;
  readonly fields: readonly string[] | null;
  /** Null: the newest, which is then the job's. */
  readonly snapshot: number | null;
  readonly idempotencyKey: string;
}

export interface ExportView {
  /**
   * Submits the job that writes the file. What the filter means in the snapshot and what the caller may see are settled
   * here: the job carries the statement. The same key again answers the same job, whatever was published since.
   */
  submit(request: ExportRequest): Promise<JobRecord>;
}

export interface ExportViewOptions {
  readonly caller: Caller;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  readonly jobs: JobView;
}

export function createExportView({ caller, snapshots, readers, jobs }: ExportViewOptions): ExportView {
  return {
    async submit({ filter, predicate, format, fields, snapshot, idempotencyKey }) {
      const allowed = policy(caller, "variants");
      policy(caller, "call_sets");
      const columns = checkFields(fields, format, allowed);
      const isSame = (known: JobRecord["parameters"]): boolean =>
        isDeepStrictEqual([known["filter"], known["format"], known["fields"]], [filter, format, columns]) &&
        (snapshot === null || known["snapshot"] === snapshot);
      const known = jobs.findByKey(EXPORT_KIND, idempotencyKey);
      if (known !== null) {
        if (!isSame(known.parameters)) throw keyWasUsed();
        return known;
      }
      const reader = await readers.open(await pinnedCatalog(snapshots, null, snapshot));
      const resolved = resolvePredicate(predicate, reader, caller);
      const parameters: ExportParameters = {
        filter,
        format,
        fields: columns === null ? null : [...columns],
        snapshot: reader.catalog.snapshot,
        statement: encodeStatement(exportRowsSql(reader, resolved, allowed)),
      };
      return jobs.submit({ kind: EXPORT_KIND, parameters, inputs: [], idempotencyKey, retryOf: null }, isSame);
    },
  };
}

/** The columns to write; null for all of them. BAD_USER_INPUT lists those there are. */
function checkFields(
  fields: readonly string[] | null,
  format: ExportFormat,
  { hiddenColumns }: Policy,
): readonly string[] | null {
  const names = EXPORT_COLUMNS.map(({ name }) => name).filter((name) => !hiddenColumns.includes(name));
  if (fields === null) return names.length === EXPORT_COLUMNS.length || format === "VCF_BGZ" ? null : names;
  if (format === "VCF_BGZ") throw invalid("none with VCF_BGZ, whose columns are those of VCF");
  if (fields.length === 0) throw invalid("one column or more, or nothing for all of them");
  const unknown = fields.find((field) => !names.includes(field));
  if (unknown !== undefined)
    throw invalid(`columns of ${names.join(", ")}; found ${JSON.stringify(unknown.slice(0, 100))}`);
  if (new Set(fields).size < fields.length) throw invalid("each column once");
  return fields;
}

function invalid(expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `fields: expected ${expected}`, {
    details: { field: "fields", expected },
  });
}
