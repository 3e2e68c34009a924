import { describe, expect, it } from "@jest/globals";
import { gzipSync } from "node:zlib";
import { ANNOTATION_RULES } from "../../../../src/ingest/sources/annotations/index.js";
import { buildClinVar } from "../../../helpers/clinvar.js";
import { buildTable, collectText } from "./collect.js";

const GENE = "chrom start end ensembl_id symbol description";
const TABLE = "chrom pos clinvar_variation_id ref alt clnsig clnrevstat diseases last_evaluated";

async function rulesOf(text: string): Promise<string> {
  const { rejected } = await collectText(text);
  for (const { rule, expected } of rejected) {
    expect(expected).toBe(ANNOTATION_RULES[rule as keyof typeof ANNOTATION_RULES]);
  }
  return rejected.map(({ line, rule }) => `${String(line)} ${rule}`).join(", ");
}

describe("a gene table", () => {
  it("keeps good rows and says of each bad one which line, which rule, and what was found", async () => {
    const { records, rejected } = await collectText(
      buildTable(GENE, ["chr1 10 20 ENSG1 GOOD a~gene", "1 0 20 ENSG2 BAD _", "chrM 1 16569 ENSG3 MITO _"]),
    );
    expect(records.map(({ record }) => (record.kind === "gene" ? record.gene.contig : ""))).toEqual(["1", "MT"]);
    expect(rejected).toEqual([
      {
        line: 3,
        field: "start",
        rule: "POS_SYNTAX",
        expected: ANNOTATION_RULES.POS_SYNTAX,
        found: "0",
        raw: "1\t0\t20\tENSG2\tBAD\t",
      },
    ]);
  });

  it.each([
    ["1 30 20 ENSG1 A _", "GENE_ORDER"],
    ["1 10 20 _ A _", "GENE_ID"],
    ["1 10 20 ENSG1 _ _", "SYMBOL"],
    ["1 10 248956423 ENSG1 A _", "POS_RANGE"],
    ["1 ten 20 ENSG1 A _", "POS_SYNTAX"],
    ["1 10 -20 ENSG1 A _", "POS_SYNTAX"],
    ["1 10 20 ENSG1 A", "COLUMN_COUNT"],
    ["1 10 20 ENSG1 A x more", "COLUMN_COUNT"],
    ["1:2 10 20 ENSG1 A x", "CONTIG_SYNTAX"],
    ["1 10 20 ENSG1 A x\u0000", "ENCODING"],
    ["1 10 20 ENSG1 A \uFFFD", "ENCODING"],
  ])("puts %j to quarantine: %s", async (row, rule) => {
    expect(await rulesOf(buildTable(GENE, [row, "1 1 248956422 ENSG9 LAST _"]))).toBe(`2 ${rule}`);
  });

  it("takes an HGNC id as the key where there is one", async () => {
    const { records } = await collectText(
      buildTable("chromosome gene_start gene_end hgnc_id gene_symbol ensembl_gene_id", ["7 1 2 1884 CFTR ENSG1"]),
    );
    expect(records[0]?.record).toMatchObject({ gene: { geneId: "HGNC:1884", ensemblId: "ENSG1", symbol: "CFTR" } });
  });
});

describe("ClinVar as a table", () => {
  it("trims alleles to the form variants have, in upper case; the position is that of the VCF", async () => {
    const { records } = await collectText(
      buildTable(TABLE, ["chr1 10 7 cacac cac Pathogenic practice_guideline MONDO:0000001|A;B~disease Jan~02,~2024"]),
    );
    expect(records[0]?.record).toMatchObject({
      statements: [
        {
          contig: "1",
          pos: 10,
          ref: "CAC",
          alt: "C",
          goldStars: 4,
          lastEvaluated: "2024-01-02",
          conditions: [{ system: "MONDO", code: "MONDO:0000001", display: "A;B disease" }],
        },
      ],
    });
  });

  it.each([
    ["1 0 7 A C Pathogenic _ _ _", "POS_SYNTAX"],
    ["1 248956423 7 A C Pathogenic _ _ _", "POS_RANGE"],
    ["1 10 7 A A Pathogenic _ _ _", "ALLELE_SYNTAX"],
    ["1 10 7 A <DEL> Pathogenic _ _ _", "ALLELE_SYNTAX"],
    ["1 10 7 A C,G Pathogenic _ _ _", "ALLELE_SYNTAX"],
    ["1 10 _ A C Pathogenic _ _ _", "VARIATION_ID"],
    ["1 10 7 A C Pathogenic _ _ 31.01.2024", "DATE_SYNTAX"],
    ["1 10 7 A C Pathogenic _ _ 2024-02-30", "DATE_SYNTAX"],
    [`1 10 7 A C ${"x".repeat(1001)} _ _ _`, "SIGNIFICANCE"],
  ])("puts %j to quarantine: %s", async (row, rule) => {
    expect(await rulesOf(buildTable(TABLE, [row]))).toBe(`2 ${rule}`);
  });

  it("reads variant_summary: a row's own assembly, kinds apart, and rows without an allele filtered", async () => {
    const { records, filtered, rejected } = await collectText(
      buildTable(
        "#AlleleID ClinicalSignificance LastEvaluated PhenotypeIDS PhenotypeList Assembly Chromosome ReviewStatus VariationID PositionVCF ReferenceAlleleVCF AlternateAlleleVCF Oncogenicity ReviewStatusOncogenicity",
        [
          "1 Pathogenic;~drug~response Dec~15,~2024 MONDO:MONDO:0000001,OMIM:1|MedGen:C2 One|Two GRCh38 1 reviewed~by~expert~panel 77 10 A C Oncogenic criteria~provided,~single~submitter",
          "1 Pathogenic - - - GRCh37 1 - 77 12 A C - -",
          "1 Pathogenic - - - na na - 78 -1 na na - -",
          "1 Pathogenic - - - GRCh38 1 - 79 -1 na na - -",
          "1 - - - - GRCh38 1 - 80 10 A G - -",
        ],
      ),
      "GRCh38",
    );
    expect(rejected).toEqual([]);
    expect(filtered).toEqual({ OTHER_ASSEMBLY: 2, NO_ALTERNATE: 1, NO_CLASSIFICATION: 1 });
    expect(records).toHaveLength(1);
    expect(records[0]?.record).toMatchObject({
      statements: [
        {
          build: "GRCh38",
          variationId: "77",
          kind: "germline",
          significance: "Pathogenic|drug_response",
          goldStars: 3,
          lastEvaluated: "2024-12-15",
          conditions: [
            { system: "MONDO", code: "MONDO:0000001", display: "One" },
            { system: "MedGen", code: "MedGen:C2", display: "Two" },
          ],
        },
        { kind: "oncogenicity", significance: "Oncogenic", goldStars: 1, group: "other" },
      ],
    });
  });
});

describe("ClinVar as VCF", () => {
  it("keeps one allele per record, and quarantines what cannot be told apart or placed", async () => {
    const { records, rejected } = await collectText(
      buildClinVar([
        "10 1 A C CLNSIG=Pathogenic",
        "20 2 A C,G CLNSIG=Pathogenic",
        "30 . A C CLNSIG=Pathogenic",
        "40 4 A <DEL> CLNSIG=Pathogenic",
        "248956423 5 A C CLNSIG=Pathogenic",
        "50 6 A X!Y CLNSIG=Pathogenic",
      ]),
      null,
    );
    expect(records).toHaveLength(1);
    expect(rejected.map(({ rule }) => rule)).toEqual([
      "ONE_ALT",
      "VARIATION_ID",
      "ALLELE_SYNTAX",
      "POS_RANGE",
      "ALT_SYNTAX",
    ]);
  });

  it("is refused without a build, and where the caller says another than the header", async () => {
    await expect(collectText(buildClinVar([], []), null)).rejects.toMatchObject({
      code: "INGEST_REJECTED",
      details: { field: "##reference" },
    });
    await expect(collectText(buildClinVar([]), "GRCh37")).rejects.toThrow(
      "the header says GRCh38, the caller says GRCh37",
    );
  });
});

describe("a file of annotations", () => {
  it("is refused when it is empty, of no known layout, cut off, or something else", async () => {
    await expect(collectText("")).rejects.toMatchObject({ code: "INGEST_REJECTED" });
    await expect(collectText("a\tb\n1\t2\n")).rejects.toThrow("the first line names none of the known layouts");
    await expect(collectText("\u0000\u0001\u0002")).rejects.toMatchObject({ code: "INGEST_REJECTED" });
    const whole = gzipSync(buildTable(GENE, ["1 10 20 ENSG1 GOOD _"]));
    await expect(collectText(whole.subarray(0, whole.length - 4))).rejects.toMatchObject({ code: "INGEST_REJECTED" });
    await expect(collectText("PK\u0003\u0004 not this")).rejects.toThrow("the file is a zip archive");
    expect((await collectText(whole)).records).toHaveLength(1);
  });

  it("may begin with a byte order mark and end its lines as Windows does", async () => {
    const text = `\uFEFF${buildTable(GENE, ["1 10 20 ENSG1 GOOD x"]).replaceAll("\n", "\r\n")}`;
    expect((await collectText(text)).records).toHaveLength(1);
  });

  it("does not let a line of any length or a name such as __proto__ do harm", async () => {
    const long = buildTable(GENE, [`1 10 20 ENSG1 A ${"x".repeat(9 << 20)}`, "1 10 20 ENSG2 __proto__ x"]);
    const { records, rejected } = await collectText(long);
    expect(rejected.map(({ rule, raw }) => [rule, (raw?.length ?? 0) <= 1 << 16])).toEqual([["LINE_TOO_LONG", true]]);
    expect(records).toHaveLength(1);
  });
});
