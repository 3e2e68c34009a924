import { readFileSync, readdirSync } from "node:fs";
import { requireShared } from "../helpers/shared.js";
import type { Input } from "./inputs.js";

const vcfsOf = (folder: string, pattern = /\.vcf(\.b?gz)?$/): readonly string[] =>
  readdirSync(requireShared(folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);

/** All files of the edge suites, in their order. */
const edges = (): readonly string[] =>
  readFileSync(requireShared("edge/EXPECTED.tsv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t")[0] ?? "")
    .filter((path) => path.startsWith("edge/vcf") || path.startsWith("edge/wrong-assembly"));

const bundles = (): readonly string[] =>
  readdirSync(requireShared("clinical/fhir-bundles"))
    .sort()
    .map((name) => `clinical/fhir-bundles/${name}`);

const SYSTEM = "https://gtexportal.org/home/downloads/adult-gtex/metadata";
const SHEET = { samples: "genomes/samples/igsr_samples.tsv" };
const NORMALIZE = "genomes/normalize/01_IN_altered_multiallelic";

/** Real files of every kind, as jobs; a function, because the data set may be absent. */
export const realInputs = (): Readonly<Record<string, Input>> => ({
  "all files of the edge suites": { verb: "ingest", shared: edges(), options: ["--assembly", "GRCh37"] },
  "the slices of GRCh38 with their sheet": {
    verb: "ingest",
    shared: vcfsOf("genomes/1kgp-grch38"),
    options: ["--call-set", "1000G", "--assembly", "GRCh38"],
    besideShared: SHEET,
  },
  "slices of GRCh37, which have true multi-allelics, filtered": {
    verb: "ingest",
    shared: ["CYP2C9", "VKORC1", "CYP3A5"].map((gene) => `genomes/1kgp-grch37/${gene}.vcf.gz`),
    options: ["--call-set", "phase3", "--assembly", "GRCh37", "--min-af", "0.001", "--max-af", "0.9", "--pass-only"],
    besideShared: SHEET,
  },
  "genomes with reference calls": {
    verb: "ingest",
    shared: vcfsOf("genomes/getrm", /\.vcf\.bgz$/),
    options: ["--call-set", "GeT-RM", "--assembly", "GRCh38"],
  },
  gVCFs: { verb: "ingest", shared: vcfsOf("genomes/gvcf"), options: ["--assembly", "GRCh37"] },
  "X and mitochondria": { verb: "ingest", shared: vcfsOf("genomes/sex-mito"), options: ["--assembly", "GRCh38"] },
  "structural variants": { verb: "ingest", shared: vcfsOf("genomes/sv"), options: ["--assembly", "GRCh38"] },
  "multi-allelics against their reference": {
    verb: "ingest",
    shared: ["", "_bcftoolsnormalized", "_vtdecompose", "_vtdecompose_bcftoolsnormalized"].map(
      (form) => `${NORMALIZE}${form}.vcf`,
    ),
    options: ["--assembly", "GRCh37"],
    besideShared: { reference: "genomes/normalize/20_altered.fasta" },
  },
  "a trial run": {
    verb: "ingest",
    shared: ["genomes/1kgp-grch37/CYP2C19.vcf.gz"],
    options: ["--call-set", "trial", "--assembly", "GRCh37", "--min-qual", "50", "--dry-run"],
  },
  genes: {
    verb: "ingest-annotations",
    shared: ["annotations/genes/genes_ensembl110_GRCh38.tsv.gz"],
    options: ["--source", "ensembl", "--release", "110", "--assembly", "GRCh38"],
  },
  ClinVar: {
    verb: "ingest-annotations",
    shared: ["annotations/clinvar/clinvar_20241215_P_LP_2star_GRCh38.tsv.gz"],
    options: ["--source", "clinvar", "--release", "20241215", "--assembly", "GRCh38"],
  },
  "people of 1000 Genomes": {
    verb: "ingest-clinical",
    shared: ["Patient", "Specimen"].map((type) => `clinical/fhir-1kgenomes/${type}.ndjson.gz`),
    options: ["--sample-system", SYSTEM],
  },
  "a table of subjects": {
    verb: "ingest-clinical",
    shared: ["clinical/cineca-uk1/uk1.tsv"],
    options: ["--subject-system", SYSTEM],
  },
  "bundles and lists of FHIR": {
    verb: "ingest-clinical",
    shared: [...bundles(), "clinical/fhir-ndjson/Patient.ndjson.gz", "clinical/fhir-ndjson/Condition.ndjson.gz"],
    options: [],
  },
});
