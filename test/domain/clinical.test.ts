import { describe, expect, it } from "@jest/globals";
import {
  canonicalSignificance,
  classificationsIn,
  conflictingClassifications,
  goldStarsOf,
  isConflicting,
  significanceGroup,
  significanceToken,
} from "../../src/domain/clinical.js";

describe("the significance of a variant", () => {
  it.each([
    ["Pathogenic/Likely pathogenic", "Pathogenic/Likely_pathogenic", ["Pathogenic", "Likely_pathogenic"]],
    ["Benign, risk factor", "Benign|risk_factor", ["Benign", "risk_factor"]],
    ["Pathogenic; drug response", "Pathogenic|drug_response", ["Pathogenic", "drug_response"]],
    [
      "Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance|other",
      "Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance|other",
      ["Pathogenic", "Likely_pathogenic", "Pathogenic,_low_penetrance", "other"],
    ],
    ["Pathogenic, low penetrance", "Pathogenic,_low_penetrance", ["Pathogenic,_low_penetrance"]],
  ])("%s has one spelling and its parts", (text, canonical, parts) => {
    expect(canonicalSignificance(text)).toBe(canonical);
    expect(classificationsIn(canonical)).toEqual(parts);
    expect(significanceToken(canonical)).toBe(canonicalSignificance(text).toLowerCase());
  });

  it("keeps what conflicting submitters said, without how many", () => {
    expect(conflictingClassifications("Pathogenic(1)|Likely_pathogenic(2)|Uncertain_significance(12)")).toEqual([
      "Pathogenic",
      "Likely_pathogenic",
      "Uncertain_significance",
    ]);
    expect(isConflicting("Conflicting_interpretations_of_pathogenicity")).toBe(true);
    expect(isConflicting("Conflicting_classifications_of_pathogenicity|association|risk_factor")).toBe(true);
    expect(isConflicting("Pathogenic")).toBe(false);
  });

  it.each([
    ["Pathogenic", "P/LP"],
    ["Likely_pathogenic", "P/LP"],
    ["Pathogenic/Likely_pathogenic|drug_response", "P/LP"],
    ["Likely_pathogenic,_low_penetrance", "P/LP"],
    ["Uncertain_significance", "VUS+conflicting"],
    ["Conflicting_classifications_of_pathogenicity", "VUS+conflicting"],
    ["Conflicting_interpretations_of_pathogenicity|risk_factor", "VUS+conflicting"],
    ["Benign/Likely_benign", "B/LB"],
    ["drug_response", "other"],
    ["not_provided", "other"],
  ])("%s is of group %s", (significance, group) => {
    expect(significanceGroup("germline", significance)).toBe(group);
    expect(significanceGroup("oncogenicity", significance)).toBe("other");
  });
});

describe("gold stars", () => {
  it.each([
    ["practice guideline", 4],
    ["reviewed_by_expert_panel", 3],
    ["criteria_provided,_multiple_submitters,_no_conflicts", 2],
    ["criteria provided, single submitter", 1],
    ["criteria_provided,_conflicting_classifications", 1],
    ["criteria provided, conflicting interpretations", 1],
    ["no assertion criteria provided", 0],
    ["no_assertion_provided", 0],
    ["no_classification_provided", 0],
    ["no_classification_for_the_single_variant", 0],
    ["no_classifications_from_unflagged_records", 0],
    ["banana", null],
    [null, null],
  ])("of %s are %s", (status, stars) => {
    expect(goldStarsOf(status)).toBe(stars);
  });
});
