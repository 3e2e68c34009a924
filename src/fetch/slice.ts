import { createBgzfWriter } from "../bgzf.js";
import { canonicalContig } from "../domain/contig.js";
import { VitalomeError } from "../errors.js";
import { fetchChecksums, type ChecksumPlace } from "./checksum.js";
import { plainUrl } from "./http.js";
import { loadIndex } from "./index-cache.js";
import { writeWhole } from "./output-file.js";
import { regionText, type Region } from "./region.js";
import { WHOLE_LIMIT, openRemote, type RemoteTools } from "./remote-file.js";
import { readHeader, readRecords } from "./slice-lines.js";

export interface SliceRequest {
  readonly url: string;
  /** Default: the file's address with `.tbi`, else with `.csi`. */
  readonly indexUrl?: string | undefined;
  readonly region: Region;
  readonly path: string;
  readonly force: boolean;
  readonly cacheFolder: string;
  /** A slice is checked block by block; a published digest is held against the index, where it lists one. */
  readonly checksum: ChecksumPlace | null;
}

export interface SliceReport {
  readonly path: string;
  readonly url: string;
  readonly etag: string | null;
  /** With the contig as the source names it; 1-based, both ends inside. */
  readonly region: string;
  readonly records: number;
  readonly indexUrl: string;
  readonly isIndexVerified: boolean;
  readonly isIndexCached: boolean;
}

/**
 * Writes the header and the records that overlap the region as a bgzip VCF, whole or not at all. A region without
 * records is a header alone. CONFLICT where the file changed meanwhile: the data file is pinned before its index is read.
 */
export async function fetchSlice(tools: RemoteTools, request: SliceRequest): Promise<SliceReport> {
  const { url, region, path, force, cacheFolder } = request;
  return writeWhole(path, force, async (temporary) => {
    const data = openRemote(tools, url, { wholeLimit: WHOLE_LIMIT });
    const header = await readHeader(data);
    const checksums = request.checksum === null ? null : await fetchChecksums(tools, request.checksum);
    const urls =
      request.indexUrl === undefined ? [withSuffix(url, ".tbi"), withSuffix(url, ".csi")] : [request.indexUrl];
    const loaded = await loadIndex(tools, { urls, cacheFolder, checksums });
    const contig = contigOf(region.contig, loaded.index.contigs, header, url);
    const etag = data.identity()?.etag ?? null;
    const named = { ...region, contig };
    const writer = createBgzfWriter(temporary);
    let records = 0;
    try {
      const provenance = `##vitalomeFetch=url=${plainUrl(url)};etag=${etag ?? ""};region=${regionText(named)}`;
      await writer.write(Buffer.from(`${[...header.slice(0, -1), provenance, header.at(-1)].join("\n")}\n`));
      // From here on positions are 0-based and half-open.
      const [start, end] = [region.start - 1, region.end];
      const chunks = loaded.index.chunks(contig, start, end);
      for await (const line of readRecords(data, chunks, contig, start, end)) {
        await writer.write(line);
        records += 1;
      }
      await writer.end();
    } catch (thrown) {
      await writer.abandon();
      throw thrown;
    }
    return {
      path,
      url: plainUrl(url),
      etag,
      region: regionText(named),
      records,
      indexUrl: plainUrl(loaded.url),
      isIndexVerified: loaded.isVerified,
      isIndexCached: loaded.isCached,
    };
  });
}

/** The suffix goes on the path, before any query. */
function withSuffix(url: string, suffix: string): string {
  const address = new URL(url);
  address.pathname += suffix;
  return address.href;
}

/** The source's own name of the contig: `10` for `chr10` and the other way round. */
function contigOf(wanted: string, indexed: readonly string[], header: readonly string[], url: string): string {
  const stated = header.flatMap((line) => /^##contig=<(?:.*,)?ID=([^,>]+)/.exec(line)?.[1] ?? []);
  const canonical = canonicalContig(wanted);
  for (const names of [indexed, stated]) {
    const found = names.find((name) => name === wanted) ?? names.find((name) => canonicalContig(name) === canonical);
    if (found !== undefined) return found;
  }
  throw new VitalomeError(
    "NOT_FOUND",
    `${plainUrl(url)}: has no contig ${wanted}; it has ${indexed.slice(0, 30).join(", ")}`,
    {
      details: { field: "region" },
    },
  );
}
