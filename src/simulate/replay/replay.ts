import type { Delivery, DeviceRecord } from "../monitor/index.js";
import { columnOf } from "./columns.js";
import type { Recording } from "./recording.js";

export interface ReplayRequest {
  readonly stays: readonly { readonly recording: Recording; readonly patientId: string }[];
  /** Milliseconds since the epoch; the beginning of every stay. */
  readonly start: number;
  /** How many times faster than recorded times run; default 1. */
  readonly squeeze?: number;
  /** Says in each record when it is received, for a service whose time comes from its input. Default false. */
  readonly statesReceipt?: boolean;
}

/** What becomes of the values of a recording: `values = replayed + skipped`, by column and reason. */
export interface ReplayPlan {
  readonly replayed: Readonly<Record<string, number>>;
  readonly skipped: readonly { readonly column: string; readonly values: number; readonly reason: string }[];
}

export const replayedQuality = (dataset: string): string => `replayed:${dataset}`;

/** Readings of recorded stays as if they were measured from `start` on, each saying that it is a replay, in order of time. */
export function* replayOf(request: ReplayRequest): Generator<Delivery, void, undefined> {
  const { start, squeeze = 1, statesReceipt = false } = request;
  const all = request.stays.flatMap(({ recording, patientId }) => {
    const { dataset, stay } = recording;
    const device = { deviceId: `replay-${dataset}-${stay}`, session: `replay-${start.toString(36)}`, patientId };
    let sequence = 0;
    return recording.values.flatMap(({ seconds, column, value }) => {
      const mapped = columnOf(dataset, column);
      if (typeof mapped === "string") return [];
      const atMs = Math.round((seconds * 1000) / squeeze);
      const eventTime = new Date(start + atMs).toISOString();
      sequence += 1;
      const record: DeviceRecord = {
        ...device,
        sequence,
        code: mapped.code,
        value,
        unit: mapped.unit,
        eventTime,
        ...(statesReceipt ? { receivedAt: eventTime } : {}),
        // The column tells two ways of measuring one thing apart.
        quality: [replayedQuality(dataset), `column:${column}`],
        simulated: true,
      };
      return [{ deliverAfterMs: atMs, record }];
    });
  });
  // Stable: the stays keep their order within one time, and each its own.
  all.sort((one, other) => one.deliverAfterMs - other.deliverAfterMs);
  for (const { deliverAfterMs, record } of all)
    yield { deliverAfterMs, record, line: JSON.stringify(record), fault: null };
}

export function planOf({ dataset, values }: Recording): ReplayPlan {
  const counts = new Map<string, number>();
  for (const { column } of values) counts.set(column, (counts.get(column) ?? 0) + 1);
  const replayed: Record<string, number> = {};
  const skipped: { column: string; values: number; reason: string }[] = [];
  for (const [column, count] of counts) {
    const mapped = columnOf(dataset, column);
    if (typeof mapped === "string") skipped.push({ column, values: count, reason: mapped });
    else replayed[column] = count;
  }
  return { replayed, skipped };
}
