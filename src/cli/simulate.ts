import type { Command } from "commander";
import { EPISODES, personAt, vitalsOf, type Episode } from "../simulate/index.js";
import type { Client } from "./client.js";
import { EXIT, failure } from "./output.js";
import {
  addVitalsOptions,
  namesIn,
  numberOf,
  prepareVitals,
  simulatedPatients,
  usage,
  type VitalsOptions,
} from "./vitals.js";

type SimulateOptions = VitalsOptions & {
  readonly beds: string;
  readonly patients?: string;
  readonly rate: string;
  readonly minutes: string;
  readonly episode: readonly string[];
  readonly seed: string;
  readonly late: string;
  readonly duplicates: string;
  readonly poison: string;
};

/** Of the people that a new service is filled with. */
const DEMO_SEED = 1;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

export function addSimulate(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addVitalsOptions(program.command("simulate"), "simulator")
    .description(
      "Send the vitals of simulated beds: to a running service, or as NDJSON. Labelled simulated; nobody is measured.",
    )
    .option("--beds <number>", "how many beds", "8")
    .option("--patients <list>", "comma-separated ids (default: simulated patients of the service; ndjson: of a demo)")
    .option("--rate <number>", "samples a second of the patient's time; slower things have their own times", "1")
    .option("--minutes <number>", "how much of the patient's time; 0: until interrupted", "10")
    .option(
      "--episode <kind:bed[:from[:length]]>",
      "such as sepsis:p3 or hypoxia:p1:2m:10m; several times",
      collect,
      [],
    )
    .option("--seed <number>", "the same seed gives the same readings", "1")
    .option("--late <percent>", "of records that come late", "0")
    .option("--duplicates <percent>", "of records that come twice", "0")
    .option("--poison <percent>", "of records that one follows of which nothing can be made", "0")
    .addHelpText(
      "after",
      `
Episodes, each with its usual length:
${Object.entries(EPISODES)
  .map(([kind, { note, seconds }]) => `  ${kind.padEnd(13)}${note} (${lengthOf(seconds)})`)
  .join("\n")}

Beds are p1, p2 and so on, or the patient's id. With the same --seed and --start the records are the
same, so that nothing of them is taken twice. Ends with 0, 1 (refused), 2 (usage), 4 (service out of reach), 130
(interrupted; the report says how far it came).

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
  const run = await prepareVitals(options, signal);
  const seed = numberOf("seed", options.seed);
  const named = namesIn(options.patients);
  const patients = named.length > 0 ? named : await patientsFor(numberOf("beds", options.beds), run.client);
  const deliveries = vitalsOf({
    seed,
    beds: patients.map((patientId) => ({ patientId })),
    start: run.start,
    seconds: numberOf("minutes", options.minutes) * 60 || Infinity,
    rate: numberOf("rate", options.rate),
    episodes: options.episode.map((text) => episodeOf(text, patients)),
    late: numberOf("late", options.late) / 100,
    duplicates: numberOf("duplicates", options.duplicates) / 100,
    poison: numberOf("poison", options.poison) / 100,
    squeeze: run.squeeze,
    statesReceipt: run.statesReceipt,
  });
  return run.send(deliveries, {
    json: { seed, patients },
    text: `simulated records of ${String(patients.length)} beds`,
  });
}

async function patientsFor(beds: number, client: Client | null): Promise<readonly string[]> {
  if (client === null) return Array.from({ length: beds }, (_none, index) => personAt(DEMO_SEED, index).patientId);
  const found = await simulatedPatients(client, beds);
  if (found.length > 0) return found;
  throw failure(EXIT.usage, "the service has no simulated patients: name some with --patients, or load a demo");
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

function lengthOf(seconds: number): string {
  const [unit, size] = Object.entries(SECONDS).findLast(([, of]) => seconds % of === 0)!;
  return `${String(seconds / size)}${unit}`;
}
