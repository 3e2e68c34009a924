import type { Command } from "commander";
import { systemClock } from "../clock.js";
import { environment } from "../config.js";
import { isVitalomeError } from "../errors.js";
import type { Delivery } from "../simulate/index.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions, type Endpoint } from "./client.js";
import { deliver, type Delivered } from "./deliver.js";
import { isInterruption } from "./send-lines.js";
import { EXIT, createProgress, failure, outputMode, print, say } from "./output.js";
import { addConnection } from "./query.js";
import { openLines, openService } from "./targets.js";

/** What `simulate` and `replay` are told of where and how fast their readings go. */
export type VitalsOptions = ConnectionOptions & {
  readonly to: string;
  readonly out?: string;
  readonly speed?: string;
  readonly start: string;
  readonly clock: string;
  readonly source: string;
  readonly patience: string;
  readonly output?: string;
};

export function addVitalsOptions(command: Command, source: string): Command {
  return addConnection(command)
    .option("--to <target>", "service, or ndjson", "service")
    .option("--out <file>", "ndjson: a file instead of standard output")
    .option("--speed <number>", "times faster than lived (default 1; ndjson: at once)")
    .option("--start <time>", "now, or ISO 8601 with an offset", "now")
    .option("--clock <clock>", "wall: times run as the speed does; input: as lived, for VITALOME_CLOCK=input", "wall")
    .option("--source <name>", "name of the source", source)
    .option("--patience <seconds>", "how long a service that is away is waited for", "600")
    .option("--output <mode>", "json or text, of the report (default: json in a pipe)");
}

/** The options, read and checked, and the service where one is meant. */
export interface VitalsRun {
  readonly endpoint: Endpoint | null;
  readonly client: Client | null;
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** How many times faster than lived the times in the records run. */
  readonly squeeze: number;
  /** Records say when they are received: the service's time comes from its input. */
  readonly statesReceipt: boolean;
  /** Sends all of it; answers what was sent, and prints it with `facts` as the report. */
  send(deliveries: Iterable<Delivery>, facts: Facts): Promise<number>;
}

export interface Facts {
  readonly json: Readonly<Record<string, unknown>>;
  /** What the records are, such as `simulated records of 8 beds`. */
  readonly text: string;
}

export async function prepareVitals(options: VitalsOptions, signal: AbortSignal): Promise<VitalsRun> {
  const mode = outputMode(options.output);
  const isService = options.to === "service";
  if (!isService && options.to !== "ndjson") throw usage("to", "service or ndjson", options.to);
  if (isService && options.out !== undefined) throw failure(EXIT.usage, "--out: only with --to ndjson");
  if (options.clock !== "wall" && options.clock !== "input") throw usage("clock", "wall or input", options.clock);
  const speed = options.speed === undefined ? (isService ? 1 : Infinity) : numberOf("speed", options.speed);
  if (speed <= 0) throw usage("speed", "more than 0", options.speed ?? "");
  const statesReceipt = options.clock === "input";
  const squeeze = statesReceipt || speed === Infinity ? 1 : Math.max(1, speed);
  const start = startOf(options.start);
  const patienceMs = numberOf("patience", options.patience) * 1000;
  const endpoint = isService ? await findEndpoint(options, environment()) : null;

  async function run(deliveries: Iterable<Delivery>): Promise<Delivered> {
    const { source } = options;
    const target =
      endpoint === null
        ? await openLines(options.out)
        : openService({ connection: options, endpoint, source, patienceMs, clock: systemClock, signal });
    const progress = createProgress();
    let last: Delivered | null = null;
    const onProgress = (delivered: Delivered): void => {
      last = delivered;
      progress.show(`${String(delivered.lines)} records`);
    };
    try {
      return await deliver({
        deliveries,
        speed: speed / squeeze,
        take: target.take,
        clock: systemClock,
        signal,
        onProgress,
      });
    } catch (thrown) {
      if (isVitalomeError(thrown) && thrown.code === "BAD_USER_INPUT") throw failure(EXIT.usage, `--${thrown.message}`);
      if (!isInterruption(thrown)) throw thrown;
      return { ...(last ?? NOTHING), isInterrupted: true };
    } finally {
      progress.end();
      await target.close();
    }
  }

  return {
    endpoint,
    client: endpoint === null ? null : createClient(endpoint, signal),
    start,
    squeeze,
    statesReceipt,
    async send(deliveries, { json, text }) {
      const delivered = await run(deliveries);
      const report =
        mode === "json"
          ? JSON.stringify({ simulated: true, start: new Date(start).toISOString(), ...json, ...delivered })
          : `${String(delivered.lines)} ${text}, ${courseOf(delivered)}`;
      // Standard output may hold the lines themselves.
      if (isService || options.out !== undefined) print(report);
      else say(report);
      return delivered.isInterrupted ? EXIT.interrupted : EXIT.ok;
    },
  };
}

const NOTHING: Omit<Delivered, "isInterrupted"> = {
  lines: 0,
  late: 0,
  duplicates: 0,
  poisonous: 0,
  chunks: 0,
  throughMs: 0,
};

function courseOf({ late, duplicates, poisonous, throughMs, isInterrupted }: Delivered): string {
  const faults = [
    [late, "late"],
    [duplicates, "twice"],
    [poisonous, "poisonous"],
  ] as const;
  const some = faults.filter(([count]) => count > 0).map(([count, name]) => `, ${String(count)} ${name}`);
  return `${(throughMs / 60_000).toFixed(1)} min${some.join("")}${isInterrupted ? "; interrupted" : ""}`;
}

const PAGE = 200;

/** As many as are wanted and there are, by id; never somebody who is not marked as simulated. */
export async function simulatedPatients(client: Client, wanted: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | null = null; found.length < wanted;) {
    const { patients }: PatientPage = await client.ask<PatientPage>(
      `query Beds($first: Int!, $after: Cursor) {
        patients(first: $first, after: $after) { nodes { id simulated } pageInfo { endCursor hasNextPage } }
      }`,
      { first: PAGE, after },
    );
    found.push(...patients.nodes.flatMap(({ id, simulated }) => (simulated ? [id] : [])));
    if (!patients.pageInfo.hasNextPage) break;
    after = patients.pageInfo.endCursor;
  }
  return found.slice(0, wanted);
}

interface PatientPage {
  readonly patients: {
    readonly nodes: readonly { readonly id: string; readonly simulated: boolean }[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}

/** Texts between commas. */
export function namesIn(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}

export function numberOf(name: string, text: string): number {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw usage(name, "a number", text);
}

export function usage(name: string, expected: string, found: string): ReturnType<typeof failure> {
  return failure(EXIT.usage, `--${name}: expected ${expected}, found ${found}`);
}

function startOf(text: string): number {
  if (text === "now") return systemClock.now();
  const at = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw usage("start", "now, or a time such as 2026-03-01T08:00:00Z", text);
  return at;
}
