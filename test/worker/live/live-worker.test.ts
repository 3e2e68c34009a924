import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../../../src/backend/embedded/event-log.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { defineLiveWorkerContract } from "./live-worker-contract.js";

defineLiveWorkerContract("a journal", 90, async () => {
  const directory = await mkdtemp(join(tmpdir(), "vitalome-live-worker-"));
  const open = () => createEmbeddedEventLog({ directory, clock: systemClock, log: silentLog });
  let log = await open();
  return {
    log,
    async reopen() {
      await log.close();
      log = await open();
      return log;
    },
    async close() {
      await log.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
