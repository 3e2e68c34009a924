import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClusterFiles } from "../../src/backend/cluster/files.js";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import type { Files } from "../../src/backend/index.js";
import { systemClock } from "../../src/clock.js";
import type { Stack } from "../../src/stack/index.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { clusterEnvironment, stackForTests } from "../helpers/stack.js";

/** One service of each profile, empty at first. What is done is done to both. */
export interface Profile {
  readonly name: "embedded" | "cluster";
  readonly service: Service;
  /** Its store. */
  readonly files: Files;
}

export interface Profiles {
  readonly all: readonly [Profile, Profile];
  readonly stack: Stack;
  close(): Promise<void>;
}

/** A clock that repeats an hour, for what must not depend on it. */
const ZONE = { TZ: "America/New_York" };

export async function startProfiles(): Promise<Profiles> {
  const stack = await stackForTests();
  const corner = `parity-${randomBytes(4).toString("hex")}`;
  const clusterFolder = await mkdtemp(join(tmpdir(), "vitalome-parity-"));
  const [embedded, cluster] = await Promise.all([
    startService(undefined, ["--no-demo"], ZONE),
    startService(clusterFolder, ["--no-demo"], { ...ZONE, ...clusterEnvironment(stack, corner) }),
  ]);
  const clusterFiles = createClusterFiles({
    webhdfs: stack.webhdfs,
    root: `/${corner}`,
    user: stack.user,
    clock: systemClock,
  });
  return {
    stack,
    all: [
      { name: "embedded", service: embedded, files: await createEmbeddedFiles({ root: embedded.directory }) },
      { name: "cluster", service: cluster, files: clusterFiles },
    ],
    async close() {
      for (const service of [embedded, cluster]) {
        await service.stop();
        await removeFolder(service.directory);
      }
      for (const folder of ["raw", "runs", "quarantine", "snapshots", "exports"]) await clusterFiles.remove(folder);
    },
  };
}

/** A whole stored file; null when there is none. */
export async function readStored(files: Files, path: string): Promise<Buffer | null> {
  if ((await files.stat(path)) === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.read(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The two answers, embedded first. */
export async function onBoth<T>({ all }: Profiles, work: (profile: Profile) => Promise<T>): Promise<readonly [T, T]> {
  const [embedded, cluster] = all;
  return [await work(embedded), await work(cluster)];
}
