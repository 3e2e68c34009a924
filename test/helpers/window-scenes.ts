import { partitionOf } from "../../src/backend/partition.js";
import { TOPICS } from "../../src/backend/topics.js";
import type { ReadingFlag, VitalAccepted } from "../../src/domain/events/observation.js";
import { buildAccepted } from "./build.js";
import { stamped } from "./stamped.js";
import { createRandom } from "./random.js";

const SECOND = 1_000;
const MINUTE = 60_000;
/** The hour that comes twice in most of Europe lies around this time. */
const CLOCKS_BACK = Date.UTC(2026, 9, 25, 1);
const PARTITIONS = TOPICS["vitals.accepted.v1"];

/** Patients `p…` in order of number, of one partition. */
function patientsOf(partition: number, count: number): readonly string[] {
  const all = Array.from({ length: 1_000 }, (_, number) => `p${String(number)}`);
  return all.filter((id) => partitionOf(id, PARTITIONS) === partition).slice(0, count);
}

/**
 * Accepted readings of four partitions with everything that windows have to stand: out of order, late, repeated, corrected
 * once and again, taken back, extreme, contested, bound, coded, with a wrong clock, of long decimals, below zero, before 1970,
 * and a partition that goes from years ago to now.
 */
export function windowScenes(seed: number, steps: number): readonly VitalAccepted[] {
  const { below, pick } = createRandom(seed);
  const beginnings = [CLOCKS_BACK - 70 * MINUTE, Date.UTC(1969, 11, 31, 23, 30), Date.UTC(2019, 2, 1), CLOCKS_BACK];
  const clocks = [...beginnings];
  const patients = beginnings.map((_, partition) => patientsOf(partition, partition === 0 ? 2 : 1));
  const readings: VitalAccepted[] = [];

  function valueOf(code: string): string {
    if (code === "8310-5") return pick(["36.6", "36.65", "37.0005", "38.00049999", "-0.0005", "40.00250000001"]);
    if (code === "2160-0") return pick(["88.40005", "1.1312217194570135", "0.99995", "123.4"]);
    return String(50 + below(90));
  }

  function next(partition: number): VitalAccepted {
    clocks[partition] = (clocks[partition] ?? 0) + below(20) * SECOND;
    // What was recorded years ago, then what is measured now.
    if (partition === 2 && readings.length > steps / 2) clocks[2] = Math.max(clocks[2] ?? 0, CLOCKS_BACK);
    const back = below(20);
    const behind = back === 0 ? 12 * MINUTE : back < 6 ? below(110) * SECOND : 0;
    const effectiveTime = (clocks[partition] ?? 0) - behind;
    const patientId = pick(patients[partition] ?? []);
    const code = pick(["8867-4", "8867-4", "8867-4", "8310-5", "2160-0", "unknown-1"]);
    const eventId = `e${String(readings.length)}`;
    const common = { patientId, code, eventId, effectiveTime, value: valueOf(code), simulated: below(10) === 0 };
    const own = readings.filter((reading) => reading.patientId === patientId).slice(-12);
    const kind = below(100);
    if (own.length > 0 && kind < 4) return pick(own);
    if (own.length > 0 && kind < 12) {
      const first = pick(own);
      const isError = below(3) === 0;
      return buildAccepted({
        ...common,
        ...{ code: first.code, effectiveTime: first.effectiveTime, replaces: first.eventId },
        value: isError ? first.value : valueOf(first.code),
        status: isError ? "entered-in-error" : "corrected",
      });
    }
    if (kind < 15) return buildAccepted({ ...common, flags: [pick<ReadingFlag>(["EXTREME", "CONFLICT"])] });
    if (kind < 17) return buildAccepted({ ...common, comparator: "<" });
    if (kind < 19) return buildAccepted({ ...common, value: null, codedValue: "A" });
    if (kind < 21) return buildAccepted({ ...common, flags: ["CLOCK_FAST"], effectiveTime: Date.UTC(2031, 0, 1) });
    if (kind < 22) return buildAccepted({ ...common, value: "1234567890" });
    return buildAccepted(common);
  }

  for (let step = 0; step < steps; step += 1) readings.push(next(step % PARTITIONS));
  return stampedByPartition(readings);
}

function stampedByPartition(readings: readonly VitalAccepted[]): readonly VitalAccepted[] {
  const places = readings.map(({ patientId }) => partitionOf(patientId, PARTITIONS));
  const done = Array.from({ length: PARTITIONS }, (_, partition) =>
    stamped(readings.filter((_reading, index) => places[index] === partition)).values(),
  );
  return places.map((partition) => done[partition]!.next().value!);
}
