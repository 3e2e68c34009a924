import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { ForeignRecord, ForeignTopics } from "../index.js";

export interface EmbeddedForeignTopicsOptions {
  /** Where producers of this machine append lines, each topic a file `<topic>.ndjson`. */
  readonly directory: string;
  readonly clock: Clock;
  /** Of a line that is longer so much is kept, and one byte more: whoever reads it sees that it is too long. */
  readonly longestLine: number;
}

const NEWLINE = 0x0a;
const PIECE_BYTES = 256 * 1024;
const LOOK_MS = 200;

/** Files that grow by whole lines. A position is a place in the file; a line whose end has not come is waited for. */
export function createEmbeddedForeignTopics(options: EmbeddedForeignTopicsOptions): ForeignTopics {
  const { directory, clock, longestLine } = options;
  const closing = new AbortController();

  async function openFile(topic: string): Promise<FileHandle> {
    try {
      return await open(join(directory, `${topic}.ndjson`), "r");
    } catch (thrown) {
      const isAbsent = (thrown as NodeJS.ErrnoException).code === "ENOENT";
      const text = isAbsent
        ? `there is no file foreign/${topic}.ndjson`
        : `the file foreign/${topic}.ndjson cannot be opened`;
      throw new VitalomeError(isAbsent ? "NOT_FOUND" : "BACKEND_UNAVAILABLE", text, { cause: thrown });
    }
  }

  async function* lines(
    topic: string,
    file: FileHandle,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<ForeignRecord> {
    const piece = Buffer.alloc(PIECE_BYTES);
    let held: Buffer[] = [];
    let heldBytes = 0;
    const hold = (part: Buffer): void => {
      const room = longestLine + 1 - heldBytes;
      if (room <= 0) return;
      const kept = Buffer.from(part.subarray(0, room));
      held.push(kept);
      heldBytes += kept.length;
    };
    for (let at = from; !signal.aborted;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, at);
      if (bytesRead === 0) {
        const { size } = await file.stat();
        if (size < at) throw shorter(topic);
        await clock.sleep(LOOK_MS, signal).catch(() => undefined);
        continue;
      }
      const read = piece.subarray(0, bytesRead);
      let begin = 0;
      for (let end = read.indexOf(NEWLINE); end >= 0; end = read.indexOf(NEWLINE, begin)) {
        hold(read.subarray(begin, end));
        const value = Buffer.concat(held);
        held = [];
        heldBytes = 0;
        begin = end + 1;
        if (value.length > 0) yield { kind: "record", partition: 0, next: BigInt(at + begin), value, at: null };
      }
      hold(read.subarray(begin));
      at += bytesRead;
    }
  }

  return {
    async *read(topic, from, signal) {
      const either = AbortSignal.any([signal, closing.signal]);
      if (either.aborted) return;
      const file = await openFile(topic);
      try {
        yield* lines(topic, file, Number(from.get(0) ?? 0n), either);
      } finally {
        await file.close();
      }
    },
    close() {
      closing.abort(new Error("closed"));
    },
  };
}

function shorter(topic: string): VitalomeError {
  const text = `the file foreign/${topic}.ndjson is shorter than what was read of it: files only grow, a new one needs another name`;
  return new VitalomeError("CONFIG_INVALID", text);
}
