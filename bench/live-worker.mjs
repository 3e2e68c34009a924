import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedEventLog } from "../dist/backend/embedded/event-log.js";
import { systemClock } from "../dist/clock.js";
import { DEFAULT_RULES } from "../dist/domain/alert/default-rules.js";
import { silentLog } from "../dist/log.js";
import { vitalsOf } from "../dist/simulate/index.js";
import { startLiveWorker } from "../dist/worker/live/index.js";

const START = Date.UTC(2026, 0, 1);
export const OBSERVED = "vitals.observed.v1";
export const ACCEPTED = "vitals.accepted.v1";
export const PARTITIONS = [0, 1, 2, 3];

/** Records of simulated monitors as a gateway writes them; every fifth bed has an episode. They state their receipt. */
export function recordsOf({ beds, seconds, rate = 1, start = START }) {
  const patients = Array.from({ length: beds }, (_, index) => `bed-${index}`);
  const episodes = patients
    .filter((_, index) => index % 5 === 0)
    .map((patientId, index) => {
      const kind = ["hypoxia", "sepsis", "bradycardia"][index % 3];
      return { kind, patientId, fromSeconds: seconds / 4, seconds: seconds / 2 };
    });
  const request = { seed: 23, beds: patients.map((patientId) => ({ patientId })), start, seconds, rate, episodes };
  return Array.from(vitalsOf({ ...request, statesReceipt: true }), ({ record, deliverAfterMs }, index) => ({
    key: record.patientId,
    value: {
      ...{ schema: 1, submission: "bench", line: index + 1, source: "simulator", by: "bench" },
      ...{ receivedAt: start + deliverAfterMs, simulated: true, record },
    },
  }));
}

/** The live worker over an embedded log of its own, with the rules of the house; counts what its transactions hold. */
export async function startWorker(directory = mkdtempSync(join(tmpdir(), "vitalome-live-"))) {
  const eventLog = await createEmbeddedEventLog({ directory, clock: systemClock, log: silentLog });
  const counted = new Map();
  const next = new Map();
  const waiting = new Set();
  const count = (name, bytes) => counted.set(name, (counted.get(name) ?? 0) + bytes);
  const transact = async (place, work) => {
    const positions = await eventLog.transact(place, (transaction) => {
      work({
        append(topic, event) {
          count(topic, JSON.stringify(event.value).length);
          transaction.append(topic, event);
        },
        advance(offset) {
          next.set(`${place.consumer}/${place.partition}`, offset);
          transaction.advance(offset);
        },
        setState(key, value) {
          count(`${place.consumer}: ${key.split("/")[0]}`, key.length + JSON.stringify(value).length);
          transaction.setState(key, value);
        },
      });
    });
    count("transactions", 1);
    for (const look of waiting) look();
    return positions;
  };
  const began = performance.now();
  const worker = await startLiveWorker({
    ...{ eventLog: { ...eventLog, transact }, clock: systemClock, log: silentLog, rules: DEFAULT_RULES },
    ...{ isInputTime: true, withWindows: true },
    people: {
      find: (id) => ({ id, birthDate: "1950-06-15", simulated: true }),
      update: () => Promise.resolve(false),
      refresh: () => Promise.resolve(false),
    },
  });
  const startedMs = performance.now() - began;

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
    startedMs,
    directory,
    counted,
    /** Resolves when all that was written is judged, evaluated and in windows. */
    through: () =>
      new Promise((resolve, reject) => {
        const look = () => {
          void isThrough().then((isDone) => {
            if (worker.fault() !== null) reject(new Error(worker.fault()));
            if (!isDone || !waiting.delete(look)) return;
            resolve();
          }, reject);
        };
        waiting.add(look);
        look();
      }),
    journalBytes() {
      const folder = join(directory, "journal");
      return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    },
    async close({ keep = false } = {}) {
      await worker.close();
      await eventLog.close();
      if (!keep) rmSync(directory, { recursive: true, force: true });
    },
  };
}
