import type { Clock } from "../../clock.js";
import { messageOf } from "../../errors.js";
import type { Log } from "../../log.js";
import type { LogReader } from "../log/events.js";
import type { LogNeeds } from "../log/needs.js";
import { EXPIRY, TOPICS, type Topic } from "../topics.js";
import type { Journal } from "./journal.js";
import { createLogBase, decodeRanges, type LogBase } from "./log-base.js";
import { decodeFrame, runsOf } from "./log-frame.js";
import type { LogIndex } from "./log-index.js";
import type { IndexBase, IndexedFrame } from "./log-index-store.js";

/** Whole segments go, the oldest first, and never one that holds an event younger than a day. */
export interface Retention {
  /** Milliseconds an event is kept at least; a day or more. */
  readonly keepMs: number;
  /** With a journal larger than this, segments older than a day go before `keepMs`. Null: no bound. */
  readonly maxBytes: number | null;
  readonly needs?: LogNeeds | undefined;
}

export interface RetainOptions {
  readonly journal: Journal;
  readonly index: LogIndex;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: Retention;
  /** Those who read at this moment: what they have not passed stays. */
  readonly readers: Iterable<LogReader>;
}

export const DAY_MS = 24 * 60 * 60 * 1000;
const EVERY_MS = 60 * 60 * 1000;
/** So many frames are read before others have their turn. */
const FRAMES_AT_ONCE = 256;

/** Looks at once, then every hour, until the signal ends it; resolves when nothing is under way any more. */
export async function keepRetention(options: RetainOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await retain(options, signal).catch((thrown: unknown) => {
      if (!signal.aborted) options.log.warn({ reason: messageOf(thrown) }, "old events were not removed from the log");
    });
    await options.clock.sleep(EVERY_MS, signal).catch(() => undefined);
  }
}

/** When the segment's first frame was written; null when it has none. */
export async function firstAt(journal: Journal, segment: number): Promise<number | null> {
  for await (const { payload } of journal.frames(segment)) return decodeFrame(payload, "").at;
  return null;
}

/** Reads a base into what the index keeps of it. */
export async function readBase(
  through: number,
  frames: AsyncIterable<{ payload: Buffer; place: IndexedFrame["place"] }>,
): Promise<IndexBase> {
  const found: IndexedFrame[] = [];
  let ranges: IndexBase["ranges"] | null = null;
  for await (const { payload, place } of frames) {
    if (ranges === null) ranges = decodeRanges(payload);
    else found.push(indexed(payload, place));
  }
  return { through, ranges: ranges ?? [], frames: found };
}

async function retain(options: RetainOptions, signal: AbortSignal): Promise<void> {
  const { journal, index, log } = options;
  await index.settle();
  const { base } = journal.bounds;
  const through = await lastToGo(options);
  if (through > base) {
    const kept = await collect(journal, through, signal);
    if (signal.aborted) return;
    const payloads = [...kept.payloads()];
    await journal.replace(through, payloads, (places) => {
      const frames = places.slice(1).map((place, at) => indexed(payloads[at + 1] ?? Buffer.alloc(0), place));
      index.rebase({ through, ranges: kept.ranges, frames });
    });
    log.info({ segments: through - base }, "old events were removed from the log");
  }
  await index.tidy();
}

/** The last segment that is old enough, or too much, and that nobody needs; the base's number when there is none. */
async function lastToGo({ journal, index, clock, retention, readers, log }: RetainOptions): Promise<number> {
  const { base, current } = journal.bounds;
  const { keepMs, maxBytes, needs } = retention;
  const held = firstHeld(index, readers, needs);
  let bytes = 0;
  for (let segment = Math.max(1, base); segment <= current; segment += 1) bytes += await journal.sizeOf(segment);
  let through = base;
  for (let segment = base + 1; segment < current; segment += 1) {
    const endedAt = await firstAt(journal, segment + 1);
    const age = endedAt === null ? 0 : clock.now() - endedAt;
    if (age < DAY_MS || (age < keepMs && (maxBytes === null || bytes <= maxBytes))) break;
    if (segment >= held.segment) {
      log.warn({ topic: held.topic }, "old events stay in the log: they were not read yet");
      break;
    }
    bytes -= await journal.sizeOf(segment);
    through = segment;
  }
  return through;
}

/** The first segment with an event that a consumer or a reader has not passed, or that somebody needs. */
function firstHeld(
  index: LogIndex,
  readers: Iterable<LogReader>,
  needs: LogNeeds | undefined,
): { readonly segment: number; readonly topic: string } {
  const consumers = index.consumers();
  const reading = [...readers];
  let held = { segment: Number.POSITIVE_INFINITY, topic: "" };
  for (const [topic, partitions] of Object.entries(TOPICS)) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const passed = consumers
        .filter((place) => place.topic === topic && place.partition === partition)
        .map(({ next }) => next);
      const expiry = EXPIRY[topic as Topic];
      // What is superseded, or kept, outlives its segment.
      const needed = expiry === "old" || expiry === "passed" ? needs?.(topic, partition) : null;
      if (needed != null) passed.push(Number(needed));
      if (passed.length === 0 && expiry === "passed") passed.push(0);
      passed.push(...reading.filter((reader) => reader.topic === topic).map(({ next }) => next[partition] ?? 0));
      const wanted = Math.max(Math.min(...passed), index.start(topic, partition).start);
      if (wanted >= index.end(topic, partition)) continue;
      const [place] = index.places(topic, partition, wanted, 1);
      if (place !== undefined && place.segment < held.segment) held = { segment: place.segment, topic };
    }
  }
  return held;
}

async function collect(journal: Journal, through: number, signal: AbortSignal): Promise<LogBase> {
  const kept = createLogBase();
  const { base } = journal.bounds;
  let count = 0;
  for (let segment = Math.max(1, base); segment <= through; segment += 1) {
    let isHead = segment === base;
    for await (const { payload } of journal.frames(segment)) {
      if (signal.aborted) return kept;
      if (isHead) kept.begin(decodeRanges(payload));
      else kept.add(payload);
      isHead = false;
      count += 1;
      if (count % FRAMES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return kept;
}

function indexed(payload: Buffer, place: IndexedFrame["place"]): IndexedFrame {
  const { events, progress } = decodeFrame(payload, null);
  return { place, runs: runsOf(events), progress };
}
