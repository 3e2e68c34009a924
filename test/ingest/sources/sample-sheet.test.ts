import { describe, expect, it } from "@jest/globals";
import { parseSampleSheet } from "../../../src/ingest/sources/sample-sheet.js";

describe("a sample sheet", () => {
  it("of IGSR gives sex and ancestry, two of them where the cell has two", () => {
    const text =
      "Sample name\tSex\tPopulation code\tSuperpopulation code\nHG00096\tmale\tGBR\tEUR\nHG02300\tfemale\tIBS,MSL\tEUR,AFR\n";
    const facts = parseSampleSheet(text, "igsr.tsv");
    expect(facts.get("HG00096")).toEqual({
      sampleId: "HG00096",
      sex: "male",
      populations: ["GBR"],
      superpopulations: ["EUR"],
    });
    expect(facts.get("HG02300")).toMatchObject({ populations: ["IBS", "MSL"], superpopulations: ["EUR", "AFR"] });
  });

  it("may have PED codes, a byte order mark, Windows line ends and empty lines", () => {
    const facts = parseSampleSheet("\uFEFFsample\tgender\r\nA\t1\r\n\r\nB\t2\r\nC\t0\r\nD\t\r\n", "sheet");
    expect([...facts.values()].map(({ sex }) => sex)).toEqual(["male", "female", null, null]);
  });

  it("with a sample column alone says nothing else", () => {
    expect(parseSampleSheet("SampleID\nA\n", "sheet").get("A")).toEqual({
      sampleId: "A",
      sex: null,
      populations: [],
      superpopulations: [],
    });
  });

  it.each([
    ["no sample column", "name\tsex\nA\tmale\n", 1, "header"],
    ["a sample twice", "sample\tsex\nA\tmale\nA\tmale\n", 3, "sample"],
    ["no sample name", "sample\tsex\n \tmale\n", 2, "sample"],
    ["a sex nobody knows", "sample\tsex\nA\tmale\nB\t#REF!\n", 3, "sex"],
  ])("with %s is refused with line and field", (_name, text, line, field) => {
    let thrown: unknown = null;
    try {
      parseSampleSheet(text, "sheet.tsv");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "INGEST_REJECTED", details: { file: "sheet.tsv", line, field } });
  });
});
