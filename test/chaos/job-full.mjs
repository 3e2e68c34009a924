// Runs an ingest on a disk that is too small for it, makes room and runs it again; prints what was found as one JSON line.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { task } from "./child.mjs";

const { createEmbeddedFiles } = await import(pathToFileURL(join(task.dist, "backend/embedded/files.js")).href);
const { createEmbeddedJobRunner } = await import(pathToFileURL(join(task.dist, "backend/embedded/job-runner.js")).href);
const { systemClock } = await import(pathToFileURL(join(task.dist, "clock.js")).href);

const root = join(task.disk, "store");
mkdirSync(join(root, "runs"), { recursive: true });
const runner = createEmbeddedJobRunner({
  threadModule: pathToFileURL(join(task.dist, "thread.js")),
  threadData: { root, memoryLimit: "256MB", threads: 1 },
  clock: systemClock,
  files: await createEmbeddedFiles({ root }),
});
const ballast = join(task.disk, "ballast");

/** Leaves `room` bytes for what the job writes. */
async function run(id, { vcf, room }) {
  rmSync(ballast, { force: true });
  const bytes = readFileSync(vcf);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  mkdirSync(join(root, "raw", sha256), { recursive: true });
  writeFileSync(join(root, "raw", sha256, "data.vcf"), bytes);
  const { bavail, bsize } = statfsSync(root);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - room)));
  const parameters = {
    uris: [`raw:${sha256}/cohort.vcf`],
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
  };
  await runner.submit({ id, kind: "ingest-variants", baseSnapshot: 0, submittedBy: "test", parameters });
  for (;;) {
    const status = await runner.status(id);
    if (status.state !== "running") return status;
    await sleep(20);
  }
}

const found = [];
for (const [at, one] of task.runs.entries()) {
  const id = `job-${at}`;
  const { state, code = null } = await run(id, one);
  const [last = ""] = await runner.logs(id, 1);
  found.push({ state, code, last, hasScratch: readdirSync(join(root, "runs", id)).includes("scratch") });
}
await runner.close();
console.log(JSON.stringify(found));
