import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import type { Cell, Tables } from "../../../src/backend/index.js";
import { join, raw, sql, type Sql } from "../../../src/backend/sql.js";
import { filesOf } from "../../../src/lake/catalog.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { numbersQuery, openTablesStore, type TablesStore } from "./tables-store.js";

jest.setTimeout(STACK_TIMEOUT_MS);

const SEED = 20_261_128;
const BIG_ROWS = 200_000;

let store: TablesStore;
let snapshot: number;
beforeAll(async () => {
  store = await openTablesStore(await stackForTests());
  snapshot = await store.publish("a", 0, [
    { table: "numbers", file: "numbers/part-00000.parquet", query: numbersQuery(1, 101) },
    { table: "numbers", file: "numbers/part-00001.parquet", query: numbersQuery(101, 201) },
  ]);
});
afterAll(() => store.close());

async function rowsOf(tables: Tables, statement: Sql, at = snapshot): Promise<Cell[][]> {
  const rows: Cell[][] = [];
  for await (const { columns, rows: count } of tables.query(statement, { snapshot: at }))
    for (let row = 0; row < count; row += 1) rows.push(columns.map((column) => column[row] ?? null));
  return rows;
}
const one = async (statement: Sql): Promise<readonly Cell[]> => (await rowsOf(store.tables, statement))[0] ?? [];

describe("values from Spark (T17)", () => {
  it("are exact, of every type", async () => {
    expect(
      await one(
        raw(`SELECT CAST(-128 AS TINYINT) AS a, CAST(-32768 AS SMALLINT) AS b, 9223372036854775807 AS c,
        CAST(0.1 AS FLOAT) AS d, CAST('1.50' AS DECIMAL(10, 3)) AS e, CAST('0.00000001' AS DECIMAL(20, 8)) AS f,
        CAST('-Infinity' AS DOUBLE) AS g, NULL AS h, 'NULL' AS i, X'00ff80' AS j,
        TIMESTAMP '2020-01-01 00:00:00' AS k, TIMESTAMP '2020-06-01 12:00:00.120' AS l, DATE '0001-01-01' AS m`),
      ),
    ).toEqual([
      -128,
      -32768,
      9223372036854775807n,
      Math.fround(0.1),
      "1.500",
      "0.00000001",
      -Infinity,
      null,
      "NULL",
      Uint8Array.of(0, 255, 128),
      "2020-01-01T00:00:00Z",
      "2020-06-01T12:00:00.12Z",
      "0001-01-01",
    ]);
  });

  it("that are nested come whole, in the order asked for", async () => {
    const statement = raw(`SELECT n, array(9007199254740993, NULL) AS a, map('k', CAST('1.50' AS DECIMAL(10, 3))) AS m,
      named_struct('x', 9007199254740993, 'y', array('it''s')) AS s, CAST(NULL AS ARRAY<INT>) AS e
      FROM snap_${String(snapshot)}.numbers WHERE n <= 3 ORDER BY n DESC`);
    const expected = [3, 2, 1].map((n) => [
      n,
      [9007199254740993n, null],
      [["k", "1.500"]],
      '{"x":"9007199254740993","y":["it\'s"]}',
      null,
    ]);
    expect(await rowsOf(store.tables, statement)).toEqual(expected);
    expect(await rowsOf(store.tables, statement)).toEqual(expected);
  });

  it("that are null among others stay so, past the eighth row too", async () => {
    const rows = await rowsOf(
      store.tables,
      raw(`SELECT n, CASE WHEN n % 3 = 0 THEN NULL ELSE n END AS a, CASE WHEN n % 7 = 0 THEN NULL ELSE name END AS b
        FROM snap_${String(snapshot)}.numbers ORDER BY n`),
    );
    expect(rows).toEqual(
      Array.from({ length: 200 }, (_, at) => at + 1).map((n) => [
        n,
        n % 3 === 0 ? null : n,
        n % 7 === 0 ? null : `name ${String(n)}`,
      ]),
    );
  });

  it("of two columns with one name are refused", async () => {
    await expect(rowsOf(store.tables, raw("SELECT 1 AS id, 2 AS id"))).rejects.toMatchObject({ code: "SQL_REJECTED" });
  });
});

describe("values to Spark", () => {
  /** Each value back from Spark, and whether Spark finds it equal to itself written another way. */
  async function echo(values: readonly (string | number | bigint | boolean | null)[]): Promise<readonly Cell[]> {
    return one(
      sql`SELECT ${join(
        values.map((value, at) => sql`${value} AS ${raw(`c${String(at)}`)}`),
        ", ",
      )}`,
    );
  }

  it("come back as they were, whatever signs a text holds", async () => {
    const hostile = fc.string({
      unit: fc.oneof(
        fc.constantFrom(
          "'",
          '"',
          "\\",
          "\\'",
          "\\u0027",
          "\\047",
          "--",
          ";",
          "/*",
          "`",
          "%",
          "_",
          "${x}",
          "\n",
          "\u0000",
        ),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
      maxLength: 12,
    });
    const texts = fc.sample(hostile, { numRuns: 300, seed: SEED }).filter((text) => !/\p{Surrogate}/u.test(text));
    expect(await echo(texts)).toEqual(texts);
  });

  it("that are numbers come back as they were, to the last bit", async () => {
    const doubles = fc.sample(fc.double({ noNaN: true }), { numRuns: 120, seed: SEED });
    const edges = [5e-324, 1.7976931348623157e308, 0.1, 1e21, 2 ** 31, -(2 ** 31), 123456789.123456789, NaN, -Infinity];
    const integers = fc.sample(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), { numRuns: 60, seed: SEED });
    const values = [...doubles.map((value) => (Object.is(value, -0) ? 0 : value)), ...edges, ...integers];
    expect(await echo([...values, true, false, null])).toEqual([...values, true, false, null]);
  });

  it("with half a character are refused before anything is sent", async () => {
    await expect(echo(["\ud800"])).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("statements", () => {
  it("stream 200,000 rows in order, in blocks of thousands, without holding them", async () => {
    const before = process.memoryUsage().rss;
    let seen = 0;
    let largest = 0;
    let sum = 0n;
    const statement = raw(
      `SELECT id, concat('text ', id) AS t, id * 0.5 AS d FROM range(${String(BIG_ROWS)}) ORDER BY id`,
    );
    for await (const { columns, rows } of store.tables.query(statement, { snapshot })) {
      expect(columns[0]?.[0]).toBe(BigInt(seen));
      for (const id of columns[0] ?? []) sum += id as bigint;
      seen += rows;
      largest = Math.max(largest, rows);
    }
    expect([seen, sum]).toEqual([BIG_ROWS, (BigInt(BIG_ROWS) * BigInt(BIG_ROWS - 1)) / 2n]);
    expect(largest).toBeLessThanOrEqual(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20);
  });

  it("that fail say class and SQLSTATE, and no more of what Spark said", async () => {
    const thrown: unknown = await rowsOf(store.tables, raw("SELECT nope FROM range(1)")).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ code: "SQL_REJECTED", message: expect.stringMatching(/UNRESOLVED_COLUMN.*42703/) });
    expect((thrown as Error).message).not.toMatch(/nope|Project|hdfs/);
    expect((await one(raw("SELECT 1 AS one")))[0]).toBe(1);
  });

  it("wait while all sessions are taken, and not when they are called off", async () => {
    const tables = store.another({ sessions: 1 });
    const stop = new AbortController();
    const busy = rowsOf(tables, raw("SELECT count(*) AS n FROM range(2000000) a, range(50) b WHERE a.id + b.id = -1"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const waiting = (async () => {
      for await (const batch of tables.query(sql`SELECT 1 AS one`, { snapshot, signal: stop.signal })) void batch;
    })();
    const startedAt = Date.now();
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toMatchObject({ code: "CANCELED" });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(await busy).toEqual([[0n]]);
    await tables.close();
  });

  it("end after their limit", async () => {
    const tables = store.another({ limits: { statementMs: 3_000 } });
    const endless = raw("SELECT count(*) AS n FROM range(100000000) a, range(100000000) b WHERE a.id + b.id = -1");
    await expect(rowsOf(tables, endless)).rejects.toMatchObject({ code: "SQL_TIMEOUT" });
    await tables.close();
    expect((await one(raw("SELECT count(*) AS n FROM range(10)")))[0]).toBe(10n);
  });
});

describe("the database of a snapshot", () => {
  const query = (at: number): Sql => raw(`SELECT count(*) AS n FROM snap_${String(at)}.numbers`);

  it("is made once by any number of processes that ask at the same time", async () => {
    const next = await store.publish("b", store.snapshots.latest().snapshot, [
      { table: "numbers", file: "numbers/part-00000.parquet", query: numbersQuery(201, 301) },
    ]);
    const both = [store.another(), store.another()];
    expect(await Promise.all(both.map(async (tables) => rowsOf(tables, query(next), next)))).toEqual([
      [[300n]],
      [[300n]],
    ]);
    for (const tables of both) await tables.close();
  });

  it("holds the files the catalog names, not all of their folder", async () => {
    const rest = await store.publish("c", store.snapshots.latest().snapshot, [
      { table: "numbers", file: "numbers/part-00000.parquet", query: numbersQuery(1, 11) },
    ]);
    for await (const part of store.files.list("runs/a/data/numbers"))
      await store.files.write(
        part.path.replace("runs/a", "runs/c").replace("part-0", "part-1"),
        store.files.read(part.path),
      );
    const named = filesOf(await store.snapshots.get(rest), "numbers").reduce((sum, { rows }) => sum + rows, 0);
    expect(await rowsOf(store.tables, query(rest), rest)).toEqual([[BigInt(named)]]);
  });

  it("whose rows Spark cannot all see is STORAGE_CORRUPT, not a part of the answer", async () => {
    const short = await store.publish("d", store.snapshots.latest().snapshot, [
      { table: "numbers", file: "numbers/part-00000.parquet", query: numbersQuery(1, 11) },
      { table: "numbers", file: "numbers/part-00001.parquet", query: numbersQuery(11, 21) },
    ]);
    await store.files.remove("runs/d/data/numbers/part-00001.parquet");
    await expect(rowsOf(store.tables, query(short), short)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  });

  it("that another process dropped is made again", async () => {
    const other = store.another();
    expect(await other.dropBefore(snapshot + 1)).toContain(snapshot);
    await other.close();
    expect(await rowsOf(store.tables, query(snapshot))).toEqual([[200n]]);
  });
});
