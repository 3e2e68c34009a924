import { randomBytes } from "node:crypto";
import { defineHl7Scenes } from "../e2e/hl7-scenes.js";
import { startService } from "../helpers/service.js";
import { clusterEnvironment, STACK_TIMEOUT_MS, stackForTests } from "../helpers/stack.js";

defineHl7Scenes(STACK_TIMEOUT_MS / 1_000, async () => {
  const stack = await stackForTests();
  return startService(undefined, ["--no-demo"], clusterEnvironment(stack, `hl7-${randomBytes(4).toString("hex")}`));
});
