import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Runs jest, then pytest with the interpreter that is named, each to its end whatever the other says, and closes with
 * one line that sums both. A suite that could not be run counts as one failure.
 */
const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "vitalome-tests-"));
const report = (name) => join(folder, name);

/** The real systems come up before any test competes with them for the machine; jest's tests share them. */
function stack(...args) {
  const environment = { ...process.env, NODE_OPTIONS: "" };
  const options = ["--folder", report("stack"), "--output", "text"];
  return spawnSync(join(root, "bin", "vitalome"), ["stack", ...args, ...options], {
    env: environment,
    stdio: "inherit",
  }).status;
}

function jest() {
  // A windows query is started by the test that needs one.
  const isUp = stack("up", "namenode", "datanode", "kafka", "thrift") === 0;
  const environment = {
    ...process.env,
    ...(isUp ? { VITALOME_TEST_STACK: report("stack") } : {}),
    NODE_OPTIONS: "--experimental-vm-modules",
    VITALOME_TEST_TOTAL: report("jest"),
  };
  const program = join(root, "node_modules", "jest", "bin", "jest.js");
  const { status } = spawnSync(process.execPath, [program], { cwd: root, env: environment, stdio: "inherit" });
  stack("down", "--kill");
  return counted(status, () => JSON.parse(readFileSync(report("jest"), "utf8")));
}

function pytest(python) {
  const args = ["-m", "pytest", "-q", `--junitxml=${report("pytest")}`];
  const { status } = spawnSync(python, args, { cwd: join(root, "pyspark"), stdio: "inherit" });
  return counted(status, () => {
    const opening = /<testsuite [^>]*>/.exec(readFileSync(report("pytest"), "utf8"))[0];
    const [tests, failures, errors, skipped] = ["tests", "failures", "errors", "skipped"].map((name) =>
      Number(new RegExp(` ${name}="(\\d+)"`).exec(opening)[1]),
    );
    return { passed: tests - failures - errors - skipped, failed: failures + errors, skipped };
  });
}

function counted(status, read) {
  let found = { passed: 0, failed: 0, skipped: 0 };
  try {
    found = read();
  } catch {
    return { ...found, failed: 1 };
  }
  // A runner may fail for more than its tests: a teardown, or that there was no test.
  return status !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found;
}

const python = process.argv[2];
if (python === undefined) throw new Error("name the Python that has pytest");
const all = [jest(), pytest(python)];
rmSync(folder, { recursive: true, force: true });
const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((name) =>
  all.reduce((sum, counts) => sum + counts[name], 0),
);
process.stderr.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exitCode = failed === 0 ? 0 : 1;
