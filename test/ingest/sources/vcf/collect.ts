import {
  readVcf,
  type ReadVcfOptions,
  type RecordGenotypes,
  type Rejection,
  type VcfHeader,
  type VcfRecord,
  type VcfSummary,
} from "../../../../src/ingest/sources/vcf/index.js";

/** What is known of one sample; fields the record does not keep are left out. */
export interface SampleFacts {
  readonly gt: string;
  readonly dp?: number;
  readonly gq?: number;
  readonly minDp?: number;
  readonly ad?: readonly number[];
  readonly ps?: string | null;
  readonly ft?: string | null;
}

export interface CollectedRecord extends Omit<VcfRecord, "genotypes"> {
  readonly base: string | null;
  /** Listed samples by column. */
  readonly listed: Readonly<Record<number, SampleFacts>>;
}

export interface Collected {
  readonly header: VcfHeader;
  readonly records: readonly CollectedRecord[];
  readonly rejections: readonly Rejection[];
  readonly summary: VcfSummary;
}

/** Copies out of the reused buffers. */
export function listedSamples(genotypes: RecordGenotypes): Record<number, SampleFacts> {
  const { texts, count, sample, code, dp, gq, minDp, ad, ps, filters } = genotypes;
  const listed: Record<number, SampleFacts> = {};
  for (let index = 0; index < count; index += 1) {
    listed[sample[index]!] = {
      gt: texts[code[index]!]!.text,
      ...(dp === null ? {} : { dp: dp[index]! }),
      ...(gq === null ? {} : { gq: gq[index]! }),
      ...(minDp === null ? {} : { minDp: minDp[index]! }),
      ...(ad === null ? {} : { ad: [...ad.values.subarray(index * ad.alleles, (index + 1) * ad.alleles)] }),
      ...(ps === null ? {} : { ps: ps[index]! }),
      ...(filters === null ? {} : { ft: filters[index]! }),
    };
  }
  return listed;
}

/** Bytes in chunks of a given size. */
export async function* chunksOf(bytes: Uint8Array | string, size = 1 << 16): AsyncGenerator<Uint8Array> {
  const all = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

export async function collect(
  source: string | Uint8Array | AsyncIterable<Uint8Array>,
  options?: ReadVcfOptions,
): Promise<Collected> {
  let header: VcfHeader | null = null;
  const records: CollectedRecord[] = [];
  const rejections: Rejection[] = [];
  const chunks = typeof source === "string" || source instanceof Uint8Array ? chunksOf(source) : source;
  const summary = await readVcf(
    chunks,
    {
      header(found) {
        header = found;
      },
      record({ genotypes, ...fixed }) {
        records.push({
          ...fixed,
          base: genotypes.texts[genotypes.base]?.text ?? null,
          listed: listedSamples(genotypes),
        });
      },
      reject(rejection) {
        rejections.push(rejection);
      },
      async flush() {},
    },
    options,
  );
  if (header === null) throw new Error("a file that was read has a header");
  return { header, records, rejections, summary };
}

/** A file of one header and the given records; spaces in a record stand for tabs unless it has tabs. */
export function vcf(
  records: readonly string[],
  { version = "4.3", meta = [] as readonly string[], samples = 0 } = {},
): string {
  const names = Array.from({ length: samples }, (_, index) => `S${String(index)}`);
  const columns = [
    "#CHROM",
    "POS",
    "ID",
    "REF",
    "ALT",
    "QUAL",
    "FILTER",
    "INFO",
    ...(samples > 0 ? ["FORMAT", ...names] : []),
  ];
  const lines = records.map((record) => (record.includes("\t") ? record : record.replaceAll(" ", "\t")));
  return [`##fileformat=VCFv${version}`, ...meta, columns.join("\t"), ...lines, ""].join("\n");
}
