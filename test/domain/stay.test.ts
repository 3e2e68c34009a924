import { describe, expect, it } from "@jest/globals";
import { endOfStay, type PatientStay } from "../../src/domain/stay.js";

const stay = (overrides: Partial<PatientStay> = {}): PatientStay => ({
  ...{ state: "IN", visit: "V1", location: "W7 1 3", since: 1_000 },
  ...overrides,
});

describe("a stay", () => {
  it.each([
    ["that begins ends nothing", null, stay(), null],
    ["that goes on elsewhere is a transfer", stay(), stay({ location: "ICU 2", since: 2_000 }), "TRANSFERRED"],
    ["whose place is only written otherwise goes on", stay(), stay({ location: "W7-1-3" }), null],
    ["whose place becomes known goes on", stay({ location: null }), stay({ since: 2_000 }), null],
    ["that is over is a discharge", stay(), stay({ state: "OUT", since: 2_000 }), "DISCHARGED"],
    ["of somebody nobody knew to be there may end too", null, stay({ state: "OUT" }), "DISCHARGED"],
    ["that was over cannot end again", stay({ state: "OUT" }), stay({ state: "OUT", since: 2_000 }), null],
    ["that is taken back ends nothing", stay(), null, null],
  ] as const)("%s", (_name, before, after, reason) => {
    expect(endOfStay(before, after)).toBe(reason);
  });
});
