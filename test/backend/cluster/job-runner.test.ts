import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jest } from "@jest/globals";
import { createClusterFiles } from "../../../src/backend/cluster/files.js";
import { createClusterJobRunner } from "../../../src/backend/cluster/job-runner.js";
import type { JobRunner } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import { silentLog } from "../../../src/log.js";
import { buildIngestSpec, storeVcf } from "../../helpers/ingest-spec.js";
import { sparkSubmit } from "../../helpers/spark-submit.js";
import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { buildVcf, generateVcf } from "../../helpers/vcf.js";
import { defineJobRunnerContract } from "../contract/job-runner.js";

// A Spark application takes seconds to start, and more on a busy machine.
jest.setTimeout(STACK_TIMEOUT_MS);

defineJobRunnerContract("cluster", async () => {
  const stack = await stackForTests();
  const root = `/tests/runner-${String(process.pid)}-${String(Date.now())}`;
  const localScratch = await mkdtemp(join(tmpdir(), "vitalome-spark-"));
  const files = createClusterFiles({ webhdfs: stack.webhdfs, user: stack.user, root, clock: systemClock });
  const small = await storeVcf(files, buildVcf(["100 . A C . PASS . GT 0/1 0/0 0/0"]));
  const large = await storeVcf(files, generateVcf(4_000, 1_500, 5));
  const again = (): JobRunner =>
    createClusterJobRunner({
      files,
      clock: systemClock,
      log: silentLog,
      submit: sparkSubmit(stack, root, localScratch),
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
      await files.remove("raw");
      await files.remove("runs");
      await rm(localScratch, { recursive: true, force: true });
    },
  };
});
