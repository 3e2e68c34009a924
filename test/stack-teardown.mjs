import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";

const BIN = resolve(import.meta.dirname, "../bin/vitalome");

/** Stops what a test of this run started. */
export default async function tearDown() {
  const folder = process.env["VITALOME_TEST_STACK_OF_RUN"] ?? "";
  if (folder === "" || !existsSync(folder)) return;
  const environment = { ...process.env, NODE_OPTIONS: "" };
  const { status } = spawnSync(BIN, ["stack", "down", "--kill", "--folder", folder], {
    env: environment,
    stdio: "ignore",
  });
  if (status !== 0) throw new Error(`the stack in ${folder} was not stopped`);
  await rm(folder, { recursive: true, force: true });
}
