import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { SEGMENT_HEAD, scanFrames } from "../dist/backend/embedded/journal-segment.js";
import { decodeFrame } from "../dist/backend/embedded/log-frame.js";
import { OBSERVED, recordsOf, startWorker } from "./live-worker.mjs";

/** `LIVE_EVENTS=100000` takes fewer. */
const EVENTS = Number(process.env.LIVE_EVENTS ?? 1_000_000);
const BEDS = 500;
const CHUNK = 1_000;
const ROUNDS = 3;

const median = (numbers) => [...numbers].sort((one, other) => one - other)[numbers.length >> 1];

/** The least that whoever rebuilds from the journal has to do: read every frame of it and parse what it holds. */
async function parseJournal(folder) {
  let events = 0;
  for (const name of readdirSync(folder)) {
    const file = await open(join(folder, name));
    for await (const found of scanFrames(file, SEGMENT_HEAD, statSync(join(folder, name)).size)) {
      if (found.kind !== "frame") continue;
      const frame = decodeFrame(found.payload, null);
      for (const { json } of frame.events) JSON.parse(json);
      for (const [, json] of frame.progress?.state ?? []) JSON.parse(json ?? "null");
      events += frame.events.length;
    }
    await file.close();
  }
  return events;
}

/** A stretch of time at once, so that the records need not all be held. */
async function fill(eventLog) {
  const seconds = 60;
  let written = 0;
  for (let part = 0; written < EVENTS; part += 1) {
    const start = Date.UTC(2026, 0, 1) + part * seconds * 1_000;
    const records = recordsOf({ beds: BEDS, seconds, start, part }).slice(0, EVENTS - written);
    for (let at = 0; at < records.length; at += CHUNK) await eventLog.append(OBSERVED, records.slice(at, at + CHUNK));
    written += records.length;
  }
}

async function isUntouched({ eventLog }, before) {
  const after = await endsOf(eventLog);
  if (JSON.stringify(after) !== JSON.stringify(before)) throw new Error("a start changed the log");
}

async function endsOf(eventLog) {
  const ends = [];
  for (const topic of [OBSERVED, "vitals.accepted.v1", "vitals.windowed.v1", "alert.transitioned.v1"])
    for (const { end } of await eventLog.positions(topic)) ends.push(String(end));
  return ends;
}

/** How long it takes until the worker has its state again, beside a bare reading of the journal. */
export default async function run() {
  const directory = mkdtempSync(join(tmpdir(), "vitalome-rebuild-"));
  try {
    const rows = [];
    const timed = async (name, times, work) => {
      const took = [];
      for (let round = 0; round < times; round += 1) {
        const began = performance.now();
        await work();
        took.push(performance.now() - began);
      }
      rows.push({ name, ms: median(took) });
    };

    const filling = await startWorker({ directory, isIdle: true });
    await fill(filling.eventLog);
    await filling.close({ keep: true });
    let ends = [];
    await timed(`everything from the ${EVENTS} records as received: verdicts, windows, alerts, state`, 1, async () => {
      const worker = await startWorker({ directory });
      await worker.through();
      ends = await endsOf(worker.eventLog);
      await worker.close({ keep: true });
    });
    await timed("reading and parsing the journal", ROUNDS, () => parseJournal(join(directory, "journal")));
    const restart = async () => {
      const worker = await startWorker({ directory });
      await worker.through();
      await isUntouched(worker, ends);
      await worker.close({ keep: true });
    };
    await timed("a start from the state in the index", ROUNDS, restart);
    await timed("a start whose index was deleted", ROUNDS, async () => {
      rmSync(join(directory, "index"), { recursive: true, force: true });
      await restart();
    });
    const { journal } = await (async () => {
      const worker = await startWorker({ directory, isIdle: true });
      const counted = await worker.counted();
      await worker.close({ keep: true });
      return counted;
    })();
    const bare = rows.find(({ name }) => name.startsWith("reading")).ms;
    console.log(`\n## the state of the live worker after ${EVENTS} records of ${BEDS} beds\n`);
    console.log(
      `load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores, journal of ${(journal / 1e6).toFixed(0)} MB\n`,
    );
    console.log("| what | seconds | to a bare reading | records/s |\n| --- | --: | --: | --: |");
    for (const { name, ms } of rows)
      console.log(
        `| ${name} | ${(ms / 1000).toFixed(2)} | ${(ms / bare).toFixed(2)} | ${((EVENTS * 1000) / ms).toFixed(0)} |`,
      );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
