import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/clock.js";
import { vitalsOf } from "../../src/simulate/index.js";
import type { Service } from "../helpers/service.js";

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
export async function admit(service: Service, folder: string, beds: number): Promise<void> {
  const path = join(folder, "patients.ndjson");
  const resources = patientsOf(beds).map((id) => ({ resourceType: "Patient", id, birthDate: "1950-06-15" }));
  await writeFile(path, resources.map((resource) => `${JSON.stringify(resource)}\n`).join(""));
  const run = await service.cli("ingest-clinical", path, "--output", "json");
  if (run.code !== 0) throw new Error(run.stderr);
}

/** Sends line after line to a service that may die: what was not acknowledged is sent again. Answers how many lines were sent. */
export async function deliver(
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
