import { decompress } from "../vcf/input.js";
import { VCF_LIMITS } from "../vcf/types.js";
import { readFhir } from "./fhir.js";
import { readSubjectTable } from "./subject-table.js";
import type { ClinicalOptions, ClinicalSink } from "./types.js";

export {
  CLINICAL_RULES,
  type ClinicalRecord,
  type ClinicalRejection,
  type ClinicalSink,
  type KnownPerson,
} from "./types.js";

/**
 * Reads records about people: FHIR R4 as NDJSON or a Bundle, or a table with one person a line; the first character
 * tells which. `open` gives the bytes anew each time it is called.
 */
export async function readClinical(
  open: () => AsyncIterable<Uint8Array>,
  sink: ClinicalSink,
  options: ClinicalOptions,
): Promise<{ readonly recordsRead: number }> {
  for await (const text of decompress(open(), VCF_LIMITS)) {
    const begin = text
      .toString("utf8", 0, 4096)
      .replace(/^\uFEFF/, "")
      .trimStart();
    if (begin === "") continue;
    return /^[{[]/.test(begin) ? readFhir(open(), sink, options) : readSubjectTable(open(), sink, options);
  }
  return readFhir(open(), sink, options);
}
