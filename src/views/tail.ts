import type { EventLog } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { parseAccepted, parseWindowed, VITALS_ACCEPTED, VITALS_WINDOWED } from "../ingest/streams/observation.js";
import { startFold, type TopicFold } from "./fold.js";
import { createReadings, type Readings } from "./tail/readings.js";
import { createWindows, type Windows } from "./tail/windows.js";

/**
 * What lies past the horizon of the batch tables, in memory: accepted readings and their windows. It can be thrown away
 * and read again from the log; one per process.
 */
export interface VitalTail {
  readonly readings: Omit<Readings, "add">;
  readonly windows: Omit<Windows, "add">;
  readonly readingFold: TopicFold;
  readonly windowFold: TopicFold;
  /** The highest watermark the worker stamped in the patient's partition; null before the first. */
  watermarkOf(patientId: string): number | null;
  /** When the log took the first window it still holds of the patient's partition; null when none has gone. */
  windowsKeptSince(patientId: string): number | null;
}

export interface TailOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Per partition of accepted readings the first offset that is not in the batch tables. */
  readonly horizon: ReadonlyMap<number, bigint>;
  readonly onFailure: (thrown: unknown) => void;
}

export function startTail(options: TailOptions): VitalTail {
  const { horizon } = options;
  const readings = createReadings();
  const windows = createWindows();
  /** A patient lies in the same partition of both topics. */
  const partitions = new Map<string, number>();
  const watermarks = new Map<number, number>();
  /** Per partition that begins with a gap, the time of the first window behind it. */
  const keptSince = new Map<number, number | null>();

  const readingFold = startFold({
    ...options,
    topic: VITALS_ACCEPTED,
    from: horizon,
    apply(event) {
      const reading = parseAccepted(event);
      const { partition } = event;
      const before = watermarks.get(partition) ?? -Infinity;
      if (reading.watermark !== null && reading.watermark > before) watermarks.set(partition, reading.watermark);
      partitions.set(reading.patientId, partition);
      readings.add(reading, Number(event.offset));
    },
  });
  const windowFold = startFold({
    ...options,
    topic: VITALS_WINDOWED,
    apply(event) {
      if (keptSince.get(event.partition) === null) keptSince.set(event.partition, event.at);
      const window = parseWindowed(event);
      partitions.set(window.patientId, event.partition);
      windows.add(window);
    },
    onGap({ partition }) {
      keptSince.set(partition, null);
    },
  });

  const ofPatient = (byPartition: ReadonlyMap<number, number | null>, patientId: string): number | null =>
    byPartition.get(partitions.get(patientId) ?? -1) ?? null;

  return {
    readings,
    windows,
    readingFold,
    windowFold,
    watermarkOf: (patientId) => ofPatient(watermarks, patientId),
    windowsKeptSince: (patientId) => ofPatient(keptSince, patientId),
  };
}
