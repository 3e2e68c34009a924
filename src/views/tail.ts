import type { EventLog } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { parseAccepted, parseWindowed, VITALS_ACCEPTED, VITALS_WINDOWED } from "../ingest/streams/observation.js";
import { startFold, type TopicFold } from "./fold.js";
import { createReadings, type Readings } from "./tail/readings.js";
import { createWindows, type Windows } from "./tail/windows.js";

/** By topic, per partition the first offset that lies behind what tables hold. */
export type TailStart = Readonly<Record<typeof VITALS_ACCEPTED | typeof VITALS_WINDOWED, ReadonlyMap<number, bigint>>>;

/**
 * What lies past a horizon of the tables, in memory: accepted readings and their windows. It can be thrown away and read again
 * from the log.
 */
export interface VitalTail {
  readonly start: TailStart;
  readonly readings: Omit<Readings, "add">;
  readonly windows: Omit<Windows, "add">;
  readonly readingFold: TopicFold;
  readonly windowFold: TopicFold;
  /** The partition of a patient, in both topics; null while nothing of them lies here. */
  partitionOf(patientId: string): number | null;
  /** The highest watermark the worker stamped in a partition; null before the first. */
  watermarkOf(partition: number): number | null;
  /** The highest offset of accepted readings that a window of the partition has read; null before the first. */
  windowsThrough(partition: number): bigint | null;
  /** When the log took the first window it still holds of a partition; null when none has gone. */
  windowsKeptSince(partition: number): number | null;
}

export interface TailOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly start: TailStart;
  readonly onFailure: (thrown: unknown) => void;
}

export function startTail(options: TailOptions): VitalTail {
  const { start } = options;
  const readings = createReadings();
  const windows = createWindows();
  const partitions = new Map<string, number>();
  const watermarks = new Map<number, number>();
  const through = new Map<number, bigint>();
  /** Per partition that begins with a gap, the time of the first window behind it. */
  const keptSince = new Map<number, number | null>();

  const readingFold = startFold({
    ...options,
    topic: VITALS_ACCEPTED,
    from: start[VITALS_ACCEPTED],
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
    from: start[VITALS_WINDOWED],
    apply(event) {
      const { partition } = event;
      if (keptSince.get(partition) === null) keptSince.set(partition, event.at);
      const window = parseWindowed(event);
      const read = BigInt(window.throughOffset);
      if (read > (through.get(partition) ?? -1n)) through.set(partition, read);
      partitions.set(window.patientId, partition);
      windows.add(window);
    },
    onGap({ partition }) {
      keptSince.set(partition, null);
    },
  });

  return {
    start,
    readings,
    windows,
    readingFold,
    windowFold,
    partitionOf: (patientId) => partitions.get(patientId) ?? null,
    watermarkOf: (partition) => watermarks.get(partition) ?? null,
    windowsThrough: (partition) => through.get(partition) ?? null,
    windowsKeptSince: (partition) => keptSince.get(partition) ?? null,
  };
}
