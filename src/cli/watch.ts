import { readFile, rename, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { WebSocket } from "ws";
import { follow, isFollowFailure, type FollowFailure } from "../../clients/js/src/index.js";
import { systemClock } from "../clock.js";
import { environment } from "../config.js";
import { exitOf, findEndpoint, type ConnectionOptions } from "./client.js";
import { EXIT, failure, isCliFailure, outputMode, print, say, type CliFailure } from "./output.js";
import { addConnection } from "./query.js";
import { gapLine, streamOf, type StreamOptions } from "./watched-streams.js";

type WatchOptions = ConnectionOptions &
  StreamOptions & {
    readonly after?: string;
    readonly resume?: string;
    readonly untilIdle?: boolean;
    readonly patience?: string;
    readonly output?: string;
  };

export function addWatch(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("watch"))
    .description(
      "Follow alerts, vitals, jobs or snapshots as they happen; a lost connection is resumed where it broke.",
    )
    .argument("<stream>", "alerts, vitals, jobs or datasets")
    .option("--patient <id...>", "alerts, vitals: only of these people")
    .option("--cohort <id>", "alerts, vitals: only of the people of this cohort")
    .option("--code <loinc...>", "alerts, vitals: only about these measurements")
    .option("--min-priority <priority>", "alerts: this one and above: HIGH, MEDIUM, LOW (default) or INFO")
    .option("--shadow", "alerts: also of rules that are being tried")
    .option("--window <size>", "vitals: windows: PT1M, PT5M, PT15M, PT1H")
    .option("--max-rate <number>", "vitals: at most, a second, of a patient and code")
    .option("--id <id>", "jobs: only this one")
    .option("--kind <kind>", "of alert, such as SCORE; of job: ingest-variants")
    .option("--after <cursor>", "go on after this cursor (default: begin now)")
    .option("--resume <file>", "keep the cursor in a file; go on after it")
    .option("--until-idle", "end once nothing waits")
    .option("--patience <seconds>", "how long a lost service is waited for (default 60)")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
One line per event; in JSON each with its cursor. Gaps, lost connections and silence go to stderr too.
Ends with 0 (--until-idle), 1 (refused), 2 (wrong cursor or usage), 4 (service out of reach, token
refused), 130 (interrupted; the last cursor is printed).

Examples:
  vitalome watch alerts --min-priority HIGH --resume alerts.cursor
  vitalome watch vitals --patient bed-1 --code 8867-4 --window PT1M
  vitalome watch jobs --resume jobs.cursor --until-idle
  vitalome watch datasets --kind ingest-variants --output json`,
    )
    .action(async (stream: string, options: WatchOptions) => {
      end(await watch(stream, options, signal));
    });
}

async function watch(name: string, options: WatchOptions, signal: AbortSignal): Promise<number> {
  const stream = streamOf(name, options);
  const mode = outputMode(options.output);
  const patienceMs = patienceOf(options.patience);
  const { resume } = options;
  const from = options.after ?? (resume === undefined ? null : await readCursor(resume));
  let endpoint = await findEndpoint(options, environment());
  let isFirst = true;
  let last = from;
  const events = follow({
    // A service that was started again says in its folder where it is now.
    url: async () => {
      if (!isFirst) endpoint = await findEndpoint(options, environment()).catch(() => endpoint);
      isFirst = false;
      return endpoint.url;
    },
    token: () => endpoint.token,
    query: stream.query,
    variables: stream.variables(options),
    after: from,
    ...(resume === undefined ? {} : { store: (cursor: string) => writeCursor(resume, cursor) }),
    patienceMs,
    webSocket: WebSocket,
    clock: systemClock,
    signal,
  });
  try {
    for await (const followed of events) {
      if (followed.kind === "silent") say(`nothing for ${String(followed.forMs / 1000)} s: connecting again`);
      else if (followed.kind === "disconnected") say(`disconnected (${followed.reason}): connecting again`);
      else {
        const { kind, cursor, event, envelope } = followed;
        last = cursor;
        if (kind === "gap") say(gapLine(event));
        if (kind !== "heartbeat" && mode === "json") print(JSON.stringify(envelope));
        else if (kind === "event") print(stream.lineOf(event, envelope));
        if (kind === "heartbeat" && options.untilIdle === true && event["lagMs"] === 0) {
          if (resume !== undefined) await writeCursor(resume, cursor);
          return EXIT.ok;
        }
      }
    }
  } catch (thrown) {
    throw isFollowFailure(thrown) ? endingOf(thrown) : thrown;
  } finally {
    if (last !== null && options.untilIdle !== true) say(`resume with --after ${last}`);
  }
  return EXIT.interrupted;
}

function endingOf({ code, message }: FollowFailure): CliFailure {
  if (code === "UNREACHABLE") return failure(EXIT.unreachable, message);
  const isCursor = code === "CURSOR_INVALID" || code === "CURSOR_EXPIRED";
  return failure(isCursor ? EXIT.usage : exitOf({ message, extensions: { code } }), `${code}: ${message}`);
}

function patienceOf(text: string | undefined): number {
  const seconds = text === undefined ? 60 : Number(text);
  if (text?.trim() === "" || !Number.isFinite(seconds) || seconds < 0)
    throw failure(EXIT.usage, `--patience: expected seconds, found ${text ?? ""}`);
  return seconds * 1000;
}

/** Null when there is no file yet. */
async function readCursor(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, "utf8")).trim();
    if (/^[\w-]+$/.test(text)) return text;
    throw failure(EXIT.usage, `--resume: ${path} holds no cursor`);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw isCliFailure(thrown) ? thrown : failure(EXIT.usage, `--resume: cannot read ${path}`);
  }
}

/** Whole: a reader sees the cursor before or this one. */
async function writeCursor(path: string, cursor: string): Promise<void> {
  const draft = `${path}.${String(process.pid)}.tmp`;
  try {
    await writeFile(draft, `${cursor}\n`, { mode: 0o600 });
    await rename(draft, path);
  } catch (thrown) {
    throw failure(EXIT.failed, `--resume: cannot write ${path} (${(thrown as NodeJS.ErrnoException).code ?? ""})`);
  }
}
