import { describe, expect, it } from "@jest/globals";
import { watchHealth } from "../../src/app/health.js";
import { systemClock } from "../../src/clock.js";
import { VitalomeError } from "../../src/errors.js";
import { silentLog, type Log } from "../../src/log.js";

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 200) / 100, signal),
};

describe("watching what a service depends on", () => {
  it("tells the log when one goes and when it comes back, and no more, however often it was asked", async () => {
    const said: string[] = [];
    const log: Log = {
      ...silentLog,
      warn: (fields, message) => said.push(`${String((fields as { dependency: string }).dependency)} ${message}`),
    };
    let isAway = false;
    let calls = 0;
    const probe = async (): Promise<string> => {
      calls += 1;
      if (isAway) throw new VitalomeError("BACKEND_UNAVAILABLE", "Spark SQL is out of reach");
      return Promise.resolve("answers");
    };
    const never = async (): Promise<string> => Promise.reject(new Error("at /some/path"));
    const health = watchHealth({ tables: probe, store: never }, clock, log);
    const turns = async (): Promise<void> => {
      for (const until = calls + 4; calls < until;) await systemClock.sleep(2);
    };
    try {
      await turns();
      expect(said).toEqual(["store a dependency is out of reach"]);
      isAway = true;
      await turns();
      expect(health.dependencies()).toMatchObject({ tables: { ok: false, detail: "Spark SQL is out of reach" } });
      isAway = false;
      await turns();
      expect(said.slice(1)).toEqual(["tables a dependency is out of reach", "tables a dependency answers again"]);
    } finally {
      health.close();
    }
  });
});
