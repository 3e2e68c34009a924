import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { VitalomeError, isVitalomeError } from "../errors.js";
import { checkDigest, nameOf, type Checksums } from "./checksum.js";
import { plainUrl } from "./http.js";
import { openRemote, readAll, type RemoteTools } from "./remote-file.js";
import { parseTabixIndex, type TabixIndex } from "./tabix-index.js";

export interface LoadedIndex {
  readonly url: string;
  readonly index: TabixIndex;
  /** Whether the source publishes a digest of the index, and it holds. */
  readonly isVerified: boolean;
  readonly isCached: boolean;
}

export interface IndexPlace {
  /** Tried in order; the first that the server has. */
  readonly urls: readonly string[];
  /** Where indexes are kept from run to run, with what tells whether they are still the same. */
  readonly cacheFolder: string;
  readonly checksums: Checksums | null;
}

interface CacheEntry {
  readonly url: string;
  readonly etag: string;
  readonly sha256: string;
}

const INDEX_LIMIT = 128 << 20;
const TEXT_LIMIT = 512 << 20;

/** Asks the server whether a kept index is still the same, and fetches it only where it is not. */
export async function loadIndex(tools: RemoteTools, place: IndexPlace): Promise<LoadedIndex> {
  let missing: unknown;
  for (const url of place.urls) {
    try {
      return await load(tools, url, place);
    } catch (thrown) {
      if (!isVitalomeError(thrown) || thrown.code !== "NOT_FOUND") throw thrown;
      missing ??= thrown;
    }
  }
  throw missing;
}

async function load(tools: RemoteTools, url: string, { cacheFolder, checksums }: IndexPlace): Promise<LoadedIndex> {
  const stem = join(cacheFolder, createHash("sha256").update(url).digest("hex").slice(0, 32));
  const kept = await readKept(tools, url, stem);
  const remote = openRemote(tools, url, { wholeLimit: null });
  const bytes = kept ?? (await readAll(remote, INDEX_LIMIT));
  const expected = checksums?.of(nameOf(url)) ?? null;
  if (checksums !== null && expected !== null) {
    checkDigest(url, checksums.algorithm, expected, createHash(checksums.algorithm).update(bytes).digest("hex"));
  }
  const index = parseTabixIndex(inflate(bytes, url));
  const etag = remote.identity()?.etag ?? null;
  if (kept === null && etag !== null) await keep(stem, { url, etag, sha256: sha256(bytes) }, bytes);
  return { url, index, isVerified: expected !== null, isCached: kept !== null };
}

async function readKept({ http, signal }: RemoteTools, url: string, stem: string): Promise<Buffer | null> {
  try {
    const entry = JSON.parse(await readFile(`${stem}.json`, "utf8")) as CacheEntry;
    const bytes = await readFile(`${stem}.index`);
    if (entry.url !== url || entry.sha256 !== sha256(bytes)) return null;
    const answer = await http.get(url, { "if-none-match": entry.etag }, signal);
    answer.body.destroy();
    return answer.status === 304 ? bytes : null;
  } catch {
    // Nothing kept, or no answer now: the fetch that follows knows how to wait and what to say.
    return null;
  }
}

/** The description goes last, so that it never tells of bytes that are not there. */
async function keep(stem: string, entry: CacheEntry, bytes: Buffer): Promise<void> {
  await mkdir(join(stem, ".."), { recursive: true });
  const temporary = `${stem}.${randomUUID()}.part`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, `${stem}.index`);
    await writeFile(temporary, JSON.stringify(entry));
    await rename(temporary, `${stem}.json`);
  } finally {
    await rm(temporary, { force: true });
  }
}

function inflate(bytes: Buffer, url: string): Buffer {
  try {
    return bytes[0] === 31 && bytes[1] === 139 ? gunzipSync(bytes, { maxOutputLength: TEXT_LIMIT }) : bytes;
  } catch (thrown) {
    throw new VitalomeError("INGEST_REJECTED", `${plainUrl(url)}: the index is damaged: expected whole gzip data`, {
      cause: thrown,
      details: { field: "index" },
    });
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
