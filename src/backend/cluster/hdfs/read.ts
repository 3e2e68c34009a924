import type { Clock } from "../../../clock.js";
import type { ByteRange } from "../../index.js";
import { BLOCK_BYTES, type HdfsContents } from "./contents.js";
import { HdfsFault, REPLACED, isHdfsFault } from "./faults.js";
import { retrying, type HdfsLimits } from "./limits.js";
import type { HdfsMetadata, HdfsStatus } from "./metadata.js";

export interface HdfsReaderOptions {
  readonly metadata: HdfsMetadata;
  readonly contents: HdfsContents;
  readonly clock: Clock;
  readonly limits: HdfsLimits;
}

export interface HdfsReader {
  /**
   * All bytes of the range, or an error: what was cut off is asked for again from there, of the same file. A short file
   * comes whole, old or new, however often it is replaced meanwhile.
   */
  read(path: string, range: ByteRange | undefined): AsyncIterable<Uint8Array>;
}

/** Up to here a range is held until it is whole: a repeat is then never seen. */
const HELD_BYTES = 1 << 20;
/** In a row, without a byte between them. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;
/** A DataNode opens a file with the places of so many bytes; it asks for those behind them by name, later. */
const OPENED_BYTES = 10 * BLOCK_BYTES;

export function createHdfsReader(options: HdfsReaderOptions): HdfsReader {
  const { metadata, contents, clock, limits } = options;

  async function find(path: string): Promise<HdfsStatus> {
    const found = await metadata.stat(path);
    if (found?.isFile !== true) throw new HdfsFault("no such file", { exception: "FileNotFoundException" });
    return found;
  }

  const lengthOf = (file: HdfsStatus, range: ByteRange | undefined): number =>
    range === undefined ? file.bytes : Math.max(0, Math.min(range.length, file.bytes - range.offset));

  async function expectSame(path: string, file: HdfsStatus): Promise<void> {
    if ((await metadata.stat(path))?.fileId !== file.fileId)
      throw new HdfsFault("the file was replaced while it was read", { exception: REPLACED });
  }

  async function readHeld(path: string, range: ByteRange | undefined, first: HdfsStatus): Promise<Uint8Array> {
    let file: HdfsStatus | null = first;
    return retrying(clock, limits, async () => {
      file ??= await find(path);
      const length = lengthOf(file, range);
      // Asked anew the next time: what failed may have failed because the file was replaced.
      file = null;
      const chunks: Uint8Array[] = [];
      if (length > 0) for await (const chunk of contents.read(path, range?.offset ?? 0, length)) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
  }

  return {
    async *read(path, range) {
      const file = await find(path);
      const length = lengthOf(file, range);
      if (length === 0) return;
      if (length <= HELD_BYTES) {
        yield await readHeld(path, range, file);
        return;
      }
      const offset = range?.offset ?? 0;
      let done = 0;
      let isOneOpening = length <= OPENED_BYTES;
      for (let failures = 0; done < length;) {
        try {
          for await (const chunk of contents.read(path, offset + done, length - done)) {
            done += chunk.length;
            failures = 0;
            yield chunk;
          }
        } catch (thrown) {
          failures += 1;
          if (!isHdfsFault(thrown) || !thrown.isTransient || failures >= ATTEMPTS) throw thrown;
          await clock.sleep(FIRST_PAUSE_MS * 2 ** failures);
          isOneOpening = false;
          await expectSame(path, file);
        }
      }
      // Bytes of two openings belong together only if the file is still the one of the first.
      if (!isOneOpening) await expectSame(path, file);
    },
  };
}
