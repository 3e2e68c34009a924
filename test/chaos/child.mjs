// For scripts that the kill harness starts: plain JavaScript, so that they run the compiled product without a loader.
import { openSync, writeSync } from "node:fs";

/** What the harness passed to the script. */
export const task = JSON.parse(process.argv[2] ?? "{}");

/** Tells the harness that what is to be disturbed has begun. */
export function ready() {
  writeSync(1, "ready\n");
}

/** Fault points that end this process, with no farewell, when it comes to the point for the count-th time. */
export function dieAt(kill) {
  let passed = 0;
  return {
    at(point) {
      if (point !== kill?.point) return;
      passed += 1;
      if (passed === kill.count) process.kill(process.pid, "SIGKILL");
    },
  };
}

/** A producer's own file. A line is written after the acknowledgement and survives the end of the process. */
export function openLedger(path) {
  const file = openSync(path, "a");
  return {
    acknowledge(entries) {
      const lines = entries.map(({ number, partition, offset }) => `${number} ${partition} ${offset}\n`);
      writeSync(file, lines.join(""));
    },
  };
}
