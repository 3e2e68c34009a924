import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../dist/backend/embedded/event-log.js";
import { SEGMENT_HEAD, scanFrames } from "../dist/backend/embedded/journal-segment.js";
import { decodeFrame } from "../dist/backend/embedded/log-frame.js";
import { systemClock } from "../dist/clock.js";
import { DEFAULT_RULES } from "../dist/domain/alert/default-rules.js";
import { silentLog } from "../dist/log.js";
import { vitalsOf } from "../dist/simulate/index.js";
import { startLiveWorker } from "../dist/worker/live/index.js";

const START = Date.UTC(2026, 0, 1);
export const OBSERVED = "vitals.observed.v1";
export const ACCEPTED = "vitals.accepted.v1";
export const PARTITIONS = [0, 1, 2, 3];

/**
 * Records of simulated monitors as a gateway writes them; every fifth bed has an episode. They state their receipt. Each `part` has
 * devices started anew.
 */
export function recordsOf({ beds, seconds, rate = 1, start = START, part = 0 }) {
  const patients = Array.from({ length: beds }, (_, index) => `bed-${index}`);
  const episodes = patients
    .filter((_, index) => index % 5 === 0)
    .map((patientId, index) => {
      const kind = ["hypoxia", "sepsis", "bradycardia"][index % 3];
      return { kind, patientId, fromSeconds: seconds / 4, seconds: seconds / 2 };
    });
  const request = {
    seed: 23 + part,
    beds: patients.map((patientId) => ({ patientId })),
    start,
    seconds,
    rate,
    episodes,
  };
  return Array.from(vitalsOf({ ...request, statesReceipt: true }), ({ record, deliverAfterMs }, index) => ({
    key: record.patientId,
    value: {
      ...{ schema: 1, submission: "bench", line: index + 1, source: "simulator", by: "bench" },
      ...{ receivedAt: start + deliverAfterMs, simulated: true, record },
    },
  }));
}

/** The live worker over an embedded log of its own, with the rules of the house; an idle one only opens the log. */
export async function startWorker({ directory = mkdtempSync(join(tmpdir(), "vitalome-live-")), isIdle = false } = {}) {
  const eventLog = await createEmbeddedEventLog({ directory, clock: systemClock, log: silentLog });
  const next = new Map();
  const waiting = new Set();
  const transact = async (place, work) => {
    const positions = await eventLog.transact(place, (transaction) => {
      work({
        ...transaction,
        advance(offset) {
          next.set(`${place.consumer}/${place.partition}`, offset);
          transaction.advance(offset);
        },
      });
    });
    for (const look of waiting) look();
    return positions;
  };
  // What was done before this start.
  for (const partition of PARTITIONS)
    for (const [consumer, topic] of [
      ["intake", OBSERVED],
      ["evaluation", ACCEPTED],
      ["windows", ACCEPTED],
    ])
      next.set(`${consumer}/${partition}`, (await eventLog.consumerState({ consumer, topic, partition })).next);
  const options = {
    ...{ eventLog: { ...eventLog, transact }, clock: systemClock, log: silentLog, rules: DEFAULT_RULES },
    ...{ isInputTime: true, withWindows: true },
    people: {
      find: (id) => ({ id, birthDate: "1950-06-15", simulated: true }),
      update: () => Promise.resolve(false),
      refresh: () => Promise.resolve(false),
    },
  };
  const worker = isIdle ? null : await startLiveWorker(options);

  async function isThrough() {
    const observed = await eventLog.positions(OBSERVED);
    const accepted = await eventLog.positions(ACCEPTED);
    const at = (consumer, partition) => next.get(`${consumer}/${partition}`) ?? 0n;
    return PARTITIONS.every(
      (partition) =>
        at("intake", partition) >= observed[partition].end &&
        ["evaluation", "windows"].every((consumer) => at(consumer, partition) >= accepted[partition].end),
    );
  }

  return {
    eventLog,
    directory,
    /** Resolves when all that was written is judged, evaluated and in windows. */
    through: () =>
      new Promise((resolve, reject) => {
        const look = () => {
          void isThrough().then((isDone) => {
            if (worker?.fault() != null) reject(new Error(worker.fault()));
            if (!isDone || !waiting.delete(look)) return;
            resolve();
          }, reject);
        };
        waiting.add(look);
        look();
      }),
    counted: () => countJournal(join(directory, "journal")),
    async close({ keep = false } = {}) {
      await worker?.close();
      await eventLog.close();
      if (!keep) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Bytes of the journal, of the values in it by topic and by entry of a consumer's state, and how many transactions there are. */
async function countJournal(folder) {
  const counted = new Map();
  const count = (name, bytes) => counted.set(name, (counted.get(name) ?? 0) + bytes);
  for (const name of readdirSync(folder)) {
    const { size } = statSync(join(folder, name));
    count("journal", size);
    const file = await open(join(folder, name));
    for await (const found of scanFrames(file, SEGMENT_HEAD, size)) {
      if (found.kind !== "frame") continue;
      const { events, progress } = decodeFrame(found.payload, null);
      for (const { topic, json } of events) count(topic, json.length);
      if (progress === null) continue;
      count("transactions", 1);
      for (const [key, json] of progress.state)
        count(`${progress.consumer}: ${key.split("/")[0]}`, key.length + (json ?? "").length);
    }
    await file.close();
  }
  return Object.fromEntries(counted);
}
