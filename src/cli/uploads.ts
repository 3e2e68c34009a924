import { stat } from "node:fs/promises";
import type { Client } from "./client.js";
import { sizeText } from "./ingest-report.js";
import { EXIT, failure } from "./output.js";

/** Bytes of files that have to be there: asked before anything is sent. */
export async function totalSize(paths: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() !== true) throw failure(EXIT.usage, `${path}: there is no such file`);
    total += found.size;
  }
  return total;
}

/** Sends one file after the other, and answers the id of each; progress counts over all of them. */
export function createUploader(
  client: Client,
  total: number,
  show: (text: string) => void,
): (path: string) => Promise<string> {
  let sent = 0;
  return async (path) => {
    const { id } = await client.upload(path, (bytes) => {
      sent += bytes;
      show(`uploading ${sizeText(sent)} of ${sizeText(total)}`);
    });
    return id;
  };
}
