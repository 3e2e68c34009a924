import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createEmbeddedFiles } from "../../../src/backend/embedded/files.js";
import { createEmbeddedJobRunner } from "../../../src/backend/embedded/job-runner.js";
import type { JobRunner, JobSpec } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { ensureBuilt } from "../../helpers/built.js";
import { buildVcf, generateVcf } from "../../helpers/vcf.js";
import { defineJobRunnerContract } from "../contract/job-runner.js";

defineJobRunnerContract("embedded", async () => {
  const dist = await ensureBuilt();
  const root = await mkdtemp(join(tmpdir(), "vitalome-runner-"));
  for (const folder of ["runs", "raw", "scratch"]) await mkdir(join(root, folder), { recursive: true });
  const files = await createEmbeddedFiles({ root });
  const store = async (text: string): Promise<string> => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    await files.putIfAbsent(`raw/${sha256}/data.vcf`, Buffer.from(text));
    return `raw:${sha256}/cohort.vcf`;
  };
  const small = await store(buildVcf(["100 . A C . PASS . GT 0/1 0/0 0/0"]));
  const large = await store(generateVcf(4_000, 1_500, 5));
  const spec = (id: string, uri: string): JobSpec => ({
    id,
    kind: "ingest-variants",
    baseSnapshot: 0,
    submittedBy: "test",
    parameters: {
      uris: [uri],
      assemblyId: null,
      callSet: null,
      callSetKind: null,
      samplesUri: null,
      referenceUri: null,
      minQual: null,
      passOnly: false,
      minAf: null,
      maxAf: null,
      dryRun: false,
    },
  });
  const again = (): JobRunner =>
    createEmbeddedJobRunner({
      threadModule: pathToFileURL(join(dist, "thread.js")),
      threadData: { root, memoryLimit: "1GB", threads: 1 },
      clock: systemClock,
      files,
    });
  const runner = again();
  return {
    runner,
    again,
    files,
    short: (id) => spec(id, small),
    long: (id) => spec(id, large),
    async close() {
      await runner.close();
      await rm(root, { recursive: true, force: true });
    },
  };
});
