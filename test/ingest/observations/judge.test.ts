import { describe, expect, it } from "@jest/globals";
import { observationRejectedSchema, vitalAcceptedSchema } from "../../../src/domain/events/observation.js";
import { START, buildRecord, iso, openWard, rulesOf } from "./build.js";

describe("judging a record", () => {
  it("accepts a reading whole, with everything its event needs", () => {
    const reading = openWard().accept(buildRecord({ deviceId: "m1", session: "s1", sequence: 1 }));
    expect(vitalAcceptedSchema.parse(reading)).toEqual(reading);
    expect(reading).toMatchObject({
      ...{ patientId: "p1", code: "8867-4", originalCode: null, value: "72", unit: "/min", originalValue: "72" },
      ...{ effectiveTime: START, originalTime: iso(START), receivedAt: START + 1000, late: false },
      ...{ watermark: START - 120_000, flags: [], clockOffsetMs: null, status: "final", simulated: false },
    });
  });

  it("says of a refused record what is wrong with it, and keeps it whole", () => {
    const record = buildRecord({ unit: "furlong" });
    const [verdict] = openWard().take(record);
    if (verdict?.kind !== "rejected") throw new Error("not rejected");
    expect(observationRejectedSchema.parse(verdict.rejection)).toEqual(verdict.rejection);
    expect(verdict.rejection).toMatchObject({ rule: "UNKNOWN_UNIT", field: "unit", found: '"furlong"' });
    expect(verdict.rejection.expected).toContain("/min");
    expect(JSON.parse(verdict.rejection.raw)).toEqual(record);
  });

  it("takes the same record once", () => {
    const ward = openWard();
    const record = buildRecord({ deviceId: "m1", session: "s1", sequence: 1 });
    expect(rulesOf([...ward.take(record), ...ward.take(record)])).toEqual(["accepted", "duplicate"]);
  });
});
