import { afterAll, beforeAll } from "@jest/globals";
import { createClusterEventLog, type ClusterEventLogOptions } from "../../../src/backend/cluster/event-log.js";
import type { EventLog } from "../../../src/backend/index.js";
import { systemClock, type Clock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { defineEventLogContract } from "../contract/event-log.js";
import { STACK_TIMEOUT_MS } from "../../helpers/stack.js";
import { brokerForTests, deleteTopics, newPrefix } from "./kafka-for-tests.js";

const DAY_MS = 24 * 60 * 60 * 1000;
let broker = "";
const prefixes: string[] = [];

beforeAll(async () => {
  broker = await brokerForTests();
}, STACK_TIMEOUT_MS);
afterAll(() => deleteTopics(broker, prefixes));

function define(name: string, more: Partial<ClusterEventLogOptions>): void {
  defineEventLogContract(name, async () => {
    const prefix = newPrefix();
    prefixes.push(prefix);
    let later = 0;
    let looked = (): void => undefined;
    const clock: Clock = {
      now: () => systemClock.now() + later,
      sleep: (ms, signal) => {
        // After a look at what may go comes the wait for the next one.
        looked();
        return systemClock.sleep(ms, signal);
      },
    };
    const open = (): Promise<EventLog> =>
      createClusterEventLog({
        brokers: [broker],
        prefix,
        clock,
        log: silentLog,
        retention: { keepMs: 7 * DAY_MS },
        // A busy machine makes its topics slowly.
        patienceMs: 60_000,
        ...more,
      });
    let log = await open();
    const reopen = async (): Promise<EventLog> => {
      await log.close();
      log = await open();
      return log;
    };
    return {
      log,
      reopen,
      expire: async () => {
        later += 8 * DAY_MS;
        const hasLooked = new Promise<void>((resolve) => {
          looked = resolve;
        });
        await log.append("labs.observed.v1", [{ key: "later", value: later }]);
        await reopen();
        await hasLooked;
        return log;
      },
      dispose: () => log.close(),
    };
  });
}

define("cluster", {});
