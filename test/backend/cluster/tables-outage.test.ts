import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Cell, Tables } from "../../../src/backend/index.js";
import { raw, type Sql } from "../../../src/backend/sql.js";
import { killPart, ownStack, STACK_TIMEOUT_MS, startOnePart, type OwnStack } from "../../helpers/stack.js";
import { numbersQuery, openTablesStore, type TablesStore } from "./tables-store.js";

jest.setTimeout(STACK_TIMEOUT_MS);

/** From the outage to the error, and to the end of a cancelled statement in Spark. Milliseconds. */
const TOLD_WITHIN = 15_000;
const ENDED_WITHIN = 5_000;

let own: OwnStack;
let store: TablesStore;
let snapshot: number;
beforeAll(async () => {
  own = await ownStack(["namenode", "datanode", "thrift"]);
  store = await openTablesStore(own.stack);
  snapshot = await store.publish("a", 0, [
    { table: "numbers", file: "numbers.parquet", query: numbersQuery(1, 1_001) },
  ]);
  expect(await rowsOf(store.tables, count())).toEqual([[1_000n]]);
});
afterAll(async () => {
  await store.tables.close();
  await own.stop();
});

const count = (): Sql => raw(`SELECT count(*) AS n FROM snap_${String(snapshot)}.numbers`);
/** More than is fetched ahead, in parts that the server can hold one by one. */
const LONG = raw("SELECT id, concat('text ', id) AS t FROM range(0, 20000000, 1, 400)");

async function rowsOf(tables: Tables, statement: Sql): Promise<Cell[][]> {
  const rows: Cell[][] = [];
  for await (const { columns, rows: found } of tables.query(statement, { snapshot }))
    for (let row = 0; row < found; row += 1) rows.push(columns.map((column) => column[row] ?? null));
  return rows;
}

/** Reads two blocks, breaks what `break` breaks and reads on: the error and how long it took. */
async function readThrough(breakIt: () => Promise<void>): Promise<{ readonly error: unknown; readonly ms: number }> {
  const rows = store.tables.query(LONG, { snapshot })[Symbol.asyncIterator]();
  await rows.next();
  await rows.next();
  await breakIt();
  const startedAt = Date.now();
  try {
    while ((await rows.next()).done !== true);
  } catch (error) {
    return { error, ms: Date.now() - startedAt };
  }
  throw new Error("the rows ended as if they were whole");
}

function pidOfThrift(): number {
  const pid = own.stack.processes["thrift"];
  if (pid === undefined) throw new Error("there is no Thrift server");
  return pid;
}

describe("while Spark Thrift", () => {
  it("is stopped in the middle of a fetch, the statement fails soon, and so does the next", async () => {
    const pid = pidOfThrift();
    try {
      const { error, ms } = await readThrough(async () => {
        process.kill(pid, "SIGSTOP");
        return Promise.resolve();
      });
      expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", message: "Spark SQL is out of reach" });
      expect(ms).toBeLessThan(TOLD_WITHIN);
      const startedAt = Date.now();
      await expect(rowsOf(store.tables, count())).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
      expect(Date.now() - startedAt).toBeLessThan(TOLD_WITHIN);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    expect(await rowsOf(store.tables, count())).toEqual([[1_000n]]);
  });

  it("runs, a statement that is cancelled at any moment leaves nothing behind in Spark", async () => {
    const endless = raw("SELECT count(*) AS n FROM range(100000000) a, range(100000000) b");
    for (const ms of [0, 30, 100, 300, 1_000, 3_000]) {
      const stop = new AbortController();
      const reading = (async () => {
        for await (const batch of store.tables.query(endless, { snapshot, signal: stop.signal })) void batch;
      })();
      setTimeout(() => {
        stop.abort(new Error("enough"));
      }, ms);
      await expect(reading).rejects.toMatchObject({ code: "CANCELED" });
    }
    await new Promise((resolve) => setTimeout(resolve, ENDED_WITHIN));
    // A job that went on would hold every core of the server for ever.
    expect(await rowsOf(store.tables, raw("SELECT count(*) AS n FROM range(0, 100, 1, 8)"))).toEqual([[100n]]);
    expect(await cpuSeconds(pidOfThrift(), 3_000)).toBeLessThan(1.5);
  });

  it("dies in the middle of a fetch, the statement fails soon; once it is back, so are the answers", async () => {
    const { error, ms } = await readThrough(async () => killPart(own, "thrift"));
    expect(error).toMatchObject({ code: "BACKEND_UNAVAILABLE", message: "Spark SQL is out of reach" });
    expect(ms).toBeLessThan(TOLD_WITHIN);
    await expect(rowsOf(store.tables, count())).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    await startOnePart(own, "thrift");
    expect(await rowsOf(store.tables, count())).toEqual([[1_000n]]);
  });
});

/** Seconds of processor a process takes in so many milliseconds. */
async function cpuSeconds(pid: number, ms: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const ticks = async (): Promise<number> => {
    const fields = (await readFile(`/proc/${String(pid)}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = await ticks();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ((await ticks()) - before) / 100;
}
