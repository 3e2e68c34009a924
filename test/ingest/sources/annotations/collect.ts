import { createReadStream } from "node:fs";
import type { Build } from "../../../../src/domain/contig.js";
import {
  readAnnotations,
  type AnnotationRecord,
  type AnnotationRejection,
  type AnnotationSummary,
} from "../../../../src/ingest/sources/annotations/index.js";

export interface Collected {
  readonly summary: AnnotationSummary;
  readonly records: { readonly line: number; readonly record: AnnotationRecord }[];
  readonly filtered: Record<string, number>;
  readonly rejected: AnnotationRejection[];
}

export async function collect(
  open: () => AsyncIterable<Uint8Array>,
  build: Build | null = "GRCh38",
): Promise<Collected> {
  const records: Collected["records"] = [];
  const filtered: Record<string, number> = {};
  const rejected: AnnotationRejection[] = [];
  const summary = await readAnnotations(
    open,
    {
      record: (record, line) => records.push({ line, record }),
      filter: (rule) => {
        filtered[rule] = (filtered[rule] ?? 0) + 1;
      },
      reject: (rejection) => rejected.push(rejection),
      flush: () => Promise.resolve(),
    },
    { build },
  );
  const counted = records.length + rejected.length + Object.values(filtered).reduce((sum, n) => sum + n, 0);
  if (counted !== summary.recordsRead) throw new Error(`${String(counted)} of ${String(summary.recordsRead)}`);
  return { summary, records, filtered, rejected };
}

export const collectText = async (text: string | Buffer, build: Build | null = "GRCh38"): Promise<Collected> =>
  collect(async function* () {
    yield Buffer.from(text);
  }, build);

export const collectFile = async (path: string, build: Build | null = "GRCh38"): Promise<Collected> =>
  collect(() => createReadStream(path), build);

/** Text of a table; cells are given with single spaces between them, `_` for none. */
export function buildTable(columns: string, rows: readonly string[]): string {
  const line = (text: string): string =>
    text
      .split(" ")
      .map((cell) => (cell === "_" ? "" : cell.replaceAll("~", " ")))
      .join("\t");
  return [line(columns), ...rows.map(line), ""].join("\n");
}
