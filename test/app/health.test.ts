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
    const behind = async () => Promise.resolve({ ok: false, detail: "7 events behind" });
    const never = async (): Promise<string> => Promise.reject(new Error("at /some/path"));
    const health = watchHealth({ tables: probe, store: never, fold: behind }, clock, log);
    const turns = async (): Promise<void> => {
      for (const until = calls + 4; calls < until;) await systemClock.sleep(2);
    };
    try {
      await turns();
      expect([...said].sort()).toEqual(["fold a dependency is not well", "store a dependency is not well"]);
      expect(health.dependencies()).toMatchObject({
        tables: { ok: true, detail: "answers" },
        store: { ok: false, detail: "out of reach" },
        fold: { ok: false, detail: "7 events behind" },
      });
      isAway = true;
      await turns();
      expect(health.dependencies()).toMatchObject({ tables: { ok: false, detail: "Spark SQL is out of reach" } });
      isAway = false;
      await turns();
      expect(said.slice(2)).toEqual(["tables a dependency is not well", "tables a dependency is well again"]);
    } finally {
      health.close();
    }
  });
});
