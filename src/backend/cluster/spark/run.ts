import type { Cell, RowBatch } from "../../index.js";
import { VitalomeError } from "../../../errors.js";
import { cellsOf, isNested, typeOf, type ResultColumn } from "./cells.js";
import { TO_JSON_OPTIONS } from "./nested.js";
import { createStarter, statementSignal, type Running, type StarterOptions } from "./running.js";
import { parseSparkType, type SparkType } from "./spark-type.js";
import { rowsOf } from "./statement.js";
import type { RawColumnDescription } from "./wire.js";

export interface Runner {
  /**
   * Streams the rows of a statement, one block ahead of its reader. When the reader stops or the signal is aborted Spark
   * ends it. `shape` is the text without its values: statements of one shape have columns of the same types.
   */
  stream(text: string, shape: string, signal: AbortSignal): AsyncGenerator<RowBatch>;
  /** All rows of a statement with a small result. */
  all(text: string): Promise<readonly (readonly Cell[])[]>;
  /** Ends all that run; resolves when Spark has none of them any more. */
  close(): Promise<void>;
}

/** By position: name, and the type of a column that must come as JSON, else null. */
type Nested = readonly (readonly [name: string, type: SparkType | null])[];

/** Shapes whose nested columns are remembered. */
const SHAPES = 256;

export function createRunner(options: StarterOptions): Runner {
  const { clock, limits } = options;
  const starter = createStarter(options);
  const closing = new AbortController();
  const nestedByShape = new Map<string, Nested>();

  async function* stream(text: string, shape: string, caller: AbortSignal): AsyncGenerator<RowBatch> {
    const { signal, done } = statementSignal([caller, closing.signal], clock, limits.statementMs);
    let running: Running | null = null;
    try {
      let nested = nestedByShape.get(shape) ?? null;
      running = await starter.start(nested === null ? text : asJson(text, nested), signal);
      namesOf(running.columns);
      if (nested === null && running.columns.some((column) => isNested(typeOf(column)))) {
        running.end();
        nested = await describe(text, signal);
        nestedByShape.set(shape, nested);
        const [oldest] = nestedByShape.keys();
        if (nestedByShape.size > SHAPES && oldest !== undefined) nestedByShape.delete(oldest);
        running = await starter.start(asJson(text, nested), signal);
      }
      yield* batches(running, nested);
    } finally {
      running?.end();
      done();
    }
  }

  async function describe(text: string, signal: AbortSignal): Promise<Nested> {
    const rows = await collect(`DESCRIBE QUERY ${text}`, signal);
    return rows.map(([name, type]) => {
      const parsed = parseSparkType(String(type));
      return [String(name), parsed.kind === "plain" ? null : parsed];
    });
  }

  async function collect(text: string, caller: AbortSignal): Promise<readonly (readonly Cell[])[]> {
    const { signal, done } = statementSignal([caller, closing.signal], clock, limits.statementMs);
    let running: Running | null = null;
    const rows: Cell[][] = [];
    try {
      running = await starter.start(text, signal);
      for await (const { columns, rows: count } of batches(running, null)) {
        for (let row = 0; row < count; row += 1) rows.push(columns.map((column) => column[row] ?? null));
      }
      return rows;
    } finally {
      running?.end();
      done();
    }
  }

  return {
    stream,
    all: async (text) => collect(text, new AbortController().signal),
    async close() {
      closing.abort(new Error("the adapter was closed"));
      await starter.ended();
    },
  };
}

async function* batches(running: Running, nested: Nested | null): AsyncGenerator<RowBatch> {
  const names = namesOf(running.columns);
  const columns = running.columns.map((column, at): ResultColumn => ({
    name: column.columnName,
    type: typeOf(column),
    nested: nested?.[at]?.[1] ?? null,
  }));
  let next = running.fetch();
  for (;;) {
    const raw = await next;
    if (raw === null) return;
    next = running.fetch();
    next.catch(() => undefined);
    const rows = rowsOf(raw);
    const cells = columns.map((column, at) => {
      const values = raw[at];
      const decoded = values === undefined ? [] : cellsOf(values, column);
      if (decoded.length !== rows) throw new TypeError(`the column ${column.name} came with another number of rows`);
      return decoded;
    });
    yield { names, columns: cells, rows };
  }
}

function namesOf(columns: readonly RawColumnDescription[]): readonly string[] {
  const names = columns.map(({ columnName }) => columnName);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new VitalomeError("SQL_REJECTED", `two columns of the result are called ${twice}`);
  return names;
}

/** The same rows in the same order, nested columns as JSON. */
function asJson(text: string, nested: Nested): string {
  const selected = nested.map(([name, type]) => {
    const quoted = `\`${name.replaceAll("`", "``")}\``;
    return type === null ? quoted : `to_json(${quoted}, ${TO_JSON_OPTIONS}) AS ${quoted}`;
  });
  return `SELECT ${selected.join(", ")} FROM (${text}) r`;
}
