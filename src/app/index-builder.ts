import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Files } from "../backend/index.js";
import type { BuiltIndex } from "../lake/build-indexes.js";
import type { IndexFile } from "../lake/catalog.js";
import type { FileCache } from "../lake/file-cache.js";
import { runInThread, type Thread } from "./threads.js";
import type { FileToIndex, PublisherOptions } from "../worker/publisher.js";

export interface IndexBuilderOptions {
  readonly files: Files;
  readonly copies: FileCache;
  /** Where copies lie. */
  readonly copyDirectory: string;
  /** Where indexes are built before they are stored. */
  readonly scratch: string;
  readonly thread: Thread;
}

/** Key indexes of files that lie elsewhere: from local copies, one file at a time, stored beside the run's data. */
export function createIndexBuilder(options: IndexBuilderOptions): PublisherOptions["buildIndexes"] {
  const { files, copies, copyDirectory, scratch, thread } = options;

  async function build(file: FileToIndex): Promise<IndexFile> {
    const index = join(scratch, `${randomUUID()}.idx`);
    try {
      const [built] = await copies.hold([file], async ([data = ""]) => {
        const task = { task: "index", files: [{ table: file.table, data, index }], directories: [copyDirectory] };
        return (await runInThread(thread, task)) as readonly BuiltIndex[];
      });
      if (built === undefined) throw new TypeError("the thread built no index");
      const path = indexPath(file.path);
      await files.write(path, createReadStream(index));
      return { ...built, path };
    } finally {
      await rm(index, { force: true });
    }
  }

  return async (toIndex) => {
    await mkdir(scratch, { recursive: true });
    const built: IndexFile[] = [];
    for (const file of toIndex) built.push(await build(file));
    return built;
  };
}

/** Spark takes every file of a table's folder for data, so indexes have a folder of their own. */
function indexPath(path: string): string {
  return path.replace(/^(runs\/[^/]+)\/data\//, "$1/index/").replace(/\.parquet$/, ".idx");
}
