import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { systemCodeOf } from "../errors.js";
import type { Client } from "./client.js";
import { EXIT, failure } from "./output.js";

export interface Download {
  readonly path: string;
  /** The local file that grows; what is in it already is of the same file as `tag`, or of none. */
  readonly part: string;
  /** The ETag of what lies in `part`; null: begin anew. */
  readonly tag: string | null;
  /** Told before the first byte is kept. */
  readonly onTag: (tag: string) => Promise<void>;
  readonly onBytes: (received: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Faults of the disk, not of the connection. */
const LOCAL: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EROFS", "ENOSPC", "EDQUOT"]);

/** Brings a file that never changes, going on where an earlier try ended, and checks it against its ETag, its SHA-256. */
export async function download(client: Client, options: Download): Promise<{ bytes: number; sha256: string }> {
  const { path, part, tag, onTag, onBytes, signal } = options;
  const had = tag === null ? 0 : ((await stat(part).catch(() => null))?.size ?? 0);
  const asked = had > 0 && tag !== null ? { range: `bytes=${String(had)}-`, "if-range": tag } : {};
  let response = await client.get(path, asked);
  // All of it is here, and maybe more.
  if (response.status === 416) response = await client.get(path, {});
  const found = response.headers.get("etag") ?? "";
  const isPart = response.status === 206;
  await onTag(found);
  let received = isPart ? had : 0;
  const total = received + Number(response.headers.get("content-length") ?? 0);
  const counter = new Transform({
    transform(chunk: Buffer, _, done) {
      received += chunk.length;
      onBytes(received, total);
      done(null, chunk);
    },
  });
  try {
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    await pipeline(body, counter, createWriteStream(part, { flags: isPart ? "a" : "w" }), { signal });
  } catch (thrown) {
    if (signal.aborted) throw failure(EXIT.interrupted, "interrupted; --resume goes on");
    const code = systemCodeOf(thrown);
    if (code !== null && LOCAL.has(code)) throw failure(EXIT.failed, `cannot write ${part} (${code})`);
    throw failure(EXIT.unreachable, `the download broke after ${String(received)} bytes; --resume goes on`);
  }
  const hash = createHash("sha256");
  await pipeline(createReadStream(part), hash);
  const sha256 = hash.digest("hex");
  if (received === total && found === `"${sha256}"`) return { bytes: received, sha256 };
  await rm(part, { force: true });
  throw failure(EXIT.failed, "what arrived is not what was written; --resume brings it again");
}
