import { describe, expect, it } from "@jest/globals";
import { readHl7, type ResultRecord } from "../../../src/ingest/hl7/index.js";
import { itShared } from "../../helpers/shared.js";
import { buildFacts, openWard, rulesOf, type Ward } from "../observations/build.js";
import { buildMessage, realMessage } from "./build.js";

const RECEIVED = Date.parse("2026-03-01T12:00:00Z");

function recordsOf(text: string): readonly ResultRecord[] {
  return readHl7(text).flatMap((content) => (content.kind === "results" ? content.records : []));
}

function openLaboratory(zone: string | null = null): Ward {
  const source = (id: string) => ({ id, kind: "LABORATORY", staleAfterMs: 86_400_000, zone }) as const;
  return openWard(buildFacts({ source, person: (id) => ({ id, birthDate: null, simulated: false }) }));
}

function outcome(ward: Ward, text: string): readonly string[] {
  return recordsOf(text).flatMap((record) => rulesOf(ward.take(record, { receivedAt: RECEIVED })));
}

const ORDER = "OBR|1|P1^EHR|F9^LAB|24323-8^Panel^LN|||20260301093000+0100";
const result = (fields: string): string => buildMessage("ORU^R01", "PID|1||p1^^^H1^MR", ORDER, `OBX|1|${fields}`);
const potassium = (value: string, status: string): string =>
  result(`NM|2823-3^Potassium^LN||${value}|mmol/L||N|||${status}|||20260301100000+0100`);

describe("a result in HL7", () => {
  it("becomes a record with the segment it came in", () => {
    const [record] = recordsOf(potassium("4.1", "F"));
    expect(record).toEqual({
      ...{ eventId: "F9|LAB|2823-3", patientId: "p1", code: "2823-3", value: "4.1", unit: "mmol/L" },
      ...{ eventTime: "2026-03-01T10:00:00+01:00", status: "final" },
      original: "OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L||N|||F|||20260301100000+0100",
    });
    expect(openLaboratory().accept(record, { receivedAt: RECEIVED })).toMatchObject({
      ...{ eventId: "F9|LAB|2823-3", value: "4.1", effectiveTime: Date.parse("2026-03-01T09:00:00Z"), flags: [] },
    });
  });

  it("happened when its order says, where it does not", () => {
    expect(recordsOf(result("NM|2823-3^Potassium^LN||4.1|mmol/L|||||F"))).toMatchObject([
      { eventTime: "2026-03-01T09:30:00+01:00" },
    ]);
  });

  it("happened when its specimen was taken, where neither says more", () => {
    const segments = [
      "PID|1||p1",
      "OBR|1||F9",
      "OBX|1|NM|2823-3^K^LN||||||||I",
      `SPM|1${"|".repeat(16)}20260301080000+0100`,
    ];
    expect(recordsOf(buildMessage("ORU^R01", ...segments))).toMatchObject([{ eventTime: "2026-03-01T08:00:00+01:00" }]);
  });

  it.each([
    ["NM|8867-4^Heart rate^LN||72|beats/min^^ISO|||||F", { value: "72", unit: "/min" }],
    ["SN|2524-7^Lactate^LN||<^0.5|mmol/L|||||F", { value: "0.5", comparator: "<" }],
    ["ST|2160-0^Creatinine^LN||88.4|umol/L|||||F", { value: "1", unit: "mg/dL" }],
    ["NM|K^Potassium^L^2823-3^Potassium^LN||4.1|mmol/L|||||F", { code: "2823-3", value: "4.1" }],
    ["CWE|67775-7^ACVPU^LN||LA9340-6^Alert^LN||||||F", { codedValue: "A" }],
    ["CE|67775-7^ACVPU^LN||V^Voice^L||||||F", { codedValue: "V" }],
    ['NM|2823-3^Potassium^LN||""|mmol/L|||||X', { value: null, flags: ["NO_VALUE"], quality: ["error"] }],
  ])("%s is read", (fields, expected) => {
    const [record] = recordsOf(result(fields));
    expect(openLaboratory().accept(record, { receivedAt: RECEIVED })).toMatchObject(expected);
  });

  it.each([
    ["an unknown code", "NM|0000-0^What^LN||1|mmol/L|||||F", "UNKNOWN_CODE"],
    ["no code", "TX|||A report||||||F", "FIELD_MISSING"],
    ["an unknown unit", "NM|2823-3^Potassium^LN||4.1|furlong|||||F", "UNKNOWN_UNIT"],
    ["no unit", "NM|2823-3^Potassium^LN||4.1||||||F", "UNKNOWN_UNIT"],
    ["a range", "SN|2823-3^Potassium^LN||^4^-^5|mmol/L|||||F", "VALUE_SYNTAX"],
    ["two values", "NM|2823-3^Potassium^LN||4.1~4.2|mmol/L|||||F", "VALUE_SYNTAX"],
    ["no status", "NM|2823-3^Potassium^LN||4.1|mmol/L", "FIELD_TYPE"],
    ["a status without a value", "NM|2823-3^Potassium^LN||4.1|mmol/L|||||U", "FIELD_TYPE"],
    ["a day for a time", "NM|2823-3^Potassium^LN||4.1|mmol/L|||||F|||20260301", "TIME"],
  ])("with %s is refused where readings are judged, with the segment", (_name, fields, rule) => {
    const [verdict] = openLaboratory().take(recordsOf(result(fields))[0], { receivedAt: RECEIVED });
    if (verdict?.kind !== "rejected") throw new Error("not rejected");
    expect(verdict.rejection.rule).toBe(rule);
    expect((JSON.parse(verdict.rejection.raw) as { original: string }).original).toContain(fields);
  });

  it("without a zone is read in the zone of its source, and refused where that has none", () => {
    const local = result("NM|2823-3^Potassium^LN||4.1|mmol/L|||||F|||20260301100000");
    expect(outcome(openLaboratory(), local)).toEqual(["TIME_ZONE"]);
    const [record] = recordsOf(local);
    const reading = openLaboratory("Europe/Berlin").accept(record, { receivedAt: RECEIVED });
    expect(reading.effectiveTime).toBe(Date.parse("2026-03-01T09:00:00Z"));
  });

  it("is confirmed, corrected and withdrawn under the name of the first", () => {
    const ward = openLaboratory();
    const read = (text: string) => ward.accept(recordsOf(text)[0], { receivedAt: RECEIVED });
    expect(read(potassium("", "I"))).toMatchObject({ eventId: "F9|LAB|2823-3@preliminary", flags: ["NO_VALUE"] });
    expect(read(potassium("4.1", "P"))).toMatchObject({
      ...{ value: "4.1", replaces: "F9|LAB|2823-3@preliminary", status: "corrected", flags: [] },
    });
    expect(read(potassium("4.2", "F"))).toMatchObject({
      ...{ eventId: "F9|LAB|2823-3", replaces: "F9|LAB|2823-3@preliminary", flags: [] },
    });
    expect(read(potassium("4.3", "C"))).toMatchObject({ value: "4.3", replaces: "F9|LAB|2823-3", status: "corrected" });
    expect(read(potassium("4.3", "W"))).toMatchObject({
      value: null,
      replaces: "F9|LAB|2823-3",
      status: "entered-in-error",
    });
    expect(outcome(ward, potassium("4.2", "F"))).toEqual(["duplicate"]);
  });

  it("says that it is made up where its message is for training", () => {
    const [record] = recordsOf(potassium("4.1", "F").replace("|P|2.5", "|T|2.5"));
    expect(record).toMatchObject({ simulated: true });
  });
});

describe("real results in HL7", () => {
  itShared("LAB-ORU-1: what is pending has no value, and odd codes and units go to quarantine", () => {
    const records = recordsOf(realMessage("LAB-ORU-1.hl7"));
    expect(records).toHaveLength(10);
    const pending = records.filter(({ absentReason }) => absentReason !== undefined);
    expect(pending.map(({ code, value }) => [code, value])).toEqual([
      ["11156-7", undefined],
      ["20509-6", undefined],
    ]);
    expect(records.every(({ patientId, simulated }) => patientId === "10006579" && simulated === true)).toBe(true);
    // None of its codes is one of this service: 11125-2 for platelets is the code of their shape.
    expect(new Set(outcome(openLaboratory(), realMessage("LAB-ORU-1.hl7")))).toEqual(new Set(["UNKNOWN_CODE"]));
    const coded = realMessage("LAB-ORU-1.hl7").replace("11125-2", "777-3").replace("11156-7", "6690-2");
    const ward = openLaboratory();
    const verdicts = recordsOf(coded).flatMap((record) => ward.take(record, { key: "10006579", receivedAt: RECEIVED }));
    const accepted = verdicts.flatMap((verdict) => (verdict.kind === "accepted" ? [verdict.reading] : []));
    expect(accepted).toMatchObject([
      { code: "6690-2", value: null, flags: ["NO_VALUE"] },
      { code: "777-3", value: "221", unit: "10*3/uL", originalUnit: "giga.l-1", simulated: true },
    ]);
  });

  itShared("LRI CBC: haemoglobin in g/mL is never assumed to be meant otherwise", () => {
    const ward = openLaboratory();
    const text = realMessage("LRI_2.0-NG_CBC_Typ_Message.hl7");
    const verdicts = recordsOf(text).flatMap((record) => ward.take(record, { key: "PATID1234", receivedAt: RECEIVED }));
    const haemoglobin = verdicts.filter(
      (verdict) => verdict.kind === "rejected" && verdict.rejection.rule === "UNKNOWN_UNIT",
    );
    expect(haemoglobin).toMatchObject([{ rejection: { field: "unit", found: '"g/mL"' } }]);
    expect(verdicts).toHaveLength(28);
  });
});
