import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClusterTables } from "../dist/backend/cluster/tables.js";
import { systemClock } from "../dist/clock.js";
import { EMPTY_CATALOG } from "../dist/lake/catalog.js";
import { raw, sql } from "../dist/backend/sql.js";
import { compare, shell } from "./frame.mjs";

const ROWS = 200_000;
const POINTS = 20;
const BIG = `SELECT id, concat('s', id) AS s, id * 1.5 AS d FROM range(${ROWS})`;
const POINT = "SELECT id, id * 2 AS b FROM range(1000) WHERE id = ";

/**
 * A point query and 200,000 rows through Spark Thrift, against impyla on the same server. `VITALOME_BENCH_STACK` is the
 * folder of a stack that is up, `VITALOME_BENCH_PYTHON` a Python that has impyla.
 */
export default async function run() {
  const folder = process.env.VITALOME_BENCH_STACK ?? "";
  const python = process.env.VITALOME_BENCH_PYTHON ?? "python3";
  if (folder === "" || shell("bash", ["-c", '"$1" -c "import impala" 2>&1 || echo no', "_", python]) !== "") {
    console.log(
      "thrift: skipped (needs VITALOME_BENCH_STACK, the folder of a stack, and impyla in VITALOME_BENCH_PYTHON)",
    );
    return;
  }
  const { thrift, user, hdfs } = JSON.parse(readFileSync(join(folder, "stack.json"), "utf8"));
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const tables = createClusterTables({
    thrift,
    user,
    store: `${hdfs}/vitalome`,
    files: null,
    snapshots: { get: async () => EMPTY_CATALOG },
    log: silent,
    clock: systemClock,
  });
  const peer = startPeer(python, thrift);
  /** Rows, and sums of what they hold. */
  const read = async (statement) => {
    let [rows, ids, length, sum] = [0, 0n, 0, 0];
    for await (const { columns, rows: count } of tables.query(statement, { snapshot: 0 })) {
      rows += count;
      for (const id of columns[0]) ids += id;
      for (const text of columns[1]) length += String(text).length;
      for (const value of columns[2] ?? []) sum += Number(value);
    }
    return [rows, String(ids), length, sum];
  };
  try {
    await read(raw(BIG));
    await peer.ask("big");
    await compare(`${POINTS} point queries, one after the other`, [
      { name: "impyla", run: () => peer.ask("points") },
      {
        name: "vitalome tables",
        run: async () => {
          const found = [];
          for (let id = 0; id < POINTS; id += 1) found.push(await read(sql`${raw(POINT)}${id}`));
          return found;
        },
      },
    ]);
    await compare(`${ROWS} rows of three columns`, [
      { name: "impyla, 10,000 rows a fetch", run: () => peer.ask("big") },
      { name: "vitalome tables", run: () => read(raw(BIG)) },
    ]);
  } finally {
    peer.stop();
    await tables.close();
  }
}

/** impyla in one process with one session, told what to do line by line. */
function startPeer(python, thrift) {
  const [host, port] = thrift.split(":");
  const program = `
import json, sys
from impala.dbapi import connect
cursor = connect(host="${host}", port=${port}, auth_mechanism="PLAIN", user="bench", password="-").cursor()
cursor.arraysize = 10000
def read(text):
    cursor.execute(text)
    rows, ids, length, total = 0, 0, 0, 0.0
    while True:
        block = cursor.fetchmany(10000)
        if not block: break
        rows += len(block)
        for row in block:
            ids += row[0]; length += len(str(row[1]))
            if len(row) > 2: total += float(row[2])
    return [rows, str(ids), length, int(total) if total == int(total) else total]
for line in sys.stdin:
    if line.strip() == "big": answer = read(${JSON.stringify(BIG)})
    else: answer = [read(${JSON.stringify(POINT)} + str(at)) for at in range(${POINTS})]
    print(json.dumps(answer), flush=True)
`;
  const child = spawn(python, ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(what) {
      child.stdin.write(`${what}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("impyla ended");
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}
