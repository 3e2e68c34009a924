import { describe, expect, it } from "@jest/globals";
import { SUBJECT_SYSTEM } from "../../../../src/domain/person.js";
import { collect } from "./collect.js";

const table = (header: string, ...rows: readonly string[]): string =>
  [header, ...rows].map((line) => `${line.split("|").join("\t")}\n`).join("");
const HEADER = "Subject id|Sex|Age at recruitment-0.0|Triglycerides-0.0|Income score-0.0|Ever smoked-0.0";

describe("a table of subjects", () => {
  it("gives a person a line, and each cell as an observation without a unit", async () => {
    const { records } = await collect(table(HEADER, "S1|male|41|1.5|-3|Yes", "S2|F||||"));
    expect(records.map(({ line, rows }) => [line, rows.length])).toEqual([
      [2, 5],
      [3, 1],
    ]);
    expect(records[0]?.rows[0]).toMatchObject({ table: "patients", row: { id: "S1", gender: "male" } });
    expect(records[1]?.rows[0]).toMatchObject({ row: { gender: "female", birth_date_absent: "unknown" } });
    const cells = records[0]?.rows.slice(1).map(({ row }) => [row["code"], row["value"], row["value_text"]]);
    expect(cells).toEqual([
      ["Age at recruitment-0.0", 41, null],
      ["Triglycerides-0.0", 1.5, null],
      ["Income score-0.0", -3, null],
      ["Ever smoked-0.0", null, "Yes"],
    ]);
    expect(records[0]?.rows.every(({ row }) => row["unit"] === undefined)).toBe(true);
  });

  it("keeps an Excel error, and a number below 0 where none can be, without a value and with a reason", async () => {
    const { records } = await collect(table(HEADER, "S1|male|#REF!|-0.1797||"));
    expect(records[0]?.rows[0]?.row).toMatchObject({ birth_date: null, birth_date_absent: "error" });
    expect(records[0]?.rows.slice(1).map(({ row }) => row)).toMatchObject([
      { id: "S1.Age at recruitment-0.0", value: null, value_text: "#REF!", data_absent_reason: "error" },
      { id: "S1.Triglycerides-0.0", value: null, value_text: "-0.1797", data_absent_reason: "error" },
    ]);
  });

  it("links a subject to a sample only where the ids are said to be names of samples", async () => {
    const linked = async (header: string, sampleSystems: readonly string[]): Promise<number> => {
      const { records } = await collect(table(`${header}|Sex`, "S1|male"), { sampleSystems });
      return records[0]?.rows.filter(({ table: name }) => name === "links").length ?? 0;
    };
    expect(await linked("Subject id", [])).toBe(0);
    expect(await linked("Subject id", [SUBJECT_SYSTEM])).toBe(1);
    expect(await linked("Sample name", [])).toBe(1);
  });

  it("adds to people who are known, and rejects who is not, who is known twice, and another sex", async () => {
    const known: Readonly<Record<string, readonly { patientId: string; gender: string | null }[]>> = {
      S1: [{ patientId: "p1", gender: "male" }],
      S3: [
        { patientId: "p3", gender: null },
        { patientId: "p4", gender: null },
      ],
      S5: [{ patientId: "p5", gender: null }],
    };
    const { records, rejected } = await collect(
      table(HEADER, "S1|male||1||", "S2|male||1||", "S3|male||1||", "S1|female||1||", "S5|female||1||"),
      { knownBy: (subject) => known[subject] ?? [] },
    );
    expect(records.flatMap(({ rows }) => rows.map(({ table: name, row }) => [name, row["patient_id"]]))).toEqual([
      ["observations", "p1"],
      ["observations", "p5"],
    ]);
    expect(rejected.map(({ line, field, rule, raw }) => [line, field, rule, raw.split("\t")[0]])).toEqual([
      [3, "Subject id", "UNKNOWN_SUBJECT", "S2"],
      [4, "Subject id", "AMBIGUOUS_SUBJECT", "S3"],
      [5, "Sex", "SEX_MISMATCH", "S1"],
    ]);
  });

  it("puts a line without a subject, of an unknown sex, or of other width to quarantine, and keeps the rest", async () => {
    const { records, rejected } = await collect(
      table(HEADER, "|male||1||", "S2|constructor||||", "S3|male", "S4|2||||"),
    );
    expect(rejected.map(({ line, rule }) => `${String(line)} ${rule}`)).toEqual([
      "2 SUBJECT",
      "3 SUBJECT_SEX",
      "4 COLUMN_COUNT",
    ]);
    expect(records).toMatchObject([{ line: 5, rows: [{ row: { gender: "female" } }] }]);
  });

  it("is refused without a column of subjects", async () => {
    await expect(collect(table("a|b", "1|2"))).rejects.toMatchObject({
      code: "INGEST_REJECTED",
      details: { field: "header", line: 1 },
    });
  });
});
