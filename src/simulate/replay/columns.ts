import tables from "../../../reference/replay-columns.json" with { type: "json" };

/** A column that is replayed. */
export interface ReplayedColumn {
  /** LOINC. */
  readonly code: string;
  /** UCUM. */
  readonly unit: string;
}

interface ColumnRow extends Partial<ReplayedColumn> {
  readonly skipped?: string;
  /** How the data set writes that there is no value. */
  readonly absent?: string;
}

const DATASETS: Readonly<Record<string, { readonly columns: Readonly<Record<string, ColumnRow>> }>> = tables.datasets;

/** The code and unit of a column; a text says why there is none. */
export function columnOf(dataset: string, column: string): ReplayedColumn | string {
  const row = rowOf(dataset, column);
  if (row === undefined) return "not in the table of columns";
  const { code, unit, skipped } = row;
  return code === undefined || unit === undefined ? (skipped ?? "no code here") : { code, unit };
}

export function absentMarkOf(dataset: string, column: string): string | null {
  return rowOf(dataset, column)?.absent ?? null;
}

function rowOf(dataset: string, column: string): ColumnRow | undefined {
  const columns = DATASETS[dataset]?.columns ?? {};
  return Object.hasOwn(columns, column) ? columns[column] : undefined;
}
