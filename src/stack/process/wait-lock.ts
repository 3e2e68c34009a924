import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Clock } from "../../clock.js";
import { systemCodeOf } from "../../errors.js";
import { identify, isRunning, type ProcessIdentity } from "./identity.js";

const POLL_MS = 100;
let taken = 0;

/**
 * One at a time among all processes of this machine; the others wait. A lock whose holder is gone is taken over.
 * `onWait` is told once that there is somebody to wait for.
 */
export async function withLock<T>(
  path: string,
  clock: Clock,
  work: () => Promise<T>,
  onWait: () => void = () => undefined,
): Promise<T> {
  taken += 1;
  const own = `${path}.${String(process.pid)}.${String(taken)}`;
  await writeFile(own, JSON.stringify(await identify(process.pid)), { mode: 0o600 });
  try {
    for (let isFirst = true; !(await tryLink(own, path)); isFirst = false) {
      if (await isAbandoned(path)) await setAside(path, own);
      else {
        if (isFirst) onWait();
        await clock.sleep(POLL_MS);
      }
    }
    try {
      return await work();
    } finally {
      await rm(path, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** A link to a file that is already whole: a lock is never seen half written. */
async function tryLink(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (thrown) {
    if (systemCodeOf(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return false;
  try {
    return !(await isRunning(JSON.parse(text) as ProcessIdentity));
  } catch {
    return true;
  }
}

/** Of several who found the lock abandoned, one may already have taken it: what was moved is looked at again. */
async function setAside(path: string, own: string): Promise<void> {
  const aside = `${own}.aside`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if (!(await isAbandoned(aside))) await tryLink(aside, path);
  await rm(aside, { force: true });
}
