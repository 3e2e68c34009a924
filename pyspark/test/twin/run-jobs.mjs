/**
 * Runs jobs with the compiled embedded profile and publishes results, one command a line: for the PySpark jobs to be
 * compared with. A command has the `store` (a folder) and either a `spec` to run, the id of a job to `publish`, or a
 * `predicate` whose export's statement it answers.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const DIST = resolve(import.meta.dirname, "../../../dist");
const load = (path) => import(join(DIST, path));
const { createEmbeddedFiles } = await load("backend/embedded/files.js");
const { systemClock } = await load("clock.js");
const { runJob } = await load("jobs/run.js");
const { openSnapshots } = await load("lake/snapshots.js");
const { publishRun } = await load("lake/publish.js");
const { createLog } = await load("log.js");
const { createCallSetDirectory } = await load("lake/call-sets.js");
const { encodeStatement } = await load("jobs/export/statement.js");
const { exportRowsSql } = await load("views/export-sql.js");

async function answer({ store, spec, publish, predicate, snapshot: pinned }) {
  const files = await createEmbeddedFiles({ root: store });
  const snapshots = await openSnapshots(files, createLog("error"));
  if (predicate !== undefined) {
    const scope = { catalog: await snapshots.get(pinned), callSets: createCallSetDirectory([], new Map()) };
    return { statement: encodeStatement(exportRowsSql(scope, predicate, { predicate: null })) };
  }
  if (spec !== undefined) {
    return runJob(spec, {
      files,
      snapshots,
      clock: systemClock,
      signal: new AbortController().signal,
      root: store,
      memoryLimit: "512MB",
      threads: 1,
      progress() {},
      log() {},
    });
  }
  const { jobId, kind, baseSnapshot, add, remove } = JSON.parse(
    readFileSync(join(store, "runs", publish, "result.json"), "utf8"),
  );
  const indexed = add.map((file) => ({ ...file, indexes: [] }));
  const { snapshot } = await publishRun(
    { files, snapshots, clock: systemClock },
    { jobId, kind, baseSnapshot, add: indexed, remove },
  );
  return { snapshot };
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line)).catch(({ code, message, stack }) => ({
    failure: { code, message, stack },
  }));
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
