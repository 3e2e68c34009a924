import { afterAll, beforeAll } from "@jest/globals";
import { createClusterEventLog } from "../../../src/backend/cluster/event-log.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { brokerForTests, deleteTopics, newPrefix } from "../../backend/cluster/kafka-for-tests.js";
import { STACK_TIMEOUT_MS } from "../../helpers/stack.js";
import type { LogOfTest } from "./live-worker-contract.js";

/** Logs of their own on the broker of the tests, gone with the file that asked for them. */
export function logsOnKafka(): () => Promise<LogOfTest> {
  let broker = "";
  const prefixes: string[] = [];

  beforeAll(async () => {
    broker = await brokerForTests();
  }, STACK_TIMEOUT_MS);
  afterAll(() => deleteTopics(broker, prefixes));

  return async () => {
    const prefix = newPrefix();
    prefixes.push(prefix);
    const open = () =>
      createClusterEventLog({ brokers: [broker], prefix, clock: systemClock, log: silentLog, patienceMs: 60_000 });
    let log = await open();
    return {
      log,
      async reopen() {
        await log.close();
        log = await open();
        return log;
      },
      close: () => log.close(),
    };
  };
}
