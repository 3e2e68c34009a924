import { describe, expect } from "@jest/globals";
import { itShared, requireShared } from "../../../helpers/shared.js";
import { collectFile } from "./collect.js";

describe("annotation files of the public set", () => {
  itShared("reads ClinVar as a table: 72,582 alleles with two stars or more, nothing rejected", async () => {
    const { summary, records, rejected, filtered } = await collectFile(
      requireShared("annotations/clinvar/clinvar_20241215_P_LP_2star_GRCh38.tsv.gz"),
    );
    expect(summary).toEqual({ layout: "clinvar-table", recordsRead: 72_582, released: null });
    expect(rejected).toEqual([]);
    expect(filtered).toEqual({});
    const bySignificance: Record<string, number> = {};
    const byStars: Record<string, number> = {};
    for (const { record } of records) {
      if (record.kind !== "clinical") throw new Error("not ClinVar");
      for (const { significance, goldStars } of record.statements) {
        bySignificance[significance] = (bySignificance[significance] ?? 0) + 1;
        byStars[String(goldStars)] = (byStars[String(goldStars)] ?? 0) + 1;
      }
    }
    expect(bySignificance).toEqual({
      "Pathogenic/Likely_pathogenic": 28_640,
      Likely_pathogenic: 9_446,
      Pathogenic: 34_496,
    });
    expect(byStars).toEqual({ 2: 62_353, 3: 10_206, 4: 23 });
  });

  itShared(
    "reads ClinVar as VCF with its release date, and keeps conflicts, oncogenicity and somatic impact",
    async () => {
      const { summary, records, rejected, filtered } = await collectFile(
        requireShared("annotations/clinvar/clinvar_20260226_cancer_genes_GRCh38.vcf.gz"),
        null,
      );
      expect(summary).toEqual({ layout: "clinvar-vcf", recordsRead: 69_302, released: "2026-02-26" });
      expect(rejected).toEqual([]);
      expect(filtered).toEqual({ NO_ALTERNATE: 9, NO_CLASSIFICATION: 2_199 });
      const statements = records.flatMap(({ record }) => (record.kind === "clinical" ? record.statements : []));
      const kinds = (kind: string): number => statements.filter((statement) => statement.kind === kind).length;
      expect([kinds("germline"), kinds("oncogenicity"), kinds("somatic_impact")]).toEqual([66_999, 361, 166]);
      expect(statements.filter(({ conflicting }) => conflicting)).toHaveLength(11_114);
      expect(statements.find(({ variationId }) => variationId === "140830")).toMatchObject({
        build: "GRCh38",
        contig: "1",
        pos: 45_332_614,
        significance: "Conflicting_classifications_of_pathogenicity",
        classifications: ["Uncertain_significance", "Likely_benign"],
        conflicting: true,
        group: "VUS+conflicting",
        goldStars: 1,
        geneSymbols: ["MUTYH"],
        evidence: "Uncertain_significance(11)|Likely_benign(1)",
      });
    },
  );

  itShared("reads the older flat tables of both builds with dates and the column that flags conflicts", async () => {
    const { records, rejected } = await collectFile(
      requireShared("annotations/clinvar/clinvar_alleles_example_750_rows.single.b38.tsv"),
    );
    expect(rejected).toEqual([]);
    const statements = records.flatMap(({ record }) => (record.kind === "clinical" ? record.statements : []));
    expect(statements).toHaveLength(749);
    expect(statements.filter(({ conflicting }) => conflicting)).toHaveLength(26);
    expect(statements[0]).toMatchObject({ lastEvaluated: "2017-05-26", goldStars: 1, geneSymbols: ["ISG15"] });
    const b37 = await collectFile(
      requireShared("annotations/clinvar/clinvar_alleles_with_gnomad_exomes_example_750_rows.single.b37.tsv"),
      "GRCh37",
    );
    // Real rows of this file lack their last cell.
    expect(b37.rejected).toHaveLength(179);
    expect(new Set(b37.rejected.map(({ rule }) => rule))).toEqual(new Set(["COLUMN_COUNT"]));
  });

  itShared("reads the gene table with both ends included, and genes with diseases", async () => {
    const genes = await collectFile(requireShared("annotations/genes/genes_ensembl110_GRCh38.tsv.gz"));
    expect(genes.summary).toMatchObject({ layout: "genes", recordsRead: 32_075 });
    expect(genes.rejected).toEqual([]);
    const found = genes.records.flatMap(({ record }) => (record.kind === "gene" ? [record.gene] : []));
    expect(found.find(({ symbol }) => symbol === "CFTR")).toEqual({
      build: "GRCh38",
      contig: "7",
      start: 117_287_120,
      end: 117_715_971,
      geneId: "ENSG00000001626",
      ensemblId: "ENSG00000001626",
      hgncId: null,
      symbol: "CFTR",
      name: "CF transmembrane conductance regulator",
    });
    const diseases = await collectFile(requireShared("annotations/clinvar/gene_disease_from_clinvar.tsv.gz"));
    expect(diseases.summary).toMatchObject({ layout: "gene-disease", recordsRead: 10_765 });
    expect(diseases.rejected).toEqual([]);
    expect(diseases.records[0]?.record).toEqual({
      kind: "geneDisease",
      geneDisease: {
        symbol: "AAAS",
        system: "MONDO",
        code: "MONDO:0009279",
        name: "Glucocorticoid deficiency with achalasia",
        evidence: "17 variants",
      },
    });
  });
});
