import type { Files } from "../../index.js";
import type { DataFile } from "../../../lake/catalog.js";
import { VitalomeError } from "../../../errors.js";

/**
 * The files of one table as one path for Spark: a folder where the snapshot holds everything in it, else the files by name.
 * Spark lists a folder at once and looks at named files one by one.
 */
export async function tablePath(store: string, files: Files, held: readonly DataFile[]): Promise<string> {
  const byFolder = new Map<string, string[]>();
  for (const { path } of held) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), path]);
  }
  const parts: string[] = [];
  for (const [folder, paths] of byFolder) parts.push(...((await isWhole(files, folder, paths)) ? [folder] : paths));
  // These signs mean something in a path of Hadoop's, or end the literal it stands in.
  const odd = parts.find((part) => !/^[A-Za-z0-9._=/+@-]+$/.test(part));
  if (odd !== undefined) throw new VitalomeError("STORAGE_CORRUPT", "a data file has a name that Spark cannot read");
  return parts.length === 1 ? `${store}/${parts[0] ?? ""}` : `${store}/{${parts.join(",")}}`;
}

async function isWhole(files: Files, folder: string, paths: readonly string[]): Promise<boolean> {
  const wanted = new Set(paths);
  let found = 0;
  for await (const { path } of files.list(folder)) {
    if (!wanted.has(path)) return false;
    found += 1;
  }
  return found === wanted.size;
}
