import { expect } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/clock.js";
import { vitalsOf } from "../../src/simulate/index.js";
import type { LiveOutcome } from "../helpers/live-outcome.js";
import type { Service } from "../helpers/service.js";
import { createChance, type Chance } from "./kill.js";

const START = Date.UTC(2026, 0, 1);
const CHUNK = 500;
const PATIENCE_MS = 120_000;

/** What monitors send in a while: 5 % late, 3 % twice, 1 % poisonous, each with the time of its receipt. */
export function linesOf(beds: number, seconds: number): readonly string[] {
  const patients = patientsOf(beds);
  const kinds = ["hypoxia", "sepsis", "bradycardia"];
  return [
    ...vitalsOf({
      ...{ seed: 23, start: START, seconds, statesReceipt: true, late: 0.05, duplicates: 0.03, poison: 0.01 },
      beds: patients.map((patientId) => ({ patientId })),
      episodes: patients.flatMap((patientId, index) => {
        const kind = kinds[index % 5];
        return kind === undefined ? [] : [{ kind, patientId, fromSeconds: 10 + index, seconds: seconds / 2 }];
      }),
    }),
  ].map(({ line }) => line);
}

function patientsOf(beds: number): readonly string[] {
  return Array.from({ length: beds }, (_, index) => `bed-${String(index)}`);
}

/** Puts everybody on record, through the ingest. */
async function admit(service: Service, folder: string, beds: number): Promise<void> {
  const path = join(folder, "patients.ndjson");
  const resources = patientsOf(beds).map((id) => ({ resourceType: "Patient", id, birthDate: "1950-06-15" }));
  await writeFile(path, resources.map((resource) => `${JSON.stringify(resource)}\n`).join(""));
  const run = await service.cli("ingest-clinical", path, "--output", "json");
  if (run.code !== 0) throw new Error(run.stderr);
  await watchMeans(service);
}

/** A rule on means, so that windows call too. */
async function watchMeans(service: Service): Promise<void> {
  const rule = {
    ...{ name: "HR mean high", kind: "MOVING_AVERAGE", priority: "LOW", code: { code: "8867-4" }, window: "PT1M" },
    ...{ limit: { comparator: ">", value: 90, unit: "/min" }, clearDelay: "PT1M", rationale: "a test" },
  };
  const upsert = `mutation Rule($rule: AlertRuleInput!) { upsertAlertRule(id: "hr-mean", input: $rule) { version } }`;
  await service.query(upsert, { rule });
  await service.query(`mutation { setAlertRuleStatus(id: "hr-mean", status: ACTIVE, reason: "a test") { version } }`);
}

/** Sends line after line to a service that may die: what was not acknowledged is sent again. Answers how many lines were sent. */
async function deliver(
  address: () => { readonly url: string; readonly token: string },
  lines: readonly string[],
  onChunk: (at: number) => void,
): Promise<number> {
  let sent = 0;
  for (let at = 0; at < lines.length; at += CHUNK) {
    const body = lines.slice(at, at + CHUNK).join("\n");
    for (let given = systemClock.now() + PATIENCE_MS; ;) {
      const { url, token } = address();
      const answer = await fetch(new URL("/observations?source=simulator&simulated=true", url), {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
        body,
      }).catch(() => null);
      sent += CHUNK;
      if (answer?.ok === true) break;
      if (systemClock.now() > given) throw new Error(`not taken: ${(await answer?.text()) ?? "no answer"}`);
      await systemClock.sleep(50);
    }
    onChunk(Math.min(at + CHUNK, lines.length));
  }
  return sent;
}

/** Waits until nothing is left to be judged or evaluated. */
export async function quiet(address: () => { readonly url: string }): Promise<void> {
  let zeros = 0;
  for (const given = systemClock.now() + PATIENCE_MS; zeros < 3; await systemClock.sleep(2_100)) {
    const answer = await fetch(new URL("/readyz", address().url)).catch(() => null);
    const told = (await answer?.json().catch(() => null)) as {
      dependencies?: { live?: { detail: string }; worker?: { ok: boolean; detail: string } };
    } | null;
    if (told?.dependencies?.worker?.ok === false) throw new Error(told.dependencies.worker.detail);
    zeros = told?.dependencies?.live?.detail === "0 records wait" ? zeros + 1 : 0;
    if (systemClock.now() > given) throw new Error(`still at work: ${JSON.stringify(told)}`);
  }
}

/** A run whose service may be killed, and what it stands on. */
export interface LiveRun {
  readonly chance: Chance;
  /** SIGKILL at a random moment, and a start after a random while. */
  killService(): Promise<void>;
}

export interface LiveRunOptions {
  readonly name: string;
  readonly lines: readonly string[];
  readonly beds: number;
  /** Of the service; the same for each start. */
  readonly folder: string;
  readonly start: () => Promise<Service>;
  /** What happens on the way, in this order, at even distances. */
  readonly strikes: readonly ((run: LiveRun) => Promise<void>)[];
  /** Waits for whoever works beside the service. */
  readonly settled?: () => Promise<void>;
}

/** Sends everything through whatever strikes, waits until all of it is evaluated, and stops the service. */
export async function runLive({ name, lines, beds, folder, start, strikes, settled }: LiveRunOptions): Promise<void> {
  let service = await start();
  await admit(service, folder, beds);
  const chance = createChance(name);
  const run: LiveRun = {
    chance,
    async killService() {
      await systemClock.sleep(chance.between(0, 400));
      await service.kill();
      await systemClock.sleep(chance.between(0, 200));
      service = await start();
    },
  };
  const every = Math.floor(lines.length / (strikes.length + 1));
  let begun = 0;
  let striking = Promise.resolve();
  await deliver(
    () => service,
    lines,
    (at) => {
      const strike = strikes[begun];
      if (strike === undefined || at < every * (begun + 1)) return;
      begun += 1;
      striking = striking.then(() => strike(run));
    },
  );
  await striking;
  if (begun !== strikes.length) throw new Error(`${String(begun)} of ${String(strikes.length)} strikes`);
  await settled?.();
  await quiet(() => service);
  const code = await service.stop();
  if (code !== 0) throw new Error(`the service ended with ${String(code)}`);
}

/** Steps of alerts, readings and windows one for one; every line has one verdict in the ledger. */
export function expectSameOutcome(lines: readonly string[], undisturbed: LiveOutcome, disturbed: LiveOutcome): void {
  process.stderr.write(`live: ${String(lines.length)} records, ${JSON.stringify(undisturbed.ledger)}, `);
  process.stderr.write(
    `${String(Object.keys(undisturbed.steps).length)} alerts; ${JSON.stringify(disturbed.ledger)}\n`,
  );
  expect(disturbed.steps).toEqual(undisturbed.steps);
  expect(disturbed.accepted).toEqual(undisturbed.accepted);
  expect(disturbed.windows).toEqual(undisturbed.windows);
  for (const { ledger, accepted, rejected } of [undisturbed, disturbed]) {
    expect(ledger.read).toBe(ledger.accepted + ledger.rejected + ledger.duplicates);
    expect(ledger).toMatchObject({ accepted: accepted.length, rejected: rejected.length });
  }
  expect(undisturbed.ledger.read).toBe(lines.length);
}

/** Windows called: only where the run is long enough for windows to become final. */
export function expectMeansCalled({ steps }: LiveOutcome): void {
  const alert = expect.objectContaining({ ruleId: "hr-mean" }) as unknown;
  expect(Object.values(steps).flat()).toContainEqual(expect.objectContaining({ alert }));
}
