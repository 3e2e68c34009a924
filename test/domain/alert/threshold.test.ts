import { describe, expect, it } from "@jest/globals";
import { buildPatient, buildRule, SECOND, stepTexts } from "./build.js";

const SAMPLES = [93, 89, 91, 89, 89, 89, 89, 91, 92, 92, 93, 89, 92, 92, 92, 92, 92, 92, 92];

describe("a limit with hysteresis and delays", () => {
  it("raises once for the samples of the known answer: onset 15 s, raised 30 s, resolved 90 s", () => {
    const patient = buildPatient({ rules: [buildRule()] });
    SAMPLES.forEach((value, index) => {
      patient.read({ effectiveTime: index * 5 * SECOND, value: String(value) });
    });
    expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 30", "CLEARED OFF 90"]);
    const [raised, cleared] = patient.steps().map(({ alert }) => alert);
    expect(raised).toMatchObject({ onset: 15 * SECOND, raisedAt: 30 * SECOND, threshold: "< 90 %", version: 1 });
    expect(cleared).toMatchObject({ id: raised?.id, version: 2, conditionPresent: false, abatement: 60 * SECOND });
  });
});
