import { createReadStream } from "node:fs";
import { collect } from "../ingest/sources/vcf/collect.js";

/** What ingest makes of a file. */
export async function readVcfFile(path: string): Promise<{ readonly records: number; readonly rejections: number }> {
  const { records, rejections } = await collect(createReadStream(path));
  return { records: records.length, rejections: rejections.length };
}
