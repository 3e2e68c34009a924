/**
 * A publisher in a process of its own: node publish-child.mjs COMPILED MODE ROOT …
 *
 *   once KILL_AT           publishes job `victim`, killing itself at the numbered fault point; prints each point
 *   race NAME COUNT        publishes COUNT jobs, each to a table of its own name and to `shared`; prints each one done
 *   fill CYCLES            fills the disk, publishes, frees it, publishes; prints what happened
 */
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [compiled, mode, root, ...rest] = process.argv.slice(2);
const load = async (path) => import(pathToFileURL(join(compiled, path)).href);
const { createEmbeddedFiles } = await load("backend/embedded/files.js");
const { openSnapshots } = await load("lake/snapshots.js");
const { publishRun } = await load("lake/publish.js");
const { silentLog } = await load("log.js");
const { systemClock } = await load("clock.js");

/** Synchronous: what was said was said before a kill. */
const say = (line) => writeSync(1, `${line}\n`);

let points = 0;
const killAt = mode === "once" ? Number(rest[0]) : -1;
const faults = {
  at(point) {
    if (mode === "once") say(point);
    if (points++ === killAt) process.kill(process.pid, "SIGKILL");
  },
};

const files = await createEmbeddedFiles({ root, faults });
const snapshots = await openSnapshots(files, silentLog);
const publisher = { files, snapshots, clock: systemClock, faults };

async function writeRun(jobId, tables) {
  const add = [];
  for (const table of tables) {
    const path = `runs/${jobId}/data/${table}.parquet`;
    const content = Buffer.from(path);
    await files.write(
      path,
      (async function* () {
        yield content;
      })(),
    );
    const sha256 = createHash("sha256").update(content).digest("hex");
    add.push({ table, path, rows: 1, bytes: content.length, sha256, indexes: [], meta: {} });
  }
  return { jobId, kind: "test", add, remove: {} };
}

/** As the worker does: a run that lost its table is done again on the new base. */
async function publish(change) {
  for (;;) {
    const { snapshot: baseSnapshot } = await snapshots.refresh();
    try {
      return await publishRun(publisher, { ...change, baseSnapshot });
    } catch (thrown) {
      if (thrown.code !== "CONFLICT") throw thrown;
    }
  }
}

if (mode === "once") {
  await publish(await writeRun("victim", ["variants", "calls"]));
} else if (mode === "race") {
  const [name, count] = rest;
  for (let at = 0; at < Number(count); at += 1) {
    const jobId = `${name}-${String(at)}`;
    await publish(await writeRun(jobId, at % 2 === 0 ? [name] : [name, "shared"]));
    say(jobId);
  }
} else if (mode === "fill") {
  for (let cycle = 0; cycle < Number(rest[0]); cycle += 1) {
    const change = await writeRun(`cycle-${String(cycle)}`, ["variants"]);
    let refused = null;
    let part = 0;
    // Ever smaller pieces, so that not even a catalog fits at the end.
    for (const bytes of [16_384, 64]) {
      for (refused = null; refused === null; part += 1) {
        refused = await files.putIfAbsent(`filler/${String(part)}`, Buffer.alloc(bytes, "x")).then(
          () => null,
          (thrown) => thrown.code ?? String(thrown),
        );
      }
    }
    const full = await publish(change).then(
      ({ snapshot }) => snapshot,
      (thrown) => thrown.code ?? String(thrown),
    );
    const readable = (await openSnapshots(files, silentLog)).latest().snapshot;
    await files.remove("filler");
    const { snapshot } = await publish(change);
    say(JSON.stringify({ refused, full, readable, snapshot }));
  }
}
