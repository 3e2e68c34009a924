import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createEmbeddedFiles } from "../../../src/backend/embedded/files.js";
import { createEmbeddedJobRunner } from "../../../src/backend/embedded/job-runner.js";
import type { JobRunner } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { ensureBuilt } from "../../helpers/built.js";
import { buildIngestSpec, storeVcf } from "../../helpers/ingest-spec.js";
import { buildVcf, generateVcf } from "../../helpers/vcf.js";
import { defineJobRunnerContract } from "../contract/job-runner.js";

defineJobRunnerContract("embedded", async () => {
  const dist = await ensureBuilt();
  const root = await mkdtemp(join(tmpdir(), "vitalome-runner-"));
  for (const folder of ["runs", "raw", "scratch"]) await mkdir(join(root, folder), { recursive: true });
  const files = await createEmbeddedFiles({ root });
  const small = await storeVcf(files, buildVcf(["100 . A C . PASS . GT 0/1 0/0 0/0"]));
  const large = await storeVcf(files, generateVcf(4_000, 1_500, 5));
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
    short: (id) => buildIngestSpec(id, small),
    long: (id) => buildIngestSpec(id, large),
    async close() {
      await runner.close();
      await rm(root, { recursive: true, force: true });
    },
  };
});
