import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { itShared, sharedPath } from "../helpers/shared.js";
import { STACK_TIMEOUT_MS } from "../helpers/stack.js";
import type { Input } from "./inputs.js";
import { runInput } from "./outcomes.js";
import { onBoth, startProfiles, type Profiles } from "./profiles.js";
import { realInputs } from "./real-inputs.js";
import { differencesOf } from "./tables.js";

const JOB_TIMEOUT_MS = 1_800_000;
/** One name at least, so that what is skipped is counted. */
const inputs: [string, Input][] =
  sharedPath("genomes") === null ? [["real data", { verb: "ingest", options: [] }]] : Object.entries(realInputs());

let profiles: Profiles;

beforeAll(async () => {
  if (sharedPath("genomes") !== null) profiles = await startProfiles();
}, STACK_TIMEOUT_MS);
afterAll(async () => {
  if (sharedPath("genomes") !== null) await profiles.close();
}, 120_000);

describe("both profiles, one real input after the other", () => {
  itShared.each(inputs)(
    "end %s with the same ledgers and the same quarantine",
    async (name, input) => {
      const seconds: number[] = [];
      const [embedded, cluster] = await onBoth(profiles, async (profile) => {
        const from = Date.now();
        const outcome = await runInput(profile, name, input);
        seconds.push((Date.now() - from) / 1_000);
        return outcome;
      });
      process.stderr.write(`${name}: embedded ${seconds.join(" s, cluster ")} s\n`);
      expect(cluster).toEqual(embedded);
    },
    JOB_TIMEOUT_MS,
  );

  itShared(
    "hold the same rows in every table",
    async () => {
      expect(await differencesOf(profiles.all)).toEqual([]);
    },
    JOB_TIMEOUT_MS,
  );
});
