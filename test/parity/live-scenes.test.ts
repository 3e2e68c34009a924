import { afterAll } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { defineLiveScenes } from "../e2e/live-scenes.js";
import { startService } from "../helpers/service.js";
import { clusterEnvironment, stackForTests } from "../helpers/stack.js";
import { startWindowsDriver, type WindowsDriver } from "../helpers/windows-driver.js";

const CORNER = `scenes-${randomBytes(4).toString("hex")}`;
let driver: WindowsDriver | null = null;
afterAll(async () => {
  await driver?.kill();
});

defineLiveScenes("cluster", 600, async () => {
  const stack = await stackForTests();
  driver = await startWindowsDriver({ stack, corner: CORNER });
  const environment = { ...clusterEnvironment(stack, CORNER), VITALOME_CLOCK: "input" };
  return startService(undefined, ["--no-demo"], environment);
});
