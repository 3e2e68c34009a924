import type { EventLog, LoggedEvent } from "../../src/backend/index.js";
import type { ObservationRejected, VitalAccepted, VitalWindowed } from "../../src/domain/events/observation.js";
import { parseAlertTransition } from "../../src/ingest/streams/alert.js";
import { parseAccepted, parseCounted, parseRejected, parseWindowed } from "../../src/ingest/streams/observation.js";
import { readHistory } from "../../src/worker/history.js";

/** What a live worker made of what it read; two runs over the same records have the same but for places and counts. */
export interface LiveOutcome {
  /** By alert, its steps without their places in the log. */
  readonly steps: Readonly<Record<string, readonly unknown[]>>;
  /** By event id, without their places and the submission they came with. */
  readonly accepted: readonly Omit<VitalAccepted, "input" | "submission">[];
  /** The last word on each window, without the place it has read through. */
  readonly windows: Readonly<Record<string, Omit<VitalWindowed, "throughOffset">>>;
  readonly rejected: readonly ObservationRejected[];
  readonly ledger: {
    readonly read: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly duplicates: number;
    readonly late: number;
  };
}

export async function outcomeOf(eventLog: EventLog): Promise<LiveOutcome> {
  const steps: Record<string, unknown[]> = {};
  for (const event of await everything(eventLog, "alert.transitioned.v1")) {
    const { input: _input, ...told } = parseAlertTransition(event);
    if (told.kind === "changed") (steps[told.alert.id] ??= []).push(told);
  }
  const windows: Record<string, VitalWindowed> = {};
  for (const window of (await everything(eventLog, "vitals.windowed.v1")).map(parseWindowed)) {
    const key = [window.patientId, window.code, window.size, window.start].join("/");
    const known = windows[key];
    if (known === undefined || BigInt(known.throughOffset) < BigInt(window.throughOffset)) windows[key] = window;
  }
  const accepted = (await everything(eventLog, "vitals.accepted.v1")).map(parseAccepted);
  const ledger = { read: 0, accepted: 0, rejected: 0, duplicates: 0, late: 0 };
  for (const counted of (await everything(eventLog, "observations.counted.v1")).map(parseCounted)) {
    ledger.read += counted.read;
    ledger.accepted += counted.accepted;
    ledger.late += counted.late;
    ledger.duplicates += counted.duplicates;
    for (const count of Object.values(counted.rejected)) ledger.rejected += count;
  }
  return {
    steps,
    windows: Object.fromEntries(
      Object.entries(windows).map(([key, { throughOffset: _through, ...window }]) => [key, window]),
    ),
    ledger,
    rejected: (await everything(eventLog, "observations.rejected.v1")).map(parseRejected),
    accepted: accepted
      .map(({ input: _input, submission: _submission, ...reading }) => reading)
      .sort((left, right) => (left.eventId < right.eventId ? -1 : 1)),
  };
}

export async function everything(eventLog: EventLog, topic: string): Promise<readonly LoggedEvent[]> {
  const partitions = (await eventLog.positions(topic)).map(({ partition }) => partition);
  return (await Promise.all(partitions.map((partition) => readHistory(eventLog, topic, partition)))).flat();
}
