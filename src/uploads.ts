import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Files } from "./backend/index.js";
import type { Caller } from "./domain/caller.js";
import { VitalomeError, systemCodeOf } from "./errors.js";
import { rawFileName } from "./jobs/parameters.js";
import { policy } from "./policy.js";
import type { Uploads } from "./server/http.js";

export interface UploadsOptions {
  readonly files: Files;
  /** A local folder for what is still being received. */
  readonly scratch: string;
  /** The local root of `files` when it lies on the file system of `scratch`: what was received is then only renamed. */
  readonly root: string | null;
}

/** Stores an upload as `raw/<sha256>/data.<ext>` while hashing it. The same bytes twice are stored once. */
export function createUploads({ files, scratch, root }: UploadsOptions): Uploads {
  return {
    async put(content, name, caller: Caller) {
      policy(caller, "files");
      const received = join(scratch, randomUUID());
      await mkdir(scratch, { recursive: true });
      try {
        const { bytes, sha256 } = await receive(content, received);
        const path = `raw/${sha256}/${rawFileName(name)}`;
        const known = await files.stat(path);
        // Another length is what a start before this one left half-way.
        if (known?.bytes !== bytes) {
          if (root === null) await send(files, received, path, sha256);
          else await adopt(received, join(root, path));
        }
        return { id: `raw:${sha256}/${name}`, bytes, sha256 };
      } catch (thrown) {
        if (systemCodeOf(thrown) === "ENOSPC")
          throw new VitalomeError("STORAGE_FULL", "the store has no room left", { cause: thrown });
        if (systemCodeOf(thrown) === "ERR_STREAM_PREMATURE_CLOSE")
          throw new VitalomeError("BAD_REQUEST", "the upload was cut off", { cause: thrown });
        throw thrown;
      } finally {
        await rm(received, { force: true });
      }
    },
  };
}

/** On disk when it resolves. */
async function receive(
  content: AsyncIterable<Uint8Array>,
  file: string,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(
    content,
    async function* (source: AsyncIterable<Uint8Array>) {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o600 }),
  );
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function adopt(received: string, full: string): Promise<void> {
  await mkdir(dirname(full), { recursive: true });
  await rename(received, full);
}

async function send(files: Files, received: string, path: string, sha256: string): Promise<void> {
  const stored = await files.write(path, createReadStream(received, { highWaterMark: 1 << 18 }));
  if (stored.sha256 === sha256) return;
  await files.remove(path);
  throw new VitalomeError("BACKEND_UNAVAILABLE", "what was stored is not what was received");
}
