import { join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../clock.js";
import { environment, readSettings } from "../config.js";
import type * as StackModule from "../stack/index.js";
import { EXIT, failure, outputMode, print, say } from "./output.js";

interface Flags {
  readonly folder?: string;
  readonly kill?: boolean;
  readonly dev?: boolean;
  readonly output?: string;
}

interface Call {
  /** Loaded when asked for: no other verb needs it. */
  readonly stack: typeof StackModule;
  readonly options: StackModule.StackOptions;
  readonly parts: readonly StackModule.PartName[];
  readonly flags: Flags;
}

const ACTIONS: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  up,
  down,
  restart,
  status,
  logs,
  python,
  "rebuild-windows": rebuildWindows,
};

export function addStack(program: Command, end: (code: number) => void): void {
  program
    .command("stack")
    .description("HDFS, Kafka, Spark's Thrift server and the windows query on this machine, for the cluster profile.")
    .argument("<action>", "up, down, restart, status, logs, python or rebuild-windows")
    .argument("[part...]", "namenode, datanode, kafka, thrift, windows (default: all; logs takes one)")
    .option("--folder <folder>", "where the stack keeps its data (default: stack in the data folder, .vitalome/stack)")
    .option("--kill", "down and restart: end the processes at once, as a crash would")
    .option("--dev", "python: with ruff, mypy and pytest")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
up fetches what is missing (some 500 MB, once per user), starts the parts that do not run, on the data and ports they
had, and prints their addresses, which also lie in stack.json of the folder. down keeps the data.
status ends with 1 unless every part is up. rebuild-windows computes all windows anew from the readings in the log, when
the query says that it cannot go on. KAFKA_TOPIC_PREFIX and HDFS_ROOT say whose windows. python prints the interpreter
that has PySpark. Needs Java 17 or later, Python 3.11 or later and Maven.

Examples:
  vitalome stack up
  vitalome stack restart thrift --kill
  vitalome stack status --folder /srv/vitalome/stack --output json`,
    )
    .action(async (action: string, names: readonly string[], flags: Flags) => {
      const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
      if (run === undefined) throw failure(EXIT.usage, `expected ${Object.keys(ACTIONS).join(", ")}, found ${action}`);
      const stack = await import("../stack/index.js");
      const parts = names.map((name) => {
        if (stack.isPartName(name)) return name;
        throw failure(EXIT.usage, `a part is one of ${stack.PARTS.join(", ")}, found ${name}`);
      });
      const folder = flags.folder ?? join(readSettings(environment()).dataDirectory, "stack");
      const options = { folder, environment: environment(), clock: systemClock, say: note };
      end(await run({ stack, options, parts: parts.length === 0 ? stack.PARTS : parts, flags }));
    });
}

const note = (line: string): void => {
  say(`vitalome: ${line}`);
};

async function up({ stack, options, parts, flags }: Call): Promise<number> {
  const mode = outputMode(flags.output);
  const since = systemClock.now();
  const { stack: found, started } = await stack.startStack(options, parts);
  if (started.length === 0) note("nothing to do: it is up");
  else note(`up after ${((systemClock.now() - since) / 1000).toFixed(1)} s: ${started.join(", ")}`);
  if (mode === "json") print(JSON.stringify(found));
  else for (const line of addressLines(found)) print(line);
  return EXIT.ok;
}

function addressLines({ hdfs, webhdfs, kafka, thrift }: StackModule.Stack): string[] {
  return [`HDFS     ${hdfs}`, `WebHDFS  ${webhdfs}`, `Kafka    ${kafka}`, `Thrift   ${thrift}`];
}

async function down({ stack, options, parts, flags }: Call): Promise<number> {
  const stopped = await stack.stopStack({ ...options, graceMs: flags.kill === true ? 0 : undefined }, parts);
  note(stopped.length === 0 ? "nothing to do: nothing runs" : `stopped ${stopped.join(", ")}; data and ports are kept`);
  return EXIT.ok;
}

async function restart(call: Call): Promise<number> {
  await down(call);
  return up(call);
}

async function status({ stack, options, parts, flags }: Call): Promise<number> {
  const mode = outputMode(flags.output);
  const found = (await stack.readStatus(options.folder)).filter(({ part }) => parts.includes(part));
  for (const line of found) print(mode === "json" ? JSON.stringify(line) : tableLine(line));
  return found.every(({ state }) => state === "up") ? EXIT.ok : EXIT.failed;
}

function tableLine({ part, state, pid, address, residentBytes }: StackModule.PartStatus): string {
  const memory = residentBytes === null ? "-" : `${String(Math.round(residentBytes / 2 ** 20))} MiB`;
  const columns = [part.padEnd(10), state.padEnd(7), (pid === null ? "-" : String(pid)).padEnd(9), memory.padEnd(9)];
  return `${columns.join("")}${address ?? "-"}`;
}

async function logs({ stack, options, parts }: Call): Promise<number> {
  const [part, second] = parts;
  if (part === undefined || second !== undefined) throw failure(EXIT.usage, "logs: name one part");
  const text = await stack.readLog(options.folder, part);
  if (text === null) throw failure(EXIT.failed, `${stack.TITLES[part]} has written nothing yet`);
  for (const line of text.trimEnd().split("\n")) print(line);
  return EXIT.ok;
}

async function rebuildWindows({ stack, options }: Call): Promise<number> {
  await stack.rebuildWindows(options);
  note("windows are computed anew");
  return EXIT.ok;
}

async function python({ stack, options, flags }: Call): Promise<number> {
  print(
    flags.dev === true ? await stack.ensureDevelopmentPython(options) : (await stack.ensurePython(options)).program,
  );
  return EXIT.ok;
}
