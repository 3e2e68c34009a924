import { open as openLmdb } from "lmdb";
import type { ConsumerPlace, ConsumerState } from "../index.js";
import type { Frame } from "./log-frame.js";
import type { FramePlace, JournalPosition } from "./journal.js";

/** Where an event's value lies in the journal, and what is known of it without reading it. */
export interface EventPlace {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
  readonly key: string;
  readonly at: number;
}

/**
 * A rebuildable index of the journal: topic, partition and offset to place; consumers' progress; and up to
 * where the journal was applied. It may lag behind the journal, never run ahead of it.
 */
export interface LogIndex {
  readonly appliedUpTo: JournalPosition;
  /** One transaction: the frames and `appliedUpTo` become visible together. */
  apply(frames: readonly { readonly frame: Frame; readonly place: FramePlace; readonly values: readonly { start: number; length: number }[] }[]): Promise<void>;
  /** Events of a partition from an offset on, at most `limit`. */
  places(topic: string, partition: number, from: bigint, limit: number): readonly { readonly offset: bigint; readonly place: EventPlace }[];
  /** The offset the next event of a partition gets. */
  next(topic: string, partition: number): bigint;
  consumerState(place: ConsumerPlace): ConsumerState;
  close(): Promise<void>;
}

const START: JournalPosition = { segment: 1, offset: 0 };

export function openLogIndex(directory: string): LogIndex {
  const db = openLmdb<unknown, (string | number)[]>({ path: directory, compression: false });
  let appliedUpTo = (db.get(["meta", "appliedUpTo"]) as JournalPosition | undefined) ?? START;

  return {
    get appliedUpTo() {
      return appliedUpTo;
    },
    async apply(frames) {
      const last = frames.at(-1);
      if (last === undefined) return;
      const upTo = { segment: last.place.segment, offset: last.place.offset + last.place.bytes };
      // An exception inside `transaction` would not roll back; nothing here throws between the puts.
      await db.transaction(() => {
        for (const { frame, place, values } of frames) {
          frame.events.forEach((event, index) => {
            const value = values[index] ?? { start: 0, length: 0 };
            const at: EventPlace = {
              segment: place.segment,
              offset: place.offset + value.start,
              length: value.length,
              key: event.key,
              at: event.at,
            };
            db.putSync(["e", event.topic, event.partition, Number(event.offset)], at);
            db.putSync(["n", event.topic, event.partition], Number(event.offset) + 1);
          });
          const { progress } = frame;
          if (progress === null) continue;
          db.putSync(["c", progress.consumer, progress.topic, progress.partition], Number(progress.next));
          for (const [key, value] of progress.state) {
            const at = ["s", progress.consumer, progress.topic, progress.partition, key];
            if (value === null) db.removeSync(at);
            else db.putSync(at, value);
          }
        }
        db.putSync(["meta", "appliedUpTo"], upTo);
      });
      appliedUpTo = upTo;
    },
    places(topic, partition, from, limit) {
      const found: { offset: bigint; place: EventPlace }[] = [];
      const range = { start: ["e", topic, partition, Number(from)], end: ["e", topic, partition, Number.MAX_SAFE_INTEGER], limit };
      for (const { key, value } of db.getRange(range)) found.push({ offset: BigInt(key[3] ?? 0), place: value as EventPlace });
      return found;
    },
    next: (topic, partition) => BigInt((db.get(["n", topic, partition]) as number | undefined) ?? 0),
    consumerState({ consumer, topic, partition }) {
      const state = new Map<string, unknown>();
      const prefix = ["s", consumer, topic, partition];
      for (const { key, value } of db.getRange({ start: prefix, end: ["s", consumer, topic, partition + 1] })) {
        state.set(String(key[4] ?? ""), value);
      }
      return { next: BigInt((db.get(["c", consumer, topic, partition]) as number | undefined) ?? 0), state };
    },
    close: async () => db.close(),
  };
}
