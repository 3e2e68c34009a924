/** One entry: its time, a number that says what it is, and a mark. */
export interface TimeEntry {
  readonly time: number;
  readonly value: number;
  readonly mark: number;
}

/** Entries in order of time, three numbers each, in blocks: one that comes late moves no more than its block. */
export interface TimeColumn {
  readonly size: number;
  insert(time: number, value: number, mark: number): void;
  /** The value at exactly this time; of several the first. */
  at(time: number): number | undefined;
  /** Entries with `from` ≤ time < `to`, oldest first. */
  forward(from: number, to: number): Generator<TimeEntry>;
  /** Entries with time ≤ `upTo`, newest first. */
  backward(upTo: number): Generator<TimeEntry>;
}

interface Block {
  readonly times: number[];
  readonly values: number[];
  readonly marks: number[];
}

const BLOCK = 512;

/** `isBefore` orders values of one time. */
export function createTimeColumn(isBefore: (left: number, right: number) => boolean): TimeColumn {
  const blocks: Block[] = [];
  let size = 0;

  /** The first block whose last time is not below `time`. */
  function blockAt(time: number): number {
    let [low, high] = [0, blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.times.at(-1) ?? Infinity) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first entry of a block whose time is not below `time`. */
  function entryAt({ times }: Block, time: number): number {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? Infinity) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function placeOf(block: Block, time: number, value: number): number {
    const { times, values } = block;
    let place = entryAt(block, time);
    while (place < times.length && times[place] === time && isBefore(values[place] ?? 0, value)) place += 1;
    return place;
  }

  function split(at: number, { times, values, marks }: Block): void {
    const half = times.length >> 1;
    blocks.splice(at + 1, 0, { times: times.splice(half), values: values.splice(half), marks: marks.splice(half) });
  }

  /** The usual case: it is the newest. */
  function append(last: Block | undefined, time: number, value: number, mark: number): void {
    if (last === undefined || last.times.length === BLOCK) {
      blocks.push({ times: [time], values: [value], marks: [mark] });
      return;
    }
    last.times.push(time);
    last.values.push(value);
    last.marks.push(mark);
  }

  function entry({ times, values, marks }: Block, at: number): TimeEntry {
    return { time: times[at] ?? 0, value: values[at] ?? 0, mark: marks[at] ?? 0 };
  }

  return {
    get size() {
      return size;
    },
    insert(time, value, mark) {
      size += 1;
      const last = blocks.at(-1);
      if (last === undefined || time > (last.times.at(-1) ?? 0)) {
        append(last, time, value, mark);
        return;
      }
      let at = Math.min(blockAt(time), blocks.length - 1);
      // Entries of one time may go on in the next block.
      for (;;) {
        const block = blocks[at] ?? last;
        const place = placeOf(block, time, value);
        if (place === block.times.length && blocks[at + 1]?.times[0] === time) {
          at += 1;
          continue;
        }
        block.times.splice(place, 0, time);
        block.values.splice(place, 0, value);
        block.marks.splice(place, 0, mark);
        if (block.times.length > BLOCK) split(at, block);
        return;
      }
    },
    at(time) {
      const block = blocks[blockAt(time)];
      if (block === undefined) return undefined;
      const place = entryAt(block, time);
      return block.times[place] === time ? block.values[place] : undefined;
    },
    *forward(from, to) {
      for (let at = blockAt(from); at < blocks.length; at += 1) {
        const block = blocks[at];
        if (block === undefined) return;
        for (let place = entryAt(block, from); place < block.times.length; place += 1) {
          if ((block.times[place] ?? to) >= to) return;
          yield entry(block, place);
        }
      }
    },
    *backward(upTo) {
      for (let at = Math.min(blockAt(upTo + 1), blocks.length - 1); at >= 0; at -= 1) {
        const block = blocks[at];
        if (block === undefined) return;
        for (let place = block.times.length - 1; place >= 0; place -= 1)
          if ((block.times[place] ?? 0) <= upTo) yield entry(block, place);
      }
    },
  };
}
