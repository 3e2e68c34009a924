import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Caller } from "./domain/caller.js";
import { VitalomeError, systemCodeOf } from "./errors.js";
import { rawFileName } from "./jobs/parameters.js";
import { policy } from "./policy.js";
import type { Uploads } from "./server/http.js";

/** Stores an upload as `raw/<sha256>/data.<ext>` while hashing it. The same bytes twice are stored once. */
export function createUploads(root: string): Uploads {
  return {
    async put(content, name, caller: Caller) {
      policy(caller, "files");
      const scratch = join(root, "scratch", randomUUID());
      await mkdir(dirname(scratch), { recursive: true });
      const hash = createHash("sha256");
      let bytes = 0;
      try {
        await pipeline(
          content,
          async function* (source: AsyncIterable<Uint8Array>) {
            for await (const chunk of source) {
              hash.update(chunk);
              bytes += chunk.length;
              yield chunk;
            }
          },
          createWriteStream(scratch, { mode: 0o600 }),
        );
        const handle = await open(scratch, "r+");
        await handle.sync();
        await handle.close();
        const sha256 = hash.digest("hex");
        const path = join(root, "raw", sha256, rawFileName(name));
        await mkdir(dirname(path), { recursive: true });
        const known = await stat(path).catch(() => null);
        if (known?.size !== bytes) await rename(scratch, path);
        return { id: `raw:${sha256}/${name}`, bytes, sha256 };
      } catch (thrown) {
        if (systemCodeOf(thrown) === "ENOSPC")
          throw new VitalomeError("STORAGE_FULL", "the store has no room left", { cause: thrown });
        if (systemCodeOf(thrown) === "ERR_STREAM_PREMATURE_CLOSE")
          throw new VitalomeError("BAD_REQUEST", "the upload was cut off", { cause: thrown });
        throw thrown;
      } finally {
        await rm(scratch, { force: true });
      }
    },
  };
}
