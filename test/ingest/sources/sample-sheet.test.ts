import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import type { SampleFacts } from "../../../src/domain/sample.js";
import { parseSampleSheet } from "../../../src/ingest/sources/sample-sheet.js";
import { createRandom } from "../../helpers/random.js";
import { itShared, requireShared } from "../../helpers/shared.js";

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

  it.each([
    ["male", "male"],
    ["Male", "male"],
    ["M", "male"],
    ["1", "male"],
    ["FEMALE", "female"],
    ["f", "female"],
    ["2", "female"],
    ["unknown", null],
    [".", null],
    ["0", null],
    ["", null],
    [" ", null],
  ])("says of the sex %j: %j", (cell, sex) => {
    expect(parseSampleSheet(`sample\tsex\nA\t${cell}\n`, "sheet").get("A")?.sex).toBe(sex);
  });

  it("may have its columns in any order, others between them, short lines and any line ends", () => {
    const random = createRandom(53);
    for (let round = 0; round < 200; round += 1) {
      const people = Array.from({ length: random.below(20) }, (_, index): SampleFacts => {
        const some = (codes: readonly string[]): readonly string[] => codes.slice(0, random.below(codes.length + 1));
        return {
          sampleId: `S ${String(index)}`,
          sex: random.maybe(random.pick(["female", "male"] as const)),
          populations: some(["GBR", "IBS"]),
          superpopulations: some(["EUR", "AFR"]),
        };
      });
      const columns = [
        { name: "Population code", cell: (one: SampleFacts) => one.populations.join(",") },
        { name: random.pick(["Sample name", "sample", "SampleID"]), cell: (one: SampleFacts) => one.sampleId },
        { name: "Notes", cell: () => "male" },
        { name: random.pick(["Sex", "gender"]), cell: (one: SampleFacts) => one.sex ?? "" },
        { name: " super_pop ", cell: (one: SampleFacts) => one.superpopulations.join(" , ") },
      ].sort(() => random.below(3) - 1);
      const end = random.pick(["\n", "\r\n"]);
      const text = [
        columns.map(({ name }) => name).join("\t"),
        ...people.map((one) =>
          columns
            .map(({ cell }) => cell(one))
            .join("\t")
            .replace(/\t+$/, ""),
        ),
      ].join(end);
      expect([...parseSampleSheet(text, "sheet").values()]).toEqual(people);
    }
  });

  it("keeps the people in the order of its lines, and has none where it has only a header", () => {
    expect([...parseSampleSheet("sample\nB\nA\n", "sheet").keys()]).toEqual(["B", "A"]);
    expect(parseSampleSheet("sample", "sheet").size).toBe(0);
  });

  it("names the line of a fault as an editor counts it, past empty lines", () => {
    expect(() => parseSampleSheet("sample\tgender\n\nA\t1\n\n\nB\tx\n", "sheet.tsv")).toThrow(
      "sample sheet sheet.tsv, line 6, gender: expected male, female, M, F, 1, 2 or empty",
    );
  });

  itShared("the phase 3 panel lists 2,535 people, and its header ends in two tabs", () => {
    const path = requireShared("genomes/samples/integrated_call_samples_v3.20130502.ALL.panel");
    const text = readFileSync(path, "utf8");
    expect(text.split("\n")[0]).toMatch(/gender\t\t\r?$/);
    const facts = parseSampleSheet(text, "panel");
    expect(facts.size).toBe(2_535);
    expect(facts.get("HG00096")).toEqual({
      sampleId: "HG00096",
      sex: "male",
      populations: ["GBR"],
      superpopulations: ["EUR"],
    });
    expect([...facts.values()].every(({ sex, populations }) => sex !== null && populations.length === 1)).toBe(true);
  });

  itShared("that of IGSR has a sex for everybody, and HG01783 of two ancestries (handbook 0, rule 4)", () => {
    const facts = parseSampleSheet(readFileSync(requireShared("genomes/samples/igsr_samples.tsv"), "utf8"), "igsr");
    expect([...facts.values()].filter(({ sex }) => sex === null)).toEqual([]);
    expect(facts.get("HG01783")).toMatchObject({ populations: ["IBS", "MSL"], superpopulations: ["EUR", "AFR"] });
    expect(facts.get("HG02300")).toMatchObject({ sex: "male" });
  });
});
