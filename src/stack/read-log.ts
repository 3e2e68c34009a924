import { open } from "node:fs/promises";
import { openFolder } from "./folder.js";
import { isThere } from "./is-there.js";
import type { PartName } from "./parts.js";

const TAIL_BYTES = 64 * 1024;

/** The end of what a part wrote, whole lines; null when it wrote nothing yet. */
export async function readLog(path: string, part: PartName): Promise<string | null> {
  if (!(await isThere(path))) return null;
  const file = await open((await openFolder(path)).log(part)).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.toString("utf8", 0, bytesRead);
    return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    await file.close();
  }
}
