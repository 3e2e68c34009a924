import { beforeAll } from "@jest/globals";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import type { Files } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { defineCleanUpContract } from "../contract/clean-up.js";

const TESTS = "/tests";
let created = 0;

// The stack may have to be started first.
beforeAll(async () => {
  await stackForTests();
}, STACK_TIMEOUT_MS);

defineCleanUpContract("cluster", async () => {
  const { webhdfs, user } = await stackForTests();
  const folder = `clean-up-${String(process.pid)}-${String(Date.now())}-${String((created += 1))}`;
  const open = (root: string): Files => createClusterFiles({ webhdfs, user, root, clock: systemClock });
  const root = `${TESTS}/${folder}`;
  return { files: open(root), other: open(root), dispose: async () => open(TESTS).remove(folder) };
});
