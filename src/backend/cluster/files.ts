import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.js";
import { VitalomeError } from "../../errors.js";
import type { FileStat, Files, Written } from "../index.js";
import { SCRATCH, checkPath, checkRange, inPathOrder, invalid } from "../paths.js";
import { webhdfsAddress } from "./hdfs/address.js";
import { createHdfsContents } from "./hdfs/contents.js";
import { translateHdfs } from "./hdfs/faults.js";
import { DEFAULT_LIMITS, type HdfsLimits } from "./hdfs/limits.js";
import { FOLDER_MODE, createHdfsMetadata } from "./hdfs/metadata.js";
import { createHdfsMove } from "./hdfs/move.js";
import { createHdfsReader } from "./hdfs/read.js";
import { createHdfsWriter } from "./hdfs/write.js";

export interface ClusterFilesOptions {
  /** A NameNode's WebHDFS, as in `http://host:9870`. */
  readonly webhdfs: string;
  /** The store's folder in HDFS; absolute. It is made at the first write. */
  readonly root: string;
  /** The Hadoop user all calls are made for. */
  readonly user: string;
  readonly clock: Clock;
  readonly limits?: Partial<HdfsLimits> | undefined;
}

/** Unfinished files are nobody else's. */
const SCRATCH_MODE = "0700";
/** An unfinished file as old as this has lost its writer. */
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Files in HDFS, over WebHDFS. Every call ends within its limits: in an answer, or in BACKEND_UNAVAILABLE, which may be
 * tried again. What is written was checked in HDFS by length and checksum before it can be seen.
 */
export function createClusterFiles(options: ClusterFilesOptions): Files {
  const { clock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (!options.root.startsWith("/"))
    throw new VitalomeError("CONFIG_INVALID", "the store's root in HDFS is an absolute path");
  const root = options.root.replace(/\/+$/, "");
  const scratch = `${root}/${SCRATCH}`;
  const address = webhdfsAddress(options.webhdfs, options.user);
  const metadata = createHdfsMetadata(address, clock, limits);
  const contents = createHdfsContents(address, clock, limits);
  const writer = createHdfsWriter({ metadata, contents, clock, limits });
  const reader = createHdfsReader({ metadata, contents, clock, limits });
  const move = createHdfsMove({ metadata, contents, clock, limits });
  let prepared: Promise<void> | null = null;

  /** Makes the scratch folder, and removes what writers that are gone left in it. Once in the life of this object. */
  async function prepare(): Promise<void> {
    prepared ??= (async () => {
      await metadata.makeFolder(root, FOLDER_MODE);
      await metadata.makeFolder(scratch, SCRATCH_MODE);
      for (const { name, modifiedAt } of await metadata.list(scratch)) {
        if (clock.now() - modifiedAt > ABANDONED_MS) await metadata.remove(`${scratch}/${name}`);
      }
    })();
    await prepared.catch((thrown: unknown) => {
      prepared = null;
      throw thrown;
    });
  }

  /** The full path, once it keeps the rules. */
  function placeOf(path: string): string {
    checkPath(path);
    return `${root}/${path}`;
  }

  /** Puts content under an unfinished name, gives it its own and leaves nothing else behind. */
  async function put(
    path: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
    option: "NONE" | "OVERWRITE",
  ): Promise<Written & { readonly outcome: "moved" | "exists" }> {
    const full = placeOf(path);
    const file = `${scratch}/${randomUUID()}`;
    return inOurWords(path, async () => {
      await prepare();
      // A file in the place of a folder is found before anything is sent.
      await metadata.makeFolder(full.slice(0, full.lastIndexOf("/")), FOLDER_MODE);
      let outcome: "moved" | "exists" = "exists";
      try {
        const { status, bytes, sha256 } = await writer.write(file, content);
        outcome = await move({ path: file, fileId: status.fileId }, full, option);
        return { bytes, sha256, outcome };
      } finally {
        // What cannot be removed now is swept at a later start.
        if (outcome !== "moved") await metadata.remove(file).catch(() => undefined);
      }
    });
  }

  return {
    async *read(path, range) {
      if (range !== undefined) checkRange(range);
      const full = placeOf(path);
      try {
        yield* reader.read(full, range);
      } catch (thrown) {
        throw translateHdfs(thrown, path);
      }
    },

    async write(path, content) {
      const { bytes, sha256, outcome } = await put(path, content, "OVERWRITE");
      if (outcome === "exists") throw invalid("a file below folders");
      return { bytes, sha256 };
    },

    async putIfAbsent(path, bytes) {
      const { outcome } = await put(path, bytes, "NONE");
      return outcome === "moved" ? "created" : "exists";
    },

    async stat(path) {
      const full = placeOf(path);
      const found = await inOurWords(path, async () => metadata.stat(full));
      return found?.isFile === true ? { path, bytes: found.bytes, modifiedAt: found.modifiedAt } : null;
    },

    async *list(prefix) {
      const full = placeOf(prefix);
      yield* walk(full, prefix);
    },

    async remove(prefix) {
      const full = placeOf(prefix);
      await inOurWords(prefix, async () => metadata.remove(full));
    },
  };

  async function* walk(full: string, prefix: string): AsyncGenerator<FileStat> {
    const entries = await inOurWords(prefix, async () => metadata.list(full));
    // A file answers with itself, under an empty name.
    for (const entry of inPathOrder(entries.filter(({ name }) => name !== ""))) {
      const path = `${prefix}/${entry.name}`;
      if (entry.isFolder) yield* walk(`${full}/${entry.name}`, path);
      else if (entry.isFile) yield { path, bytes: entry.bytes, modifiedAt: entry.modifiedAt };
    }
  }
}

async function inOurWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw translateHdfs(thrown, path);
  }
}
