import type { Command } from "commander";
import { isVitalomeError } from "../errors.js";
import { createRandom, planOf, readRecordings, replayOf, type Recording } from "../simulate/index.js";
import type { Client } from "./client.js";
import { EXIT, failure, say } from "./output.js";
import { addVitalsOptions, namesIn, numberOf, prepareVitals, simulatedPatients, type VitalsOptions } from "./vitals.js";

type ReplayOptions = VitalsOptions & { readonly as?: string; readonly seed: string };

export function addReplay(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addVitalsOptions(program.command("replay"), "replay")
    .description("Send recorded stays as if they were measured now. Labelled as a replay; nobody is measured.")
    .argument("<path>", "a stay, or a folder of them: PhysioNet 2019 .psv, PhysioNet 2012 .txt, WFDB numerics .hea")
    .option("--as <list>", "comma-separated patient ids, one for each stay (default: drawn from the simulated ones)")
    .option("--seed <number>", "of the drawing", "1")
    .addHelpText(
      "after",
      `
A row of a .psv is an hour. Columns without a code are counted and not sent; the report says which.
With --clock wall the times are squeezed by --speed: rules that wait ten minutes then wait ten minutes
of the faster time. With --clock input they stay as recorded. Ends as simulate does.

Examples:
  vitalome replay p100312.psv --as simulated-1-000003 --speed 600
  vitalome replay set-a --speed 3600
  vitalome replay s00001-2896-10-10-00-31n.hea --to ndjson --start 2026-03-01T08:00:00Z > stay.ndjson`,
    )
    .action(async (path: string, options: ReplayOptions) => {
      end(await replay(path, options, signal));
    });
}

async function replay(path: string, options: ReplayOptions, signal: AbortSignal): Promise<number> {
  const { recordings, passedOver } = await readRecordings(path).catch((thrown: unknown) => {
    throw isVitalomeError(thrown) ? failure(EXIT.usage, thrown.message) : thrown;
  });
  for (const why of passedOver) say(`passed over: ${why}`);
  const run = await prepareVitals(options, signal);
  const patients = await patientsOf(recordings, options, run.client);
  const stays = recordings.map((recording, index) => ({ recording, patientId: patients[index]! }));
  const { start, squeeze, statesReceipt } = run;
  const plans = stays.map(({ recording, patientId }) => ({
    stay: recording.stay,
    dataset: recording.dataset,
    patientId,
    values: recording.values.length,
    absent: recording.absent,
    ...planOf(recording),
  }));
  for (const { stay, patientId, values, skipped } of plans) {
    const left = skipped.reduce((sum, column) => sum + column.values, 0);
    say(
      `${stay} as ${patientId}: ${String(values - left)} of ${String(values)} values, ${String(skipped.length)} columns left out`,
    );
  }
  return run.send(replayOf({ stays, start, squeeze, statesReceipt }), {
    json: { stays: plans, passedOver },
    text: `replayed records of ${String(stays.length)} stays`,
  });
}

async function patientsOf(
  recordings: readonly Recording[],
  options: ReplayOptions,
  client: Client | null,
): Promise<readonly string[]> {
  const named = namesIn(options.as);
  const wanted = recordings.length;
  if (named.length > 0) {
    if (named.length === wanted && new Set(named).size === wanted) return named;
    throw failure(
      EXIT.usage,
      `--as: expected ${String(wanted)} different patients, one for each stay, found ${String(named.length)}`,
    );
  }
  if (client === null) return recordings.map(({ dataset, stay }) => `replay-${dataset}-${stay}`);
  const seed = numberOf("seed", options.seed);
  const drawn = shuffled(await simulatedPatients(client, Infinity), seed).slice(0, wanted);
  if (drawn.length === wanted) return drawn;
  const found = `the service has ${String(drawn.length)} simulated patients`;
  throw failure(EXIT.usage, `--as: ${found}, and ${String(wanted)} stays need one each: name them`);
}

function shuffled(ids: readonly string[], seed: number): readonly string[] {
  const random = createRandom(seed, "replay");
  const order = ids.map((id) => ({ id, at: random.next() }));
  return order.sort((one, other) => one.at - other.at).map(({ id }) => id);
}
