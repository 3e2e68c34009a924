import type { Command } from "commander";
import { systemClock } from "../clock.js";
import { environment } from "../config.js";
import { isVitalomeError } from "../errors.js";
import { EPISODES, personAt, vitalsOf, type Episode, type VitalsRequest } from "../simulate/index.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { deliver, type Delivered } from "./deliver.js";
import { isInterruption } from "./send-lines.js";
import { EXIT, createProgress, failure, outputMode, print, say } from "./output.js";
import { addConnection } from "./query.js";
import { openLines, openService, type Target } from "./targets.js";

type SimulateOptions = ConnectionOptions & {
  readonly to: string;
  readonly out?: string;
  readonly beds: string;
  readonly patients?: string;
  readonly rate: string;
  readonly speed?: string;
  readonly minutes: string;
  readonly episode: readonly string[];
  readonly seed: string;
  readonly start: string;
  readonly late: string;
  readonly duplicates: string;
  readonly poison: string;
  readonly clock: string;
  readonly source: string;
  readonly patience: string;
  readonly output?: string;
};

const PAGE = 200;
/** Of the people that a new service is filled with. */
const DEMO_SEED = 1;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

export function addSimulate(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("simulate"))
    .description(
      "Send the vitals of simulated beds: to a running service, or as NDJSON. Labelled simulated; nobody is measured.",
    )
    .option("--to <target>", "service, or ndjson", "service")
    .option("--out <file>", "ndjson: a file instead of standard output")
    .option("--beds <number>", "how many beds", "8")
    .option("--patients <list>", "comma-separated ids (default: simulated patients of the service; ndjson: of a demo)")
    .option("--rate <number>", "samples a second of the patient's time; slower things have their own times", "1")
    .option("--speed <number>", "times faster than lived (default 1; ndjson: at once)")
    .option("--minutes <number>", "how much of the patient's time; 0: until interrupted", "10")
    .option(
      "--episode <kind:bed[:from[:length]]>",
      "such as sepsis:p3 or hypoxia:p1:2m:10m; several times",
      collect,
      [],
    )
    .option("--seed <number>", "the same seed gives the same readings", "1")
    .option("--start <time>", "now, or ISO 8601 with an offset", "now")
    .option("--late <percent>", "of records that come late", "0")
    .option("--duplicates <percent>", "of records that come twice", "0")
    .option("--poison <percent>", "of records that one follows of which nothing can be made", "0")
    .option("--clock <clock>", "wall: times run as the speed does; input: as lived, for VITALOME_CLOCK=input", "wall")
    .option("--source <name>", "name of the source", "simulator")
    .option("--patience <seconds>", "how long a service that is away is waited for", "600")
    .option("--output <mode>", "json or text, of the report (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Episodes: ${Object.entries(EPISODES)
        .map(([kind, { note }]) => `${kind} (${note})`)
        .join("; ")}.
Beds are p1, p2 and so on, or the patient's id. Ends with 0, 1 (refused), 2 (usage), 4 (service out
of reach), 130 (interrupted: what was reported is kept).

Examples:
  vitalome simulate --beds 8 --speed 60 --minutes 360 --episode sepsis:p3
  vitalome simulate --patients simulated-1-000001 --minutes 0 --episode hypoxia:p1:2m
  vitalome simulate --to ndjson --seed 7 --late 5 --duplicates 3 --poison 1 > vitals.ndjson`,
    )
    .action(async (options: SimulateOptions) => {
      end(await simulate(options, signal));
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function simulate(options: SimulateOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const isService = options.to === "service";
  if (!isService && options.to !== "ndjson") throw usage("to", "service or ndjson", options.to);
  if (isService && options.out !== undefined) throw failure(EXIT.usage, "--out: only with --to ndjson");
  const seed = numberOf("seed", options.seed);
  const speed = options.speed === undefined ? (isService ? 1 : Infinity) : numberOf("speed", options.speed);
  const isInput = clockOf(options.clock);
  const beds = numberOf("beds", options.beds);
  const endpoint = isService ? await findEndpoint(options, environment()) : null;
  const named = (options.patients ?? "").split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()]));
  const patients =
    named.length > 0
      ? named
      : endpoint === null
        ? Array.from({ length: beds }, (_none, index) => personAt(DEMO_SEED, index).patientId)
        : await simulatedPatients(createClient(endpoint, signal), beds);
  const squeeze = isInput || speed === Infinity ? 1 : Math.max(1, speed);
  const request: VitalsRequest = {
    seed,
    beds: patients.map((patientId) => ({ patientId })),
    start: startOf(options.start),
    seconds: numberOf("minutes", options.minutes) * 60 || Infinity,
    rate: numberOf("rate", options.rate),
    episodes: options.episode.map((text) => episodeOf(text, patients)),
    late: numberOf("late", options.late) / 100,
    duplicates: numberOf("duplicates", options.duplicates) / 100,
    poison: numberOf("poison", options.poison) / 100,
    squeeze,
    statesReceipt: isInput,
  };
  const target =
    endpoint === null
      ? await openLines(options.out)
      : openService({
          connection: options,
          endpoint,
          source: options.source,
          patienceMs: numberOf("patience", options.patience) * 1000,
          clock: systemClock,
          signal,
        });
  const delivered = await run(request, target, speed / squeeze, signal);
  const report = { simulated: true, seed, start: new Date(request.start).toISOString(), patients, ...delivered };
  const text = mode === "json" ? JSON.stringify(report) : textOf(delivered, patients.length);
  // Standard output may hold the lines themselves.
  if (isService || options.out !== undefined) print(text);
  else say(text);
  return delivered.isInterrupted ? EXIT.interrupted : EXIT.ok;
}

async function run(request: VitalsRequest, target: Target, speed: number, signal: AbortSignal): Promise<Delivered> {
  const progress = createProgress();
  let last: Delivered | null = null;
  try {
    return await deliver({
      deliveries: vitalsOf(request),
      speed,
      take: target.take,
      clock: systemClock,
      signal,
      onProgress: (delivered) => {
        last = delivered;
        progress.show(`${String(delivered.lines)} simulated records`);
      },
    });
  } catch (thrown) {
    if (isVitalomeError(thrown) && thrown.code === "BAD_USER_INPUT") throw failure(EXIT.usage, `--${thrown.message}`);
    if (last !== null && isInterruption(thrown)) return { ...(last as Delivered), isInterrupted: true };
    throw thrown;
  } finally {
    progress.end();
    await target.close();
  }
}

/** As many as there are beds, by id; never somebody who is not marked as simulated. */
async function simulatedPatients(client: Client, beds: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | null = null; found.length < beds;) {
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
  if (found.length === 0)
    throw failure(EXIT.usage, "the service has no simulated patients: name some with --patients, or load a demo");
  return found.slice(0, beds);
}

interface PatientPage {
  readonly patients: {
    readonly nodes: readonly { readonly id: string; readonly simulated: boolean }[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}

function episodeOf(text: string, patients: readonly string[]): Episode {
  const [kind = "", bed = "", from, length, ...rest] = text.split(":");
  if (bed === "" || rest.length > 0) throw usage("episode", "kind:bed, kind:bed:from or kind:bed:from:length", text);
  const numbered = /^p(\d+)$/.exec(bed);
  const patientId = patients.includes(bed) ? bed : patients[Number(numbered?.[1] ?? 0) - 1];
  if (patientId === undefined)
    throw usage("episode", `a bed p1 to p${String(patients.length)} or one of its patients`, bed);
  return {
    kind,
    patientId,
    ...(from === undefined ? {} : { fromSeconds: secondsOf(from) }),
    ...(length === undefined ? {} : { seconds: secondsOf(length) }),
  };
}

function secondsOf(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)([smh])$/.exec(text);
  if (match === null) throw usage("episode", "times such as 90s, 10m or 2h", text);
  return Number(match[1]) * SECONDS[match[2]!]!;
}

export function startOf(text: string): number {
  if (text === "now") return systemClock.now();
  const at = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw usage("start", "now, or a time such as 2026-03-01T08:00:00Z", text);
  return at;
}

export function clockOf(text: string): boolean {
  if (text !== "wall" && text !== "input") throw usage("clock", "wall or input", text);
  return text === "input";
}

export function numberOf(name: string, text: string): number {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw usage(name, "a number", text);
}

function usage(name: string, expected: string, found: string): ReturnType<typeof failure> {
  return failure(EXIT.usage, `--${name}: expected ${expected}, found ${found}`);
}

function textOf({ lines, late, duplicates, poisonous, chunks, throughMs }: Delivered, beds: number): string {
  const faults = `${String(late)} late, ${String(duplicates)} twice, ${String(poisonous)} poisonous`;
  const through = `${(throughMs / 60_000).toFixed(1)} min`;
  return `${String(lines)} simulated records of ${String(beds)} beds in ${String(chunks)} pieces, ${through} (${faults})`;
}
