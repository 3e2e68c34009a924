import { VitalomeError } from "../errors.js";
import { plainUrl } from "./http.js";
import { openRemote, readAll, type RemoteTools } from "./remote-file.js";

/** What a source publishes: hex digests by file name. */
export interface Checksums {
  readonly algorithm: string;
  /** The digest of a file of that name, lower case; null where the source lists none. */
  of(name: string): string | null;
  /** The only digest, whatever name stands beside it; null where there are several. */
  readonly only: string | null;
}

export interface ChecksumPlace {
  readonly algorithm: string;
  readonly url: string;
}

const LIMIT = 4 << 20;
const DIGITS: Readonly<Record<string, number>> = { md5: 32, sha256: 64 };

export async function fetchChecksums(tools: RemoteTools, { algorithm, url }: ChecksumPlace): Promise<Checksums> {
  const text = await readAll(openRemote(tools, url, { wholeLimit: null }), LIMIT);
  const checksums = parseChecksums(text.toString("utf8"), algorithm);
  if (checksums !== null) return checksums;
  throw new VitalomeError("INGEST_REJECTED", `${plainUrl(url)}: expected ${algorithm} digests and file names`, {
    details: { field: "checksum", expected: `${algorithm} digests` },
  });
}

/** Lines `<hex> <name>`, `<name> <hex>` or a digest alone; names count without their folders. Null where none is found. */
export function parseChecksums(text: string, algorithm: string): Checksums | null {
  const digest = new RegExp(`^[0-9a-f]{${String(DIGITS[algorithm] ?? 64)}}$`, "i");
  const byName = new Map<string, string>();
  for (const line of text.split("\n")) {
    const words = line.split(/\s+/).filter((word) => word !== "");
    const hex = words.find((word) => digest.test(word));
    if (hex === undefined) continue;
    const name = words.find((word) => word !== hex && word !== "=" && !/^md5$|^sha256$/i.test(word)) ?? "";
    byName.set(nameOf(name.replace(/^[*(]/, "").replace(/\)$/, "")), hex.toLowerCase());
  }
  if (byName.size === 0) return null;
  return {
    algorithm,
    of: (name) => byName.get(name) ?? null,
    only: byName.size === 1 ? ([...byName.values()][0] ?? null) : null,
  };
}

/** INGEST_REJECTED where bytes are not what their source says they are. */
export function checkDigest(url: string, algorithm: string, expected: string, found: string): void {
  if (expected === found) return;
  throw new VitalomeError(
    "INGEST_REJECTED",
    `${plainUrl(url)}: ${algorithm} is ${found}, the source publishes ${expected}: damaged on the way, or just being replaced; run again`,
    { details: { field: "checksum", expected } },
  );
}

/** The last part of a path or address. */
export function nameOf(path: string): string {
  return plainUrl(path).split("/").at(-1) ?? "";
}
