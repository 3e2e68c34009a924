import { setImmediate } from "node:timers/promises";
import { VitalomeError } from "../../errors.js";
import type { LogGap, LoggedEvent } from "../index.js";
import type { FramePlace, Journal } from "./journal.js";
import { decodeFrame } from "./log-frame.js";
import type { LogIndex } from "./log-index.js";
import type { LogRing, RingEvent } from "../log/ring.js";

export interface LogReadOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Per partition the next offset wanted; goes on as events are taken. */
  readonly next: number[];
  readonly signal: AbortSignal;
  readonly journal: Journal;
  readonly index: LogIndex;
  readonly ring: LogRing;
  /** Resolves when the topic has new events, the signal ends the reading or the log closes. */
  readonly wait: () => Promise<void>;
  readonly isClosed: () => boolean;
}

const FRAMES_AHEAD = 256;
/** Events from memory that are handed out before others get a turn: nothing else is waited for there. */
const TURN = 128;
const BYTES_AHEAD = 1024 * 1024;

/**
 * What the journal holds, then what is appended. The offsets wanted next decide every step, so nothing is lost or
 * repeated where history ends, nor when a slow reader falls out of the ring and goes back to the journal.
 * Pulls: between two calls it holds about 1 MiB of frames at most.
 */
export async function* readLog(options: LogReadOptions): AsyncGenerator<LoggedEvent | LogGap> {
  const { topic, signal, ring, index, next, isClosed } = options;
  let sequence: number | null = null;

  function take({ event, at }: RingEvent): LoggedEvent | null {
    const { partition, offset, key, json } = event;
    const wanted = next[partition] ?? 0;
    if (offset < wanted) return null;
    if (offset > wanted && offset >= index.start(topic, partition).holesBelow) throw disagree();
    next[partition] = offset + 1;
    return { kind: "event", topic, partition, offset: BigInt(offset), key, at, value: JSON.parse(json) as unknown };
  }

  while (!signal.aborted && !isClosed()) {
    if (sequence === null || sequence < ring.start) {
      sequence = ring.covers(next) ? ring.start : null;
    }
    if (sequence === null) {
      for (const [partition, from] of next.entries()) {
        const { start } = index.start(topic, partition);
        if (from >= start) continue;
        next[partition] = start;
        yield { kind: "gap", topic, partition, from: BigInt(from), to: BigInt(start) };
      }
      let isEmpty = true;
      for await (const event of historyBatch(options, next)) {
        if (signal.aborted || isClosed()) return;
        const taken = take(event);
        if (taken === null) continue;
        isEmpty = false;
        yield taken;
      }
      if (isEmpty) throw disagree();
      continue;
    }
    const event = ring.at(sequence);
    if (event === undefined) {
      await options.wait();
      continue;
    }
    sequence += 1;
    const taken = take(event);
    if (taken === null) continue;
    yield taken;
    if (sequence % TURN === 0) await setImmediate();
  }
}

/** The next few frames of the topic in the journal's order; partitions are merged by place, so none is read twice. */
async function* historyBatch(options: LogReadOptions, next: readonly number[]): AsyncGenerator<RingEvent> {
  const { topic, partitions, index, journal } = options;
  const places = new Map<string, FramePlace>();
  let horizon: FramePlace | null = null;
  for (let partition = 0; partition < partitions; partition += 1) {
    const wanted = next[partition] ?? 0;
    if (wanted >= index.end(topic, partition)) continue;
    const found = index.places(topic, partition, wanted, FRAMES_AHEAD);
    for (const place of found) places.set(`${String(place.segment)}:${String(place.offset)}`, place);
    const last = found.at(-1);
    // Behind the last place of a list cut short there may be frames of this partition that are not known here.
    if (last !== undefined && found.length === FRAMES_AHEAD && (horizon === null || inOrder(last, horizon) < 0))
      horizon = last;
  }
  const chosen: FramePlace[] = [];
  let bytes = 0;
  for (const place of [...places.values()].sort(inOrder)) {
    if (horizon !== null && inOrder(place, horizon) > 0) break;
    if (chosen.length > 0 && bytes + place.bytes > BYTES_AHEAD) break;
    chosen.push(place);
    bytes += place.bytes;
  }
  for (const payload of await journal.read(chosen)) {
    const { at, events } = decodeFrame(payload, topic);
    for (const event of events) yield { event, at };
  }
}

/** Offsets here have no holes but where events were superseded: one that is missing must not be passed over. */
function disagree(): VitalomeError {
  return new VitalomeError("STORAGE_CORRUPT", "the event log's index does not agree with its journal");
}

function inOrder(left: FramePlace, right: FramePlace): number {
  return left.segment - right.segment || left.offset - right.offset;
}
