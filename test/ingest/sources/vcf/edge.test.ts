import { readFileSync } from "node:fs";
import { describe, expect } from "@jest/globals";
import { isVitalomeError, type VitalomeError } from "../../../../src/errors.js";
import { VCF_RULES } from "../../../../src/ingest/sources/vcf/index.js";
import { itShared, requireShared } from "../../../helpers/shared.js";
import { collect, type Collected } from "./collect.js";
import { EDGE_DIFFERENCES, EDGE_WITHOUT_VERDICT, type Verdict } from "./edge-differences.js";

interface EdgeFile {
  readonly file: string;
  /** `passed`, `failed`, or `-`. */
  readonly suite: string;
}

function edgeFiles(): readonly EdgeFile[] {
  return readFileSync(requireShared("edge/EXPECTED.tsv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .map(([path = "", suite = ""]) => ({ file: path.replace(/^edge\//, ""), suite }))
    .filter(({ file }) => !file.startsWith("sam/"));
}

type Outcome = { readonly verdict: Verdict; readonly read?: Collected; readonly refusal?: VitalomeError };

async function outcomeOf(file: string, scanner: "plain" | "words"): Promise<Outcome> {
  try {
    const read = await collect(readFileSync(requireShared(`edge/${file}`)), { scanner });
    return { verdict: read.rejections.length > 0 ? "quarantined" : "ingested", read };
  } catch (thrown) {
    if (!isVitalomeError(thrown)) throw new Error(`${file} crashed the reader`, { cause: thrown });
    return { verdict: "refused", refusal: thrown };
  }
}

describe("the public edge cases", () => {
  itShared("are read or refused with line and field, and every record is accounted for", async () => {
    const files = edgeFiles();
    expect(files.length).toBe(522);
    for (const { file } of files) {
      const { read, refusal } = await outcomeOf(file, "words");
      if (refusal !== undefined) {
        expect([file, refusal.code]).toEqual([file, "INGEST_REJECTED"]);
        expect([file, refusal.details]).toEqual([
          file,
          expect.objectContaining({
            line: expect.any(Number),
            field: expect.any(String),
            expected: expect.any(String),
          }),
        ]);
        continue;
      }
      const { summary, records, rejections } = read!;
      expect([file, summary.recordsRead]).toEqual([file, summary.accepted + summary.rejected]);
      expect([file, summary.accepted, summary.rejected]).toEqual([file, records.length, rejections.length]);
      for (const rejection of rejections) {
        expect(rejection.line).toBeGreaterThan(read!.header.lines);
        expect(Object.keys(VCF_RULES)).toContain(rejection.rule);
        expect([file, rejection.field, rejection.expected, rejection.raw]).not.toContain("");
      }
    }
  });

  itShared("get the verdict of their own suite, but for the differences that are explained", async () => {
    const expected = new Map<string, Verdict | "failed">();
    for (const { file, suite } of edgeFiles()) {
      const without = EDGE_WITHOUT_VERDICT[file];
      expect([file, suite === "-"]).toEqual([file, without !== undefined]);
      expected.set(file, without ?? (suite === "passed" ? "ingested" : "failed"));
    }
    for (const { file, verdict } of EDGE_DIFFERENCES) {
      expect([file, expected.get(file)]).toEqual([file, verdict === "ingested" ? "failed" : "ingested"]);
      expected.set(file, verdict);
    }
    for (const [file, wanted] of expected) {
      const { verdict } = await outcomeOf(file, "words");
      const found = wanted === "failed" && verdict !== "ingested" ? "failed" : verdict;
      expect([file, found]).toEqual([file, wanted]);
    }
  });

  itShared("come out the same with both scanners", async () => {
    for (const { file } of edgeFiles()) {
      const [plain, words] = [await outcomeOf(file, "plain"), await outcomeOf(file, "words")];
      expect([file, words.verdict, words.read, words.refusal?.message]).toEqual([
        file,
        plain.verdict,
        plain.read,
        plain.refusal?.message,
      ]);
    }
  });
});
