import { relative } from "node:path";
import type { Command } from "commander";
import { environment, needsStack, readSettings } from "../config.js";
import type { Endpoint } from "./client.js";
import { YET_UNKNOWN, startOwnStack } from "./own-stack.js";
import { loadDemo } from "./load-demo.js";
import { createProgress, EXIT, explain, failure, outputMode, print, say } from "./output.js";

interface UpOptions {
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly profile?: string;
  readonly role?: string;
  readonly output?: string;
  readonly logLevel?: string;
  readonly demo: boolean;
  readonly people: string;
}

/** Starts the service and serves until a signal stops it. */
export function addUp(program: Command, end: (code: number) => void): void {
  program
    .command("up")
    .description("Start the service: everything in one folder with nothing but Node, or over HDFS, Kafka and Spark.")
    .option("--data <folder>", "folder that holds everything (default .vitalome)")
    .option("--port <number>", "port to listen on; 0 takes a free one (default 4000)")
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--profile <name>", "embedded (default), or cluster: HDFS, Kafka and Spark")
    .option("--role <name>", "cluster: api, worker, or all in one process (default)")
    .option("--no-demo", "start with what the folder holds: load no simulated cohort")
    .option("--people <number>", "size of the simulated cohort an empty folder is filled with", "500")
    .option("--log-level <level>", "debug, info, warn, error or silent")
    .option("--output <mode>", "json prints one line with url and token once ready")
    .addHelpText(
      "after",
      `
The first start on an empty folder fills it with a simulated cohort, labelled SIMULATED, through the same
ingest as real data. Prints the address and a token that sees everything once that is done. SIGTERM or Ctrl-C stops it cleanly;
a second start on the same folder goes on where the first ended.

The cluster profile takes the systems that HDFS_WEBHDFS_URL, HDFS_URL, KAFKA_BROKERS and SPARK_THRIFT name. Without them
it starts a stack of its own in the data folder (see vitalome stack) and stops it again, unless it ran before.

Examples:
  vitalome up
  vitalome up --data /srv/vitalome --port 8080
  vitalome up --data ./try --people 50
  vitalome up --profile cluster
  vitalome up --data ./try --port 0 --no-demo --output json`,
    )
    .action(async (options: UpOptions) => {
      const mode = options.output === undefined ? "text" : outputMode(options.output);
      const { data: dataDirectory, port, host, profile, role, logLevel } = options;
      const given = { dataDirectory, port, host, profile, role, logLevel };
      const people = peopleOf(options.people);
      const isOwn = needsStack(environment(), given);
      const checked = readSettings(environment(), { ...given, ...(isOwn ? YET_UNKNOWN : {}) });
      const stack = isOwn ? await startOwnStack(checked.dataDirectory) : null;
      const settings = stack === null ? checked : readSettings(environment(), { ...given, ...stack.options });
      const { startApp } = await import("../app.js");
      const starting = startApp(settings).catch(async (thrown: unknown) => {
        await stack?.stop();
        throw thrown;
      });
      const loading = new AbortController();
      let stopping = false;
      // A signal during the start lets it finish first, so that it closes cleanly too.
      const stop = (code: number): void => {
        if (stopping) return;
        stopping = true;
        loading.abort(new Error("the service is stopping"));
        starting
          .then((app) => app.close())
          .finally(() => stack?.stop())
          .then(
            () => {
              end(code);
            },
            () => {
              end(EXIT.failed);
            },
          );
      };
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.on(signal, () => {
          stop(EXIT.ok);
        });
      }
      const app = await starting;
      // Whoever watches over this process starts it again, or leaves it at the one that works.
      void app.displaced.then((reason) => {
        say(`vitalome: CONFLICT: ${reason}`);
        stop(EXIT.conflict);
      });
      const { url, token } = app;
      if (token !== null && options.demo) await fill({ url, token }, settings.dataDirectory, people, loading.signal);
      if (stopping) return;
      if (mode === "json") print(JSON.stringify({ url, token }));
      else if (token !== null) welcome({ url, token }, settings.dataDirectory);
      else print(`The worker is ready: ${new URL("/readyz", url).href}`);
    });
}

/** Data that could not be loaded do not stop the service. */
async function fill(endpoint: Endpoint, directory: string, people: number, signal: AbortSignal): Promise<void> {
  const progress = createProgress(2_000);
  try {
    const { isNew, people: loaded } = await loadDemo({
      endpoint,
      directory,
      people,
      show: progress.show,
      signal,
    });
    progress.end();
    if (isNew) say(`loaded ${String(loaded)} simulated people: no real person, nothing measured`);
  } catch (thrown) {
    progress.end();
    if (!signal.aborted) say(`vitalome: ${explain(thrown).message}; the next start tries again`);
  }
}

function peopleOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw failure(EXIT.usage, `--people: expected a whole number from 1 to 999999, found ${text}`);
}

function welcome({ url, token }: Endpoint, directory: string): void {
  const { origin } = new URL(url);
  // A verb finds the service of the folder `.vitalome` by itself.
  const place = relative(process.cwd(), directory);
  const where = place === ".vitalome" ? "" : ` --data ${place.startsWith("..") ? directory : place}`;
  for (const line of [
    `Vitalome is ready.`,
    `  GraphQL       ${url}   (queries over HTTP, subscriptions over WebSocket: graphql-transport-ws)`,
    `  health        ${origin}/readyz`,
    `  data folder   ${directory}`,
    `  token         ${token}`,
    "",
    "Three commands to try, in another terminal:",
    `  bin/vitalome query '{ serviceInfo { snapshotId } callSets { name build samples sites } }'${where}`,
    `  bin/vitalome query '${CARRIERS_QUESTION}'${where}`,
    `  bin/vitalome watch jobs${where}`,
  ])
    print(line);
  say("Research and decision support only: not a medical device. Ctrl-C stops the service.");
}

/** People who carry a pathogenic variant, with the variant and what is said of it. */
const CARRIERS_QUESTION =
  '{ patients(first: 2, filter: [{ variant: { clinicalSignificance: ["P/LP"] } }]) { count(mode: EXACT) { value } ' +
  'nodes { id gender conditions { text } variants(filter: { clinicalSignificance: ["P/LP"] }) { nodes { id annotations { ' +
  "genes { symbol } clinical { significance conditions { display } } } } } } } }";
