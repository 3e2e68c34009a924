import { spawn } from "node:child_process";
import { join } from "node:path";

/** Chance that can be repeated: the seed is printed, and `CHAOS_SEED` sets it. */
export interface Chance {
  readonly seed: number;
  /** A whole number, `from` to `to`, both included. */
  between(from: number, to: number): number;
}

export function createChance(name: string): Chance {
  const seed = Number(process.env["CHAOS_SEED"] ?? Date.now() % 0x7fffffff);
  process.stderr.write(`chaos: ${name}, CHAOS_SEED=${String(seed)}\n`);
  let state = seed;
  return {
    seed,
    between(from, to) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return from + (((mixed ^ (mixed >>> 14)) >>> 0) % (to - from + 1));
    },
  };
}

/** How often a test at random moments is repeated; `CHAOS_CYCLES` sets it. */
export function chaosCycles(usual: number): number {
  return Number(process.env["CHAOS_CYCLES"] ?? usual);
}

export type Moment =
  /** Milliseconds after the process was started, or after it said that it is ready. */
  | { readonly after: "start" | "ready"; readonly ms: number }
  /** The script ends itself at a fault point, the count-th time. */
  | { readonly point: string; readonly count: number };

export interface KillOptions {
  /** A script in this folder that reads its task with `child.mjs`. */
  readonly script: string;
  readonly task: Readonly<Record<string, unknown>>;
  readonly moment: Moment;
  /** A script still alive by then is a fault. Default 30 s. */
  readonly deadlineMs?: number;
}

/** Runs the script until SIGKILL ends it at the moment given. A script that ends otherwise is an error. */
export async function runUntilKilled({ script, task, moment, deadlineMs = 30_000 }: KillOptions): Promise<void> {
  const kill = "point" in moment ? moment : null;
  const child = spawn(process.execPath, [join(import.meta.dirname, script), JSON.stringify({ ...task, kill })], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let isLate = false;
  let trouble = "";
  const timers: NodeJS.Timeout[] = [];
  const killAfter = (ms: number): void => {
    timers.push(setTimeout(() => child.kill("SIGKILL"), ms));
  };
  timers.push(
    setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, deadlineMs),
  );
  if ("after" in moment && moment.after === "start") killAfter(moment.ms);
  child.stdout.once("data", () => {
    if ("after" in moment && moment.after === "ready") killAfter(moment.ms);
  });
  child.stderr.on("data", (chunk: Buffer) => (trouble += chunk.toString()));
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (_code, by) => {
      resolve(by);
    });
  });
  for (const timer of timers) clearTimeout(timer);
  if (isLate) throw new Error(`${script} did not come to ${JSON.stringify(moment)} in time\n${trouble}`);
  if (signal !== "SIGKILL") throw new Error(`${script} ended by itself\n${trouble}`);
}
