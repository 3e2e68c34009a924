import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import type { Files } from "../../src/backend/index.js";
import type { Clock } from "../../src/clock.js";
import type { DataFile } from "../../src/lake/catalog.js";
import type { SnapshotChange } from "../../src/lake/publish.js";

export const NOON = Date.UTC(2026, 0, 1, 12);

export const fixedClock: Clock = {
  now: () => NOON,
  sleep: async () => Promise.resolve(),
};

export interface Store {
  readonly root: string;
  readonly files: Files;
  dispose(): Promise<void>;
}

export async function createStore(): Promise<Store> {
  const root = await mkdtemp(join(tmpdir(), "vitalome-lake-"));
  return { root, files: await createEmbeddedFiles({ root }), dispose: async () => rm(root, { recursive: true }) };
}

type AddedFile = SnapshotChange["add"][number];

/** Facts of a data file that holds its own path and nothing else. */
export function buildAddedFile(table: string, path: string, overrides: Partial<DataFile> = {}): AddedFile {
  const content = Buffer.from(path);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { table, path, rows: 1, bytes: content.length, sha256, indexes: [], meta: {}, ...overrides };
}

/** A change that adds one file per table named; `store` writes them. */
export async function buildChange(
  files: Files,
  jobId: string,
  tables: readonly string[],
  overrides: Partial<SnapshotChange> = {},
): Promise<SnapshotChange> {
  const add = tables.map((table) => buildAddedFile(table, `runs/${jobId}/data/${table}.parquet`));
  for (const file of add) {
    await files.write(
      file.path,
      (async function* () {
        yield await Promise.resolve(Buffer.from(file.path));
      })(),
    );
  }
  return { jobId, kind: "test", baseSnapshot: 0, add, remove: {}, ...overrides };
}
