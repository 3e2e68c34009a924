import { spawn } from "node:child_process";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = resolve(import.meta.dirname, "../..");
const DIST = join(ROOT, "dist");
const STAMP = join(DIST, ".built");
const LOCK = join(ROOT, "node_modules", ".cache", "built.lock");
const LOCK_STALE_MS = 180_000;

/**
 * The folder of the compiled product, for tests that start processes of their own. Compiles when a source is newer
 * than the last compilation; any number of test files may ask at once and one of them does the work.
 */
export async function ensureBuilt(): Promise<string> {
  while (await isStale()) {
    if (await lock()) {
      try {
        if (await isStale()) await compile();
      } finally {
        await rm(LOCK, { recursive: true, force: true });
      }
    } else {
      await sleep(200);
    }
  }
  return DIST;
}

async function isStale(): Promise<boolean> {
  const built = await modifiedAt(STAMP);
  if (built === null) return true;
  for (const name of await readdir(join(ROOT, "src"), { recursive: true })) {
    if (name.endsWith(".ts") && ((await modifiedAt(join(ROOT, "src", name))) ?? 0) > built) return true;
  }
  return false;
}

async function lock(): Promise<boolean> {
  await mkdir(join(LOCK, ".."), { recursive: true });
  try {
    await mkdir(LOCK);
    return true;
  } catch {
    const since = await modifiedAt(LOCK);
    if (since !== null && Date.now() - since > LOCK_STALE_MS) await rm(LOCK, { recursive: true, force: true });
    return false;
  }
}

/** Type errors are the type check's to report; here only a compilation without any output fails. */
async function compile(): Promise<void> {
  const startedAt = new Date();
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const options = ["--incremental", "--tsBuildInfoFile", join(DIST, ".tsbuildinfo"), "--noEmitOnError", "false"];
  const output = await new Promise<string>((done, fail) => {
    const child = spawn(process.execPath, [compiler, "-p", join(ROOT, "tsconfig.build.json"), ...options], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.on("error", fail);
    child.on("close", () => {
      done(text);
    });
  });
  if ((await modifiedAt(join(DIST, "errors.js"))) === null) throw new Error(`nothing was compiled:\n${output}`);
  await writeFile(STAMP, startedAt.toISOString());
  // A source changed while the compiler ran is newer than what was compiled.
  await utimes(STAMP, startedAt, startedAt);
}

async function modifiedAt(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
