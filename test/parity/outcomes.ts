import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../helpers/service.js";
import { requireShared } from "../helpers/shared.js";
import type { Input } from "./inputs.js";
import { readStored, type Profile } from "./profiles.js";

/** What a verb said of each file, and every record it put into quarantine, byte for byte. */
export interface Outcome {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
  readonly quarantine: readonly (string | null)[];
}

/** Of one machine and moment. */
const OWN = ["seconds", "elapsedMs", "estimate"];

/** Runs one job to its end. The same key makes the same job of both profiles, so that rows name the same run. */
export async function runInput(profile: Profile, key: string, input: Input): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-parity-input-"));
  try {
    const write = async ([name, text]: readonly [string, string]): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const paths = await Promise.all(Object.entries(input.files ?? {}).map(write));
    const named: string[] = [];
    for (const [option, text] of Object.entries(input.beside ?? {}))
      named.push(`--${option}`, await write([option, text]));
    for (const [option, path] of Object.entries(input.besideShared ?? {}))
      named.push(`--${option}`, requireShared(path));
    const files = [...paths, ...(input.shared ?? []).map(requireShared)];
    const printed = ["--idempotency-key", key, "--output", "json"];
    const run = await profile.service.cli(input.verb, ...files, ...input.options, ...named, ...printed);
    const lines = run.lines();
    if (lines.length === 0) throw new Error(`the verb said nothing: ${run.stderr}`);
    const quarantine: (string | null)[] = [];
    for (const { quarantineUri } of lines) {
      const stored = typeof quarantineUri === "string" ? await readStored(profile.files, quarantineUri) : null;
      quarantine.push(stored?.toString("utf8") ?? null);
    }
    return { code: run.code, lines: lines.map(withoutOwn), quarantine };
  } finally {
    await removeFolder(folder);
  }
}

function withoutOwn(line: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([name]) => !OWN.includes(name)));
}
