import { startService } from "../helpers/service.js";
import { defineBacktestScene } from "./backtest-scene.js";

defineBacktestScene({
  start: () => startService(undefined, ["--no-demo"], { VITALOME_CLOCK: "input", VITALOME_LOG_LEVEL: "error" }),
  hasWindows: true,
});
