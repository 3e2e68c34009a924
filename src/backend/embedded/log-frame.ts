import type { PlacedEvent as FrameEvent, Progress as FrameProgress } from "../log/events.js";

export type { FrameEvent, FrameProgress };

/** What one append or one transaction wrote: all of it becomes visible together. */
export interface Frame {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly events: readonly FrameEvent[];
  readonly progress: FrameProgress | null;
}

/** A run of consecutive offsets of one partition within a frame. */
export interface FrameRun {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

interface Head {
  readonly at: number;
  readonly topics: readonly string[];
  /** Topic number, partition, offset, key, bytes of the value, and so on for every event. */
  readonly events: readonly (number | string)[];
  readonly progress: HeadProgress | null;
}

/** An entry of the state is bytes of its value behind those of the events; null where it is removed; text in older frames. */
interface HeadProgress extends Omit<FrameProgress, "state"> {
  readonly state: readonly (readonly [key: string, value: number | string | null])[];
}

const FIELDS = 5;

/** Length of the head, head as JSON, then the values of events and of the state one after another. */
export function encodeFrame(frame: Frame): Buffer {
  const topics = [...new Set(frame.events.map(({ topic }) => topic))];
  const state = frame.progress?.state ?? [];
  const body = [...frame.events.map(({ json }) => json), ...state.map(([, json]) => json ?? "")].join("");
  const isAscii = Buffer.byteLength(body) === body.length;
  const lengthOf = (json: string): number => (isAscii ? json.length : Buffer.byteLength(json));
  const events: (number | string)[] = [];
  for (const { topic, partition, offset, key, json } of frame.events) {
    const number = topics.length === 1 ? 0 : topics.indexOf(topic);
    events.push(number, partition, offset, key, lengthOf(json));
  }
  const kept = state.map(([key, json]) => [key, json === null ? null : lengthOf(json)] as const);
  const progress = frame.progress === null ? null : { ...frame.progress, state: kept };
  const head: Head = { at: frame.at, topics, events, progress };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, Buffer.from(body)]);
}

/** The frame's events of one topic; or of all, with the progress. */
export function decodeFrame(payload: Buffer, topic: string | null): Frame {
  const headBytes = payload.readUInt32LE(0);
  const head = JSON.parse(payload.toString("utf8", 4, 4 + headBytes)) as Head;
  const wanted = topic === null ? -1 : head.topics.indexOf(topic);
  const events: FrameEvent[] = [];
  let start = 4 + headBytes;
  const fields = head.events as readonly number[];
  for (let at = 0; at < fields.length; at += FIELDS) {
    const number = fields[at] ?? 0;
    const end = start + (fields[at + 4] ?? 0);
    if (topic === null || number === wanted) {
      events.push({
        topic: head.topics[number] ?? "",
        partition: fields[at + 1] ?? 0,
        offset: fields[at + 2] ?? 0,
        key: String(fields[at + 3]),
        json: payload.toString("utf8", start, end),
      });
    }
    start = end;
  }
  const isWanted = topic === null && head.progress !== null;
  return { at: head.at, events, progress: isWanted ? decodeProgress(head.progress, payload, start) : null };
}

function decodeProgress(progress: HeadProgress, payload: Buffer, from: number): FrameProgress {
  let start = from;
  const state = progress.state.map(([key, value]): readonly [string, string | null] => {
    if (typeof value !== "number") return [key, value];
    start += value;
    return [key, payload.toString("utf8", start - value, start)];
  });
  return { ...progress, state };
}

/** Offsets of a partition within a frame are consecutive, so first and end say it all. */
export function runsOf(events: readonly FrameEvent[]): readonly FrameRun[] {
  const byTopic = new Map<string, { first: number; end: number }[]>();
  let current: { first: number; end: number }[] = [];
  let name: string | null = null;
  for (const { topic, partition, offset } of events) {
    if (topic !== name) {
      name = topic;
      current = byTopic.get(topic) ?? [];
      byTopic.set(topic, current);
    }
    const run = current[partition];
    if (run === undefined) current[partition] = { first: offset, end: offset + 1 };
    else run.end = offset + 1;
  }
  const runs: FrameRun[] = [];
  for (const [topic, partitions] of byTopic) {
    partitions.forEach(({ first, end }, partition) => runs.push({ topic, partition, first, end }));
  }
  return runs;
}
