import { VitalomeError } from "../../../errors.js";
import { decompress } from "../vcf/input.js";
import { lineWindows } from "../vcf/lines.js";
import { VCF_LIMITS } from "../vcf/types.js";
import { ANNOTATION_RULES, type AnnotationRejection, type AnnotationRule } from "./types.js";

/** A rule broken inside one row; caught where the line is known. */
export interface RowFault {
  readonly kind: "row-fault";
  readonly field: string;
  readonly rule: AnnotationRule;
  readonly found: string;
}

export function rowFault(field: string, rule: AnnotationRule, found: string): RowFault {
  return { kind: "row-fault", field, rule, found };
}

export function isRowFault(thrown: unknown): thrown is RowFault {
  return typeof thrown === "object" && thrown !== null && (thrown as { kind?: unknown }).kind === "row-fault";
}

const FOUND_LENGTH = 200;
const RAW_LENGTH = 64 << 10;

export function rejectionOf(fault: RowFault, line: number, raw: string | null): AnnotationRejection {
  const { field, rule, found } = fault;
  return {
    line,
    field,
    rule,
    expected: ANNOTATION_RULES[rule],
    found: found.slice(0, FOUND_LENGTH),
    raw: raw?.slice(0, RAW_LENGTH) ?? null,
  };
}

/** Cells of one row by column. Text is trimmed; `""`, `-`, `.` and `na` are missing. */
export interface TableRow {
  readonly line: number;
  /** The line as it is in the file. */
  readonly raw: string;
  /** Null where the table has no such column, or the cell is missing. */
  text(column: number): string | null;
}

export interface TableSink {
  row(row: TableRow): void;
  reject(rejection: AnnotationRejection): void;
  flush(bytesRead: number): Promise<void>;
}

/**
 * Reads tab-separated text, plain or compressed, whose first line names the columns. Every later line that is not
 * empty is one row, and ends in `row` or `reject`. Memory does not grow with the number of rows.
 */
export async function readTable(
  chunks: AsyncIterable<Uint8Array>,
  header: (columns: readonly string[]) => void,
  sink: TableSink,
  signal?: AbortSignal,
): Promise<{ readonly recordsRead: number }> {
  let width = 0;
  let line = 0;
  let recordsRead = 0;
  let bytesRead = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytesRead += chunk.length;
      yield chunk;
    }
  };

  function take(text: string, tooLong: boolean): void {
    if (width === 0) {
      const columns = text
        .replace(/^\uFEFF?#?/, "")
        .split("\t")
        .map((name) => name.trim());
      header(columns);
      width = columns.length;
      return;
    }
    if (text === "") return;
    recordsRead += 1;
    try {
      if (tooLong || text.length > VCF_LIMITS.lineBytes)
        throw rowFault("line", "LINE_TOO_LONG", `more than ${String(VCF_LIMITS.lineBytes)} bytes`);

      if (/[\0-\x08\x0b-\x1f\x7f\uFFFD]/.test(text)) throw rowFault("line", "ENCODING", text);
      const cells = text.split("\t");
      if (cells.length !== width) throw rowFault("line", "COLUMN_COUNT", `${String(cells.length)} cells`);
      sink.row({
        line,
        raw: text,
        text(column) {
          const cell = (cells[column] ?? "").trim();
          return cell === "" || cell === "-" || cell === "." || cell === "na" ? null : cell;
        },
      });
    } catch (thrown) {
      if (!isRowFault(thrown)) throw thrown;
      sink.reject(rejectionOf(thrown, line, text));
    }
  }

  for await (const { text, tooLong } of lineWindows(decompress(counted(), VCF_LIMITS), VCF_LIMITS.lineBytes)) {
    signal?.throwIfAborted();
    for (let at = 0; at < text.length;) {
      const newline = text.indexOf(10, at);
      const end = newline < 0 ? text.length : newline;
      line += 1;
      take(text.toString("utf8", at, end > at && text[end - 1] === 13 ? end - 1 : end), tooLong);
      at = end + 1;
    }
    await sink.flush(bytesRead);
  }
  if (width === 0) {
    throw new VitalomeError("INGEST_REJECTED", "the file is empty: expected a line that names the columns", {
      details: { field: "header", expected: "a tab-separated header", line: 1 },
    });
  }
  return { recordsRead };
}

/** Finds columns by any of their names, in any case. */
export function columnFinder(columns: readonly string[]): (...names: readonly string[]) => number {
  const lower = columns.map((name) => name.toLowerCase());
  return (...names) => {
    for (const name of names) {
      const at = lower.indexOf(name);
      if (at >= 0) return at;
    }
    return -1;
  };
}
