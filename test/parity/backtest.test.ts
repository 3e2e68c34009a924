import { randomBytes } from "node:crypto";
import { defineBacktestScene } from "../e2e/backtest-scene.js";
import { startService } from "../helpers/service.js";
import { clusterEnvironment, stackForTests } from "../helpers/stack.js";

// The stack's windows are those of its own topics; these are others.
defineBacktestScene({
  async start() {
    const cluster = clusterEnvironment(await stackForTests(), `backtest-${randomBytes(4).toString("hex")}`);
    const input = { VITALOME_CLOCK: "input", VITALOME_LOG_LEVEL: "error" };
    return startService(undefined, ["--no-demo"], { ...cluster, ...input });
  },
  hasWindows: false,
});
