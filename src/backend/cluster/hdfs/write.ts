import { createHash } from "node:crypto";
import type { Clock } from "../../../clock.js";
import type { Written } from "../../index.js";
import { createHdfsChecksum, md5OfChecksum } from "./checksum.js";
import { BLOCK_BYTES, type HdfsContents } from "./contents.js";
import { isHdfsFault, lostAnswer } from "./faults.js";
import { retrying, type HdfsLimits } from "./limits.js";
import type { HdfsMetadata, HdfsStatus } from "./metadata.js";

export interface HdfsWriterOptions {
  readonly metadata: HdfsMetadata;
  readonly contents: HdfsContents;
  readonly clock: Clock;
  readonly limits: HdfsLimits;
}

export interface HdfsWriter {
  /** Sends a file and makes sure that HDFS holds it as it was sent, by length and checksum. */
  write(
    path: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
  ): Promise<Written & { readonly status: HdfsStatus }>;
}

/** Up to here a content is held, so that it can be sent again. */
const HELD_BYTES = 4 << 20;

export function createHdfsWriter(options: HdfsWriterOptions): HdfsWriter {
  const { metadata, contents, clock, limits } = options;

  async function sendOnce(
    path: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<Written & { readonly status: HdfsStatus }> {
    const hash = createHash("sha256");
    const checksum = createHdfsChecksum(BLOCK_BYTES);
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        hash.update(chunk);
        checksum.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    }
    await contents.create(path, counted());
    const sha256 = hash.digest("hex");
    const status = await metadata.stat(path);
    if (status?.bytes !== bytes) throw lostAnswer("HDFS holds another length than was sent");
    if (bytes > 0) await verify(path, bytes, sha256, checksum.digest());
    return { bytes, sha256, status };
  }

  /** By HDFS's own checksum; where an installation has another kind, by reading back. */
  async function verify(path: string, bytes: number, sha256: string, md5: string): Promise<void> {
    const told = await retrying(clock, limits, async () => contents.checksum(path));
    const known = md5OfChecksum(told.algorithm, told.bytes);
    if (known === md5) return;
    if (known === null) {
      const hash = createHash("sha256");
      for await (const chunk of contents.read(path, 0, bytes)) hash.update(chunk);
      if (hash.digest("hex") === sha256) return;
    }
    throw lostAnswer("HDFS holds other bytes than were sent");
  }

  return {
    async write(path, content) {
      const { held, rest } = await hold(content);
      if (rest === null) return retrying(clock, limits, async () => sendOnce(path, each(held)));
      const following = rest;
      // A stream is read once: a fault before its first byte was asked for may be tried again, no other.
      let isUntouched = true;
      async function* whole(): AsyncGenerator<Uint8Array> {
        isUntouched = false;
        yield* each(held);
        for (;;) {
          const next = await following.next();
          if (next.done === true) return;
          yield next.value;
        }
      }
      try {
        return await retrying(
          clock,
          limits,
          async () => sendOnce(path, whole()),
          (thrown) => isUntouched && isHdfsFault(thrown) && thrown.isTransient,
        );
      } finally {
        await rest.return?.();
      }
    },
  };
}

/** The first bytes of a content, and what follows; null when they are all. */
async function hold(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<{
  readonly held: readonly Uint8Array[];
  readonly rest: AsyncIterator<Uint8Array> | null;
}> {
  if (content instanceof Uint8Array) return { held: [content], rest: null };
  const rest = content[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  for (let bytes = 0; bytes <= HELD_BYTES;) {
    const next = await rest.next();
    if (next.done === true) return { held, rest: null };
    // A copy: the source may use its buffer again.
    held.push(Buffer.from(next.value));
    bytes += next.value.length;
  }
  return { held, rest };
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
