import { contigRank, OTHER_RANK, type Build } from "../domain/contig.js";
import type { VariantKey } from "../domain/variant.js";

/**
 * Index keys that sort as the API does: build, contig (1 to 22, X, Y, MT, others by name), position, REF, ALT.
 * `prefix` ends where the position begins.
 */
const SECTION = {
  variant: 1,
  id: 2,
  call: 3,
  block: 4,
  annotation: 5,
  gene: 6,
  geneName: 7,
  geneDisease: 8,
  patients: 9,
  conditions: 10,
  medications: 11,
  encounters: 12,
  consents: 13,
  observations: 14,
  /** Links by sample. */
  links: 15,
  /** Links by patient. */
  linksOfPatient: 16,
  vitals: 17,
  /** Where a reading lies, by its id. */
  vitalIds: 18,
  vitalCorrections: 19,
  vitalWindows: 20,
  alerts: 21,
  jobs: 22,
} as const;
export type IndexSection = keyof typeof SECTION;

export function sectionStart(section: IndexSection): Buffer {
  return Buffer.from([SECTION[section]]);
}

export function sectionEnd(section: IndexSection): Buffer {
  return Buffer.from([SECTION[section] + 1]);
}

export function placePrefix(section: IndexSection, build: Build, contig: string): Buffer {
  const rank = contigRank(contig);
  const head = Buffer.from([SECTION[section], build === "GRCh37" ? 37 : 38, rank >> 8, rank & 255]);
  return rank < OTHER_RANK ? head : Buffer.concat([head, Buffer.from(`${contig}\0`)]);
}

export function positionBytes(pos: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(pos);
  return bytes;
}

/** All call sets of one allele share this beginning. */
export function alleleKey(section: IndexSection, key: VariantKey): Buffer {
  return Buffer.concat([
    placePrefix(section, key.build, key.contig),
    positionBytes(key.pos),
    Buffer.from(`${key.ref}\0${key.alt}\0`),
  ]);
}

export function callSetAlleleKey(section: IndexSection, key: VariantKey, callSetId: string): Buffer {
  return Buffer.concat([alleleKey(section, key), Buffer.from(callSetId)]);
}

/** Keys of everything named `name`, such as an rsID. */
export function idPrefix(name: string): Buffer {
  return namePrefix("id", name);
}

/** Keys of what has a name, in any case, in a section of names. */
export function namePrefix(section: IndexSection, name: string): Buffer {
  return Buffer.concat([Buffer.from([SECTION[section]]), Buffer.from(`${name.toLowerCase()}\0`)]);
}

/** Keys of everything that belongs to `owner`, such as a patient; as it is written. */
export function ownerPrefix(section: IndexSection, owner: string): Buffer {
  return Buffer.concat([Buffer.from([SECTION[section]]), Buffer.from(`${owner}\0`)]);
}

/** The key of the one thing of this name in a section of things that are nobody's. */
export function namedKey(section: IndexSection, name: string): Buffer {
  return Buffer.concat([Buffer.from([SECTION[section]]), Buffer.from(name)]);
}

/** A whole number of up to 2^53, of either sign, such as milliseconds since the epoch: sorts as numbers do. */
export function timeBytes(time: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(time) + (1n << 63n));
  return bytes;
}

/** The smallest key greater than every key that begins with `prefix`. */
export function afterPrefix(prefix: Uint8Array): Buffer {
  const end = Buffer.from(prefix);
  for (let index = end.length - 1; index >= 0; index -= 1) {
    const byte = end[index] ?? 0;
    if (byte < 255) {
      end[index] = byte + 1;
      return end.subarray(0, index + 1);
    }
  }
  return Buffer.alloc(0);
}
