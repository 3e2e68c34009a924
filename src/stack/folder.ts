import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VitalomeError } from "../errors.js";
import type { PartName } from "./parts.js";

/** Where a stack keeps its things. Nothing of it lies outside, but for the downloads that all stacks share. */
export interface StackFolder {
  readonly root: string;
  /** Addresses and process ids, for clients. */
  readonly stackFile: string;
  /** Held by the one command that starts or stops. */
  readonly lock: string;
  log(part: PartName | "install"): string;
  /** Names the process of a part and when it began. */
  processFile(part: PartName): string;
  /** Configuration and data of a server. */
  server(name: "hdfs" | "kafka" | "thrift" | "windows"): string;
}

/** Paths end up in Java class paths, URLs and lists: these characters mean the same in all of them. */
const PLAIN_PATH = /^[\w/.@+-]+$/;

export async function openFolder(path: string): Promise<StackFolder> {
  const root = resolve(path);
  if (!PLAIN_PATH.test(root)) {
    throw new VitalomeError(
      "CONFIG_INVALID",
      "the folder of a stack may have letters, digits and . _ - + @ in its path, no blanks: choose another with --folder",
    );
  }
  for (const name of ["log", "run"]) await mkdir(join(root, name), { recursive: true, mode: 0o700 });
  return {
    root,
    stackFile: join(root, "stack.json"),
    lock: join(root, "lock"),
    log: (part) => join(root, "log", `${part}.log`),
    processFile: (part) => join(root, "run", `${part}.json`),
    server: (name) => join(root, name),
  };
}
