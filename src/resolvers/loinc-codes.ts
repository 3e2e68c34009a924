import { LOINC } from "../domain/person.js";
import type { CodingInput } from "../schema/patient-filter.js";
import { codeOf } from "./patient-criteria.js";
import { invalid, list } from "./variant-predicate.js";

/** LOINC codes of a question about live data, which has no others; null for all. */
export function loincCodesOf(
  codes: readonly CodingInput[] | null | undefined,
  field: string,
): readonly string[] | null {
  if (codes == null) return null;
  if (codes.length === 0) throw invalid(field, "at least one code, or null for all");
  return list(codes, field).map((one, index) => loincCodeOf(one, `${field}.${String(index)}`));
}

/** One LOINC code. */
export function loincCodeOf(input: CodingInput, field: string): string {
  const { system, code } = codeOf(input, field);
  if (system !== null && system !== LOINC) throw invalid(`${field}.system`, `${LOINC}, or nothing`);
  return code;
}
