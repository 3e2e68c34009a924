import type { PatientCriterion, WantedCode } from "../domain/patient-filter.js";
import type { CodingInput, CohortCriterion, DateRangeInput } from "../schema/patient-filter.js";
import { invalid, list, predicateOf, rangeOf } from "./variant-predicate.js";

const GENDERS = ["male", "female", "other", "unknown"];
const CRITERIA_LIMIT = 20;

/** The questions a filter asks; all of them hold. Every fault names its field. */
export function criteriaOf(filter: readonly CohortCriterion[], field = "filter"): readonly PatientCriterion[] {
  if (filter.length > CRITERIA_LIMIT) throw invalid(field, `at most ${String(CRITERIA_LIMIT)} criteria`);
  return filter.map((criterion, at) => criterionOf(criterion, `${field}.${String(at)}`));
}

function criterionOf(input: CohortCriterion, field: string): PatientCriterion {
  const { condition, medication, variant, observation, ageYears, gender, sampleIds, not } = input;
  for (const one of gender ?? []) {
    if (!GENDERS.includes(one)) throw invalid(`${field}.gender`, GENDERS.join(", "));
  }
  return {
    condition: condition == null ? null : codeOf(condition, `${field}.condition`),
    medication: medication == null ? null : codeOf(medication, `${field}.medication`),
    variant: variant == null ? null : predicateOf(variant, `${field}.variant`),
    observation:
      observation == null
        ? null
        : {
            code: codeOf(observation.code, `${field}.observation.code`),
            value: observation.value == null ? null : rangeOf(observation.value, `${field}.observation.value`),
            ...daysOf(observation.effective ?? null, `${field}.observation.effective`),
          },
    ageYears: ageYears == null ? null : rangeOf(ageYears, `${field}.ageYears`),
    genders: gender == null ? null : list(gender, `${field}.gender`),
    sampleIds: sampleIds == null ? null : list(sampleIds, `${field}.sampleIds`),
    isNegated: not === true,
  };
}

export function codeOf({ system = null, code }: CodingInput, field: string): WantedCode {
  for (const [name, value] of Object.entries({ system, code })) {
    if (value !== null && (value === "" || value.length > 500 || /[\n|]/.test(value)))
      throw invalid(`${field}.${name}`, "1 to 500 characters without | and line breaks");
  }
  return { system, code };
}

export function daysOf(
  range: DateRangeInput | null,
  field: string,
): { readonly from: string | null; readonly to: string | null } {
  const { from = null, to = null } = range ?? {};
  for (const [name, value] of Object.entries({ from, to })) {
    if (value !== null && !/^\d{4}-\d\d-\d\d$/.test(value)) throw invalid(`${field}.${name}`, "a day, YYYY-MM-DD");
  }
  if (from !== null && to !== null && from > to) throw invalid(`${field}.to`, "the first day or one after it");
  return { from, to };
}
