import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "@jest/globals";
import { readVcf, type RecordGenotypes, type VcfSummary } from "../../../../src/ingest/sources/vcf/index.js";
import { itShared, requireShared } from "../../../helpers/shared.js";

/** Records of real files that break a rule, by file: everything else must be accepted. */
const BROKEN: Readonly<Record<string, readonly (readonly [line: number, field: string])[]>> = {
  // AD is defined with Number=R and written with a value of an allele that was dropped.
  "genomes/sex-mito/test-haploidX.vcf.gz": [
    [53, "37150"],
    [142, "37165"],
    [337, "38008"],
    [392, "37150"],
    [428, "37150"],
    [436, "37165"],
    [509, "37150"],
    [525, "37150"],
    [567, "37165"],
  ].map(([line, sample]) => [line as number, `FORMAT/AD of ${String(sample)}`] as const),
  // DR is defined with Number=1 and written with two values.
  "genomes/sv/vcfanno_gff_sv_sample.vcf": [[3411, "FORMAT/DR of 02AD4429.final.survivor.vcf"]],
};

/** Larger files repeat what smaller ones of their kind hold, and take the plain scanner seconds each. */
const PLAIN_BYTES = 400_000;

function realFiles(): readonly string[] {
  return ["genomes", "annotations"].flatMap((folder) =>
    readdirSync(requireShared(folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.vcf(?:\.gz|\.bgz)?$/.test(name))
      .map((name) => join(folder, name)),
  );
}

interface Digest {
  readonly summary: VcfSummary;
  readonly hash: string;
  readonly rejected: readonly (readonly [number, string])[];
}

function bytesOf(array: Int32Array | Uint32Array | Uint16Array | undefined, count: number): Uint8Array {
  return array === undefined
    ? new Uint8Array(0)
    : new Uint8Array(array.buffer, array.byteOffset, count * array.BYTES_PER_ELEMENT);
}

/** Everything the reader says of a file, hashed. */
async function digestOf(file: string, scanner: "plain" | "words"): Promise<Digest> {
  const hash = createHash("sha1");
  const rejected: (readonly [number, string])[] = [];
  const addGenotypes = ({
    texts,
    base,
    count,
    sample,
    code,
    dp,
    gq,
    minDp,
    ad,
    ps,
    filters,
  }: RecordGenotypes): void => {
    hash.update(`${String(texts.length)} ${String(base)} ${String(count)}`);
    hash.update(bytesOf(sample, count)).update(bytesOf(code, count));
    for (const values of [dp, gq, minDp]) hash.update(bytesOf(values ?? undefined, count));
    if (ad !== null) hash.update(bytesOf(ad.values, count * ad.alleles));
    hash.update(JSON.stringify([ps?.slice(0, count), filters?.slice(0, count)]));
  };
  const summary = await readVcf(
    createReadStream(requireShared(file), { highWaterMark: 1 << 18 }),
    {
      header: (header) =>
        void hash.update(JSON.stringify({ ...header, infos: [...header.infos], formats: [...header.formats] })),
      record({ genotypes, ...fixed }) {
        hash.update(JSON.stringify(fixed));
        addGenotypes(genotypes);
      },
      reject(rejection) {
        hash.update(JSON.stringify(rejection));
        rejected.push([rejection.line, rejection.field]);
      },
      flush: async () => {},
    },
    { scanner },
  );
  return { summary, hash: hash.digest("hex"), rejected };
}

describe("the public data set", () => {
  itShared(
    "is accepted record by record, the same by both scanners, but for records that are broken",
    async () => {
      const files = realFiles();
      expect(files.length).toBeGreaterThan(130);
      for (const file of files) {
        const words = await digestOf(file, "words");
        expect([file, words.rejected]).toEqual([file, BROKEN[file] ?? []]);
        expect([file, words.summary.recordsRead]).toEqual([file, words.summary.accepted + words.summary.rejected]);
        if (statSync(requireShared(file)).size > PLAIN_BYTES) continue;
        expect([file, await digestOf(file, "plain")]).toEqual([file, words]);
      }
    },
    180_000,
  );
});
