import type { CliRun } from "../helpers/service.js";
import { readStored, type Profile } from "./profiles.js";

/** What a verb said of each file, and every record it put into quarantine, byte for byte. */
export interface Outcome {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
  readonly quarantine: readonly (string | null)[];
}

/** Of one machine and moment. */
const OWN = ["seconds", "elapsedMs", "estimate"];

export async function outcomeOf({ files }: Profile, run: CliRun): Promise<Outcome> {
  const lines = run.lines();
  const quarantine: (string | null)[] = [];
  for (const { quarantineUri } of lines) {
    const stored = typeof quarantineUri === "string" ? await readStored(files, quarantineUri) : null;
    quarantine.push(stored?.toString("utf8") ?? null);
  }
  if (lines.length === 0) throw new Error(`the verb said nothing: ${run.stderr}`);
  return { code: run.code, lines: lines.map(withoutOwn), quarantine };
}

function withoutOwn(line: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([name]) => !OWN.includes(name)));
}
