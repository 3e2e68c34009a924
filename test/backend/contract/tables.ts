import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Cell, RowBatch, Tables } from "../../../src/backend/index.js";
import { raw, sql, type Sql } from "../../../src/backend/sql.js";

export interface TablesUnderTest {
  readonly tables: Tables;
  /** A snapshot whose table `numbers(n INTEGER, name VARCHAR, parity VARCHAR)` holds 1 to `rows`. */
  readonly snapshot: number;
  readonly rows: number;
  /** A later snapshot where `numbers` holds one row more. */
  readonly later: number;
  close(): Promise<void>;
}

/** Every guarantee of `Tables`, for any back end. */
export function defineTablesContract(name: string, create: () => Promise<TablesUnderTest>): void {
  describe(`Tables: ${name}`, () => {
    let under: TablesUnderTest;
    beforeAll(async () => {
      under = await create();
    });
    afterAll(() => under.close());

    const at = (snapshot: number): Sql => raw(`snap_${String(snapshot)}.numbers`);

    async function all(statement: Sql, snapshot = under.snapshot): Promise<Cell[][]> {
      const rows: Cell[][] = [];
      for await (const batch of under.tables.query(statement, { snapshot })) {
        for (let row = 0; row < batch.rows; row += 1) rows.push(batch.columns.map((column) => column[row] ?? null));
      }
      return rows;
    }

    it("sees the tables of the snapshot that is named, and no other", async () => {
      expect(await all(sql`SELECT count(*) FROM ${at(under.snapshot)}`)).toEqual([[BigInt(under.rows)]]);
      expect(await all(sql`SELECT count(*) FROM ${at(under.later)}`, under.later)).toEqual([[BigInt(under.rows + 1)]]);
    });

    it("keeps values apart from the text, whatever they hold", async () => {
      for (const hostile of [
        "'; DROP TABLE numbers; --",
        "x' OR '1'='1",
        "\\' OR 1=1 --",
        '"',
        "\u0000",
        "%_",
        "ä🧬",
      ]) {
        expect(await all(sql`SELECT count(*) FROM ${at(under.snapshot)} WHERE name = ${hostile}`)).toEqual([[0n]]);
        if (!hostile.includes("\u0000")) expect(await all(sql`SELECT ${hostile} AS echo`)).toEqual([[hostile]]);
      }
    });

    it("gives typed values: 64-bit integers, exact decimals, NaN apart from null, dates in UTC, lists", async () => {
      const [row] =
        await all(sql`SELECT CAST(9007199254740993 AS BIGINT) AS a, CAST('123456789012345678.123' AS DECIMAL(21, 3)) AS b,
        CAST('NaN' AS DOUBLE) AS c, CAST(NULL AS DOUBLE) AS d, DATE '2020-02-03' AS e, TIMESTAMP '2020-01-01 00:00:00.123456' AS f, true AS g`);
      expect(row).toEqual([
        9007199254740993n,
        "123456789012345678.123",
        Number.NaN,
        null,
        "2020-02-03",
        "2020-01-01T00:00:00.123456Z",
        true,
      ]);
    });

    it("names its columns and streams in batches", async () => {
      const batches: RowBatch[] = [];
      for await (const batch of under.tables.query(sql`SELECT n, name FROM ${at(under.snapshot)} ORDER BY n`, {
        snapshot: under.snapshot,
      }))
        batches.push(batch);
      expect(batches[0]?.names).toEqual(["n", "name"]);
      expect(batches.length).toBeGreaterThan(1);
      expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(under.rows);
    });

    it("refuses more than one statement, and every statement that is not a SELECT", async () => {
      for (const text of [
        "SELECT 1; SELECT 2",
        "CREATE TABLE t (a INTEGER)",
        "COPY (SELECT 1) TO '/tmp/x.parquet'",
        "SET threads = 1",
        "DROP SCHEMA snap_1 CASCADE",
      ]) {
        await expect(all(raw(text))).rejects.toMatchObject({ code: expect.stringMatching(/SQL_REJECTED|FORBIDDEN/) });
      }
    });

    it("reads no file outside the store", async () => {
      await expect(all(raw("SELECT * FROM read_csv('/etc/passwd')"))).rejects.toMatchObject({
        code: expect.stringMatching(/FORBIDDEN|SQL_REJECTED/),
      });
    });

    it("says SNAPSHOT_NOT_FOUND for a snapshot that was never published", async () => {
      await expect(all(sql`SELECT 1`, 999_999)).rejects.toMatchObject({ code: "SNAPSHOT_NOT_FOUND" });
    });

    it("cancels a running statement, and answers the next", async () => {
      const stop = new AbortController();
      const endless = sql`SELECT count(*) FROM range(100000000) a, range(100000000) b`;
      const running = (async () => {
        for await (const batch of under.tables.query(endless, { snapshot: under.snapshot, signal: stop.signal }))
          void batch;
      })();
      setTimeout(() => {
        stop.abort(new Error("enough"));
      }, 100);
      await expect(running).rejects.toMatchObject({ code: "CANCELED" });
      expect(await all(sql`SELECT 1 AS one`)).toEqual([[1]]);
    });

    it("lets go of a statement whose reader stops early", async () => {
      for (let turn = 0; turn < 5; turn += 1) {
        for await (const batch of under.tables.query(sql`SELECT n FROM ${at(under.snapshot)}`, {
          snapshot: under.snapshot,
        })) {
          expect(batch.rows).toBeGreaterThan(0);
          break;
        }
      }
      expect(await all(sql`SELECT 2 AS two`)).toEqual([[2]]);
    });
  });
}
