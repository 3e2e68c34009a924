import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { VitalomeError } from "../errors.js";
import { checkDigest, fetchChecksums, nameOf, type ChecksumPlace } from "./checksum.js";
import { plainUrl } from "./http.js";
import { writeWhole } from "./output-file.js";
import { openRemote, type RemoteTools } from "./remote-file.js";

export interface WholeRequest {
  readonly url: string;
  readonly path: string;
  readonly force: boolean;
  readonly checksum: ChecksumPlace | null;
  /** Called once the size is known. */
  readonly onSize?: (bytes: number | null) => void;
}

export interface WholeReport {
  readonly path: string;
  readonly url: string;
  readonly etag: string | null;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether a digest the source publishes was held against every byte. */
  readonly isVerified: boolean;
}

/** Copies a file as it is, whole or not at all. INGEST_REJECTED where it does not match the digest its source publishes. */
export async function fetchWhole(tools: RemoteTools, request: WholeRequest): Promise<WholeReport> {
  const { url, path, force } = request;
  return writeWhole(path, force, async (temporary) => {
    const expected = request.checksum === null ? null : await expectedOf(tools, url, request.checksum);
    const data = openRemote(tools, url, { wholeLimit: null });
    const published = expected === null ? null : createHash(expected.algorithm);
    const sha256 = createHash("sha256");
    const file = await open(temporary, "wx");
    let bytes = 0;
    try {
      for await (const piece of data.read(0, null)) {
        if (bytes === 0) request.onSize?.(data.identity()?.size ?? null);
        sha256.update(piece);
        published?.update(piece);
        await file.writeFile(piece);
        bytes += piece.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (published !== null && expected !== null) {
      checkDigest(url, expected.algorithm, expected.digest, published.digest("hex"));
    }
    const etag = data.identity()?.etag ?? null;
    return { path, url: plainUrl(url), etag, bytes, sha256: sha256.digest("hex"), isVerified: expected !== null };
  });
}

async function expectedOf(
  tools: RemoteTools,
  url: string,
  place: ChecksumPlace,
): Promise<{ readonly algorithm: string; readonly digest: string }> {
  const checksums = await fetchChecksums(tools, place);
  // The one digest beside a file is its own, whatever dated name it was made under.
  const digest = checksums.of(nameOf(url)) ?? checksums.only;
  if (digest !== null) return { algorithm: place.algorithm, digest };
  throw new VitalomeError("INGEST_REJECTED", `${plainUrl(place.url)}: lists no digest of ${nameOf(url)}`, {
    details: { field: "checksum" },
  });
}
