import {
  readClinical,
  type ClinicalRecord,
  type ClinicalRejection,
  type KnownPerson,
} from "../../../../src/ingest/sources/clinical/index.js";

export interface Collected {
  readonly records: readonly ClinicalRecord[];
  readonly filtered: readonly string[];
  readonly rejected: readonly ClinicalRejection[];
  readonly recordsRead: number;
}

/** Reads a text in pieces of seven bytes, so that every boundary is met. */
export async function collect(
  text: string | Buffer,
  options: {
    readonly sampleSystems?: readonly string[];
    readonly knownBy?: (subject: string) => readonly KnownPerson[];
  } = {},
): Promise<Collected> {
  const records: ClinicalRecord[] = [];
  const filtered: string[] = [];
  const rejected: ClinicalRejection[] = [];
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 7) yield await Promise.resolve(bytes.subarray(at, at + 7));
  }
  const { recordsRead } = await readClinical(
    pieces,
    {
      record: (record) => records.push(record),
      filter: (rule) => filtered.push(rule),
      reject: (rejection) => rejected.push(rejection),
      flush: async () => Promise.resolve(),
    },
    { sampleSystems: options.sampleSystems ?? [], knownBy: options.knownBy ?? null },
  );
  if (recordsRead !== records.length + filtered.length + rejected.length)
    throw new Error(`${String(recordsRead)} records were read, and not all ended somewhere`);
  return { records, filtered, rejected, recordsRead };
}

export function ndjson(...resources: readonly object[]): string {
  return resources.map((resource) => `${JSON.stringify(resource)}\n`).join("");
}
