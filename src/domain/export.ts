import reference from "../../reference/export-columns.json" with { type: "json" };

export const EXPORT_FORMATS = ["PARQUET", "ARROW_IPC", "CSV", "NDJSON", "VCF_BGZ"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The job that writes one, and its name in the store of jobs. */
export const EXPORT_KIND = "export";

export interface ExportColumn {
  readonly name: string;
  readonly type: "string" | "int" | "double";
}

/** Every column an export of variants may have, in the order it has them unless told. */
export const EXPORT_COLUMNS: readonly ExportColumn[] = (reference.rows as [string, ExportColumn["type"]][]).map(
  ([name, type]) => ({ name, type }),
);

/** What orders the rows of an export: the key of the allele, then the call set. Total. */
export const EXPORT_ORDER = [
  "assembly",
  "contig_rank",
  "contig",
  "position",
  "reference",
  "alternate",
  "call_set_id",
] as const;

interface FileType {
  readonly extension: string;
  readonly mediaType: string;
}

export const EXPORT_FILE_TYPES: Readonly<Record<ExportFormat, FileType>> = {
  PARQUET: { extension: "parquet", mediaType: "application/vnd.apache.parquet" },
  ARROW_IPC: { extension: "arrow", mediaType: "application/vnd.apache.arrow.file" },
  CSV: { extension: "csv", mediaType: "text/csv; charset=utf-8; header=present" },
  NDJSON: { extension: "ndjson", mediaType: "application/x-ndjson" },
  VCF_BGZ: { extension: "vcf.gz", mediaType: "application/gzip" },
};

/** The folder of one export, and all of it. */
export function exportFolder(jobId: string): string {
  return `exports/${jobId}`;
}

export function exportPath(jobId: string, format: ExportFormat): string {
  return `${exportFolder(jobId)}/variants.${EXPORT_FILE_TYPES[format].extension}`;
}

/** Columns by their names, in that order; all of them for null. */
export function exportColumns(fields: readonly string[] | null): readonly ExportColumn[] {
  if (fields === null) return EXPORT_COLUMNS;
  return fields.flatMap((field) => EXPORT_COLUMNS.filter(({ name }) => name === field));
}

/** The snapshot an export reads: the one it was asked of, whatever was published since. Null for other jobs. */
export function exportedSnapshot(kind: string, parameters: Readonly<Record<string, unknown>>): number | null {
  const { snapshot } = parameters;
  return kind === EXPORT_KIND && typeof snapshot === "number" ? snapshot : null;
}
