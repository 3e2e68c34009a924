import { describe, expect, it } from "@jest/globals";
import { createServer } from "node:net";
import { createClusterTables } from "../../../src/backend/cluster/tables.js";
import { sql } from "../../../src/backend/sql.js";
import { systemClock } from "../../../src/clock.js";
import { openSnapshots } from "../../../src/lake/snapshots.js";
import { silentLog } from "../../../src/log.js";
import { createStore } from "../../lake/build.js";

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("Spark Thrift out of reach", () => {
  it("is told to each who asks, and to the log once", async () => {
    const { files, dispose } = await createStore();
    const said: object[] = [];
    const tables = createClusterTables({
      ...{ thrift: `127.0.0.1:${String(await closedPort())}`, user: "somebody", store: "hdfs://127.0.0.1:1/tests" },
      ...{ files, snapshots: await openSnapshots(files, silentLog), clock: systemClock },
      log: { ...silentLog, warn: (fields) => said.push(fields) },
    });
    try {
      for (let round = 0; round < 3; round += 1) {
        const asked = tables
          .query(sql`SELECT 1 AS one`, { snapshot: 0 })
          [Symbol.asyncIterator]()
          .next();
        await expect(asked).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
      }
      expect(said).toEqual([{ kind: "lost", errorClass: "", sqlState: null }]);
    } finally {
      await tables.close();
      await dispose();
    }
  });
});
