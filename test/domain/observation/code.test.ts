import { describe, expect, it } from "@jest/globals";
import reference from "../../../reference/observations.json" with { type: "json" };
import { OBSERVATION_CODES, findObservationCode, type MeasuredCode } from "../../../src/domain/observation/code.js";
import { decimal, decimalText, parseDecimal } from "../../../src/domain/observation/decimal.js";
import { plausibilityOf } from "../../../src/domain/observation/plausibility.js";
import { fromCanonical, toCanonical, ucumOf } from "../../../src/domain/observation/unit.js";

/** LOINC's check digit: its digits from the right, every other one doubled as one number. */
function checkDigit(code: string): number {
  const digits = [...code.slice(0, code.indexOf("-"))].reverse();
  const odd = digits.filter((_, index) => index % 2 === 0).reverse();
  const even = digits.filter((_, index) => index % 2 === 1).reverse();
  const sum = [...(even.join("") + String(Number(odd.join("")) * 2))].reduce((all, digit) => all + Number(digit), 0);
  return (10 - (sum % 10)) % 10;
}

function measured(code: string): MeasuredCode {
  const found = findObservationCode(code);
  if (found?.kind !== "measured") throw new Error(code);
  return found;
}

function converted(code: string, value: string, unit: string): string | null {
  const own = measured(code);
  const canonical = toCanonical(own, decimal(value), unit);
  return canonical === null ? null : decimalText(canonical, own.decimals);
}

describe("the table of codes", () => {
  it("has right check digits, but for the one alias that says it has none", () => {
    const aliases = reference.codes.flatMap(({ aliases = [] }: { aliases?: string[] }) => aliases);
    const all = [...OBSERVATION_CODES.map(({ code }) => code), ...aliases, ...Object.keys(reference.panels)];
    expect(all.filter((code) => !code.endsWith(`-${String(checkDigit(code))}`))).toEqual(["3150-6"]);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    ["59408-5", "2708-6"],
    ["2708-6", "2708-6"],
    ["32693-4", "2524-7"],
    ["3150-6", "3150-0"],
  ])("finds %s under %s", (code, canonical) => {
    expect(findObservationCode(code)?.code).toBe(canonical);
  });

  it.each(["", "88330-6", "8867", "toString", "__proto__"])("does not know %j", (code) => {
    expect(findObservationCode(code)).toBeNull();
  });

  it("reads each canonical unit as itself, and has every spelling lead to a unit it can convert", () => {
    for (const code of OBSERVATION_CODES) {
      if (code.kind === "coded") continue;
      expect([code.code, converted(code.code, "1.5", code.unit)]).toEqual([
        code.code,
        decimalText(decimal("1.5"), code.decimals),
      ]);
      for (const [spelling, unit] of code.spellings) {
        expect([code.code, spelling, code.conversions.has(unit)]).toEqual([code.code, spelling, true]);
        expect(ucumOf(code, spelling)).toBe(unit);
      }
    }
  });

  it("knows the five answers of ACVPU by letter, word and LOINC answer code", () => {
    const acvpu = findObservationCode("67775-7");
    if (acvpu?.kind !== "coded") throw new Error("not coded");
    expect(acvpu.answers).toEqual(["A", "C", "V", "P", "U"]);
    expect(
      ["A", "CONFUSION", "http://loinc.org|LA17108-4", "PAIN", "http://snomed.info/sct|422768004"].map((name) =>
        acvpu.answerOf.get(name),
      ),
    ).toEqual(["A", "C", "V", "P", "U"]);
  });
});

describe("conversion of units", () => {
  it.each([
    ["8310-5", "98.6", "[degF]", "37"],
    ["8310-5", "100.4", "°F", "38"],
    ["8310-5", "310.15", "K", "37"],
    ["8480-6", "16", "kPa", "120.01"],
    ["8480-6", "120", "mmHg", "120"],
    ["2345-7", "5.55", "mmol/L", "99.9888"],
    ["2160-0", "88.4", "umol/L", "1"],
    ["2160-0", "88.4", "µmol/L", "1"],
    ["2708-6", "0.97", "1", "97"],
    ["777-3", "221", "giga.l-1", "221"],
    ["6690-2", "4300", "/uL", "4.3"],
    ["718-7", "140", "g/L", "14"],
    ["2823-3", "4.1", "mEq/L", "4.1"],
    ["1742-6", "0.5", "ukat/L", "30"],
    ["29463-7", "180", "lb", "81.6466"],
    ["8302-2", "70", "in", "177.8"],
    ["8867-4", "1.2", "Hz", "72"],
    ["3151-8", "2", "lpm", "2"],
    ["6301-6", "1.1", "1", "1.1"],
  ])("%s: %s %s is %s", (code, value, unit, expected) => {
    expect(converted(code, value, unit)).toBe(expected);
  });

  it.each([
    ["2345-7", "100", "mmol/L", "5.55"],
    ["2160-0", "1", "umol/L", "88.4"],
    ["8310-5", "37", "[degF]", "98.6"],
  ])("%s: %s in the canonical unit is, in %s, %s", (code, value, unit, expected) => {
    expect(decimalText(fromCanonical(measured(code), decimal(value), unit)!, 2)).toBe(expected);
  });

  it.each([
    ["8867-4", "furlong"],
    ["8867-4", ""],
    ["8867-4", "%"],
    ["2524-7", "mg/dL"],
    ["2708-6", "mmHg"],
    ["8310-5", "toString"],
    ["4548-4", "mmol/mol"],
  ])("%s is never assumed to be in %j", (code, unit) => {
    expect(converted(code, "1", unit)).toBeNull();
  });
});

describe("a decimal", () => {
  it.each([
    ["98.60", "98.6"],
    ["-0.0", "0"],
    ["+1.5e2", "150"],
    [".5", "0.5"],
    ["1e-5", "0"],
    ["38.05", "38.05"],
    ["0.00005", "0.0001"],
  ])("%s is written %s", (text, written) => {
    expect(decimalText(parseDecimal(text)!, 4)).toBe(written);
  });

  it.each(["", "NaN", "Infinity", "1e999", "1e31", "0x10", "1,5", "1 000", "1_000", "seventy-two", "9".repeat(41)])(
    "is not read from %j",
    (text) => {
      expect(parseDecimal(text)).toBeNull();
    },
  );
});

describe("plausibility", () => {
  it.each([
    ["8867-4", "-1", "IMPOSSIBLE"],
    ["8867-4", "0", "EXTREME"],
    ["8867-4", "19.999", "EXTREME"],
    ["8867-4", "20", "ORDINARY"],
    ["8867-4", "300", "ORDINARY"],
    ["8867-4", "301", "EXTREME"],
    ["9279-1", "4", "EXTREME"],
    ["9279-1", "5", "ORDINARY"],
    ["2708-6", "100.1", "IMPOSSIBLE"],
    ["2708-6", "49", "EXTREME"],
    ["2708-6", "50", "ORDINARY"],
    ["8480-6", "39", "EXTREME"],
    ["8310-5", "29.9", "EXTREME"],
    ["8310-5", "98.6", "IMPOSSIBLE"],
    ["9269-2", "2", "IMPOSSIBLE"],
    ["3150-0", "0.21", "IMPOSSIBLE"],
  ] as const)("%s at %s is %s", (code, value, expected) => {
    expect(plausibilityOf(measured(code), decimal(value))).toBe(expected);
  });
});
