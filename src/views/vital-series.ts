import { VitalomeError } from "../errors.js";
import { mergeWindows, type WindowPart, type WindowSummary } from "../domain/window/merge.js";
import type { ReadingUse } from "./tail/readings.js";

export interface SeriesQuestion {
  /** Half open, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Length of a window, and how far one begins behind the other; whole multiples of a part. */
  readonly windowMs: number;
  readonly slideMs: number;
}

export interface SeriesInput {
  /** Windows of one size, oldest first: all that begin less than a window before the range, and in it. */
  readonly parts: readonly WindowPart[];
  readonly partMs: number;
  /** Readings that windows count, oldest first, as far around. */
  readonly readings: Iterable<Pick<ReadingUse, "time" | "offset">>;
  /** The same of records that were merged into this one. */
  readonly others?: readonly Pick<SeriesInput, "parts" | "readings">[];
  /** Of the patient's partition; null before the first. */
  readonly watermark: number | null;
  /** What windows of earlier times say is not kept; null when everything is. */
  readonly keptSince: number | null;
}

export interface SeriesPoint extends WindowSummary {
  readonly start: number;
  readonly end: number;
  /** The watermark has passed its end, and every reading that counts is in it: it never changes again. */
  readonly isFinal: boolean;
}

export type SeriesGapReason = "NO_READINGS" | "NOT_YET" | "NOT_KEPT";

/** A stretch at least as long as a window for which there is nothing. */
export interface SeriesGap {
  readonly from: number;
  readonly to: number;
  readonly reason: SeriesGapReason;
}

export interface Series {
  /** Every window that overlaps the range and has a reading, oldest first. */
  readonly points: readonly SeriesPoint[];
  readonly gaps: readonly SeriesGap[];
  readonly isFinal: boolean;
}

export const MAX_POINTS = 10_000;
/** Parts that are merged for one answer: some tenths of a second. */
const MAX_MERGES = 100_000;

/** Windows of any length and distance out of parts, which are added exactly and divided once. */
export function seriesOf(question: SeriesQuestion, input: SeriesInput): Series {
  const { windowMs, to } = question;
  const { partMs, watermark } = input;
  const all = [input, ...(input.others ?? [])];
  const parts = inOrder(
    all.map((one) => one.parts),
    ({ start }) => start,
  );
  const missing = inOrder(
    all.map((one) => missingParts(one, partMs)),
    (start) => start,
  );
  const points = spansOf(question, parts).flatMap(({ start, first, behind }): readonly SeriesPoint[] => {
    const summary = mergeWindows(parts.slice(first, behind));
    if (summary.count === 0) return [];
    const end = start + windowMs;
    const isFinal = watermark !== null && end <= watermark && !isAnyIn(missing, start, end, partMs);
    return [{ ...summary, start, end, isFinal }];
  });
  const isOver = watermark !== null && to <= watermark && !isAnyIn(missing, firstStart(question), to, partMs);
  return { points, gaps: gapsOf(question, { ...input, parts }, missing), isFinal: isOver };
}

/** Several lists in order as one. */
function inOrder<T>(lists: readonly (readonly T[])[], placeOf: (one: T) => number): readonly T[] {
  const [first = [], ...others] = lists.filter((list) => list.length > 0);
  return others.length === 0 ? first : [first, ...others].flat().sort((left, right) => placeOf(left) - placeOf(right));
}

/** Which parts make a window. */
interface Span {
  readonly start: number;
  readonly first: number;
  readonly behind: number;
}

/** Every window that overlaps the range and has parts; LIMIT_EXCEEDED before anything is merged. */
function spansOf(question: SeriesQuestion, parts: readonly WindowPart[]): readonly Span[] {
  const { windowMs, slideMs, to } = question;
  const spans: Span[] = [];
  let [first, behind, merges] = [0, 0, 0];
  for (let start = firstStart(question); start < to; start += slideMs) {
    while ((parts[first]?.start ?? Infinity) < start) first += 1;
    const next = parts[first]?.start;
    if (next === undefined) break;
    if (next >= start + windowMs) {
      // Windows before the next part are empty.
      start += Math.floor((next - windowMs - start) / slideMs) * slideMs;
      continue;
    }
    behind = Math.max(behind, first);
    while ((parts[behind]?.start ?? Infinity) < start + windowMs) behind += 1;
    merges += behind - first;
    spans.push({ start, first, behind });
    if (spans.length > MAX_POINTS) throw tooMuch("points", MAX_POINTS, spans.length);
    if (merges > MAX_MERGES) throw tooMuch("mergedWindows", MAX_MERGES, merges);
  }
  return spans;
}

/** The first start, at a multiple of the slide, of a window that overlaps the range. */
function firstStart({ from, windowMs, slideMs }: SeriesQuestion): number {
  return (Math.floor((from - windowMs) / slideMs) + 1) * slideMs;
}

/** Starts of parts that have not read every reading that counts, oldest first. */
function missingParts({ parts, readings }: Pick<SeriesInput, "parts" | "readings">, partMs: number): readonly number[] {
  const missing: number[] = [];
  let at = 0;
  for (const { time, offset } of readings) {
    const start = Math.floor(time / partMs) * partMs;
    while ((parts[at]?.start ?? Infinity) < start) at += 1;
    const part = parts[at];
    const isRead = part?.start === start && BigInt(part.throughOffset) >= BigInt(offset);
    if (!isRead && missing.at(-1) !== start) missing.push(start);
  }
  return missing;
}

function isAnyIn(starts: readonly number[], from: number, to: number, partMs: number): boolean {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) + partMs <= from) low = middle + 1;
    else high = middle;
  }
  return (starts[low] ?? Infinity) < to;
}

function gapsOf(
  { from, to, windowMs }: SeriesQuestion,
  { parts, partMs, watermark, keptSince }: SeriesInput,
  missing: readonly number[],
): readonly SeriesGap[] {
  const gaps: SeriesGap[] = [];
  const add = (start: number, end: number, reason: SeriesGapReason): void => {
    if (end > start) gaps.push({ from: start, to: end, reason });
  };
  const empty = (start: number, end: number): void => {
    const known = Math.min(end, Math.max(start, keptSince ?? start));
    const over = Math.min(end, Math.max(known, watermark ?? known));
    add(start, known, "NOT_KEPT");
    add(known, over, "NO_READINGS");
    add(over, end, "NOT_YET");
  };
  let at = from;
  for (const start of startsOf(parts, missing)) {
    if (start >= to) break;
    if (start - at >= windowMs) empty(at, start);
    at = Math.max(at, start + partMs);
  }
  if (to - at >= Math.min(windowMs, to - from) && to > at) empty(at, to);
  return gaps;
}

/** Where there is something, or will be, oldest first. */
function startsOf(parts: readonly WindowPart[], missing: readonly number[]): readonly number[] {
  const starts = parts.filter(({ count }) => count > 0).map(({ start }) => start);
  return missing.length === 0 ? starts : [...starts, ...missing].sort((left, right) => left - right);
}

function tooMuch(limit: string, max: number, actual: number): VitalomeError {
  return new VitalomeError(
    "LIMIT_EXCEEDED",
    `the answer would hold more than ${String(max)} ${limit}: ask for a shorter range, or a longer window or slide`,
    { details: { limit, max, actual } },
  );
}
