import { createWriteStream } from "node:fs";
import { crc32, deflateRawSync } from "node:zlib";

/** Text per block written, below 64 KiB so that even what does not compress fits. Source: htslib's bgzip. */
const TEXT_BLOCK = 0xff00;
const END_OF_FILE = Buffer.from("1f8b08040000000000ff0600424302001b0003000000000000000000", "hex");

export interface BgzfWriter {
  /** Resolves when the file takes more. */
  write(text: Buffer): Promise<void>;
  /** Writes what is left and the end-of-file block. */
  end(): Promise<void>;
  /** Lets go of the file without finishing it. */
  abandon(): Promise<void>;
}

/** Writes a new file that gzip and bgzip both read; `onBytes` sees the bytes of the file as they are written. */
export function createBgzfWriter(path: string, onBytes: (bytes: Buffer) => void = () => undefined): BgzfWriter {
  const stream = createWriteStream(path, { flags: "wx", flush: true });
  let fault: Error | null = null;
  stream.on("error", (error) => (fault = error));
  let pending: Buffer[] = [];
  let size = 0;

  async function put(bytes: Buffer): Promise<void> {
    if (fault !== null) throw fault;
    onBytes(bytes);
    await new Promise<void>((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  }

  async function flush(all: boolean): Promise<void> {
    if (size === 0 || (!all && size < TEXT_BLOCK)) return;
    const text = Buffer.concat(pending);
    let at = 0;
    for (; text.length - at >= TEXT_BLOCK || (all && at < text.length); at += TEXT_BLOCK) {
      await put(bgzfBlock(text.subarray(at, at + TEXT_BLOCK)));
    }
    const rest = text.subarray(at);
    pending = [rest];
    size = rest.length;
  }

  return {
    async write(text) {
      pending.push(text);
      size += text.length;
      await flush(false);
    },
    async end() {
      await flush(true);
      await put(END_OF_FILE);
      await new Promise<void>((resolve, reject) => {
        stream.once("error", reject);
        stream.once("close", resolve);
        stream.end();
      });
    },
    async abandon() {
      await new Promise<void>((resolve) => {
        if (stream.closed) resolve();
        else stream.once("close", resolve).destroy();
      });
    },
  };
}

/** Any text as whole blocks, without the end-of-file block. */
export function bgzfBlocks(text: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < text.length; at += TEXT_BLOCK) blocks.push(bgzfBlock(text.subarray(at, at + TEXT_BLOCK)));
  return Buffer.concat(blocks);
}

/** One block of at most 65,280 bytes of text. */
export function bgzfBlock(text: Buffer): Buffer {
  const data = deflateRawSync(text);
  const block = Buffer.alloc(18 + data.length + 8);
  block.set([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0]);
  block.writeUInt16LE(block.length - 1, 16);
  data.copy(block, 18);
  block.writeUInt32LE(crc32(text), 18 + data.length);
  block.writeUInt32LE(text.length, 18 + data.length + 4);
  return block;
}
