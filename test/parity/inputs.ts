import { buildClinVar } from "../helpers/clinvar.js";
import { buildVcf, generateVcf } from "../helpers/vcf.js";

/** One job: a verb, the files it is given, and its options. */
export interface Input {
  readonly verb: "ingest" | "ingest-clinical" | "ingest-annotations";
  /** Text by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files of the public data set. */
  readonly shared?: readonly string[];
  readonly options: readonly string[];
  /** Text of the files that options name, such as a sample sheet. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly besideShared?: Readonly<Record<string, string>>;
}

const GQ = [
  '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
  '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">',
  '##FORMAT=<ID=PS,Number=1,Type=String,Description="Phase set">',
];
const GVCF = [
  '##ALT=<ID=NON_REF,Description="Any">',
  '##INFO=<ID=END,Number=1,Type=Integer,Description="End">',
  '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Depth">',
  ...GQ.slice(0, 1),
];
const SHEET = [
  "sample\tsex\tpopulation\tsuperpopulation",
  "S1\tmale\tGBR\tEUR",
  "S2\tfemale\tYRI\tAFR",
  "S3\tfemale\tGBR\tEUR",
  "S4\tmale\tIBS,MSL\tEUR,AFR",
].join("\n");

const COHORT = buildVcf(
  [
    "1000 rs1;rs2 A C 90 PASS DP=12 GT:GQ:AD 0/1:30:5,7 0|0:12:9,0 ./.:.:. 1/1:99:0,12",
    "1000 . A G 20 q10 . GT:GQ:AD 0/1:30:5,7 0|1:12:9,1 0/0:.:. ./1:99:0,12",
    "1100 . AC A,ATTT . . AF=0.017 GT:PS 1|2:7 0|1:7 2|2:8 0|0:.",
    "1200 rs3 G A,* 55.5 PASS;q10 . GT 0/1 1|2 2 .",
    "1300 . C T 10 PASS . GT 0/0 0/0 0/0 0/0",
    "1400 rs9 GT AC 0 PASS . GT 1/1 1/1 1/1 1/1",
    "1500 . A <DEL> 60 PASS SVTYPE=DEL;END=1900;CIPOS=-5,5;IMPRECISE GT 0/1 0/0 0/0 0/0",
    "1600 . A ]chr1:77]A 60 PASS SVTYPE=BND;MATEID=b1 GT 0/1 0/0 0/0 0/0",
  ],
  ["S1", "S2", "S3", "S4"],
  [...GQ, '##ALT=<ID=DEL,Description="Deletion">', '##FILTER=<ID=q10,Description="Low">', "##source=caller 1"],
);

const DIRTY = buildVcf(
  [
    "100 . A C 10 PASS . GT 0/1",
    "x . A C 10 PASS . GT 0/1",
    "200 . A C 10 PASS . GT 0/7",
    "300 . A - 10 PASS . GT 0/1",
    "400 . Ä C 10 PASS . GT 0/1",
    "500 . A C abc PASS . GT 0/1",
    "600 . A C 10 PASS",
    "100 . A C 10 PASS . GT 0/1",
    "100 . A C 10 PASS . GT 1/1",
    "248956424 . A C 10 PASS . GT 0/1",
    "700 . A C 10 PASS DP=\u202e GT 0/1",
  ],
  ["D1"],
);

const X = [
  "##fileformat=VCFv4.2",
  "##contig=<ID=chrX,length=156040895>",
  "##contig=<ID=chrM,length=16569>",
  '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
  ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "S1", "S2", "S3", "S4"].join("\t"),
  ["chrX", "5000000", ".", "A", "C", ".", "PASS", ".", "GT", "1", "0/1", "1|1", "0/1"].join("\t"),
  ["chrX", "5000100", ".", "A", "C", "12.5", ".", ".", "GT", "0", "0/0", "./.", "0/1"].join("\t"),
  ["chrM", "73", ".", "A", "G", "1e2", "PASS", ".", "GT", "1", "0", "1", "."].join("\t"),
  "",
].join("\n");

const BLOCKS = buildVcf(
  [
    "2000 . A <NON_REF> . . END=2099 GT:GQ:MIN_DP 0/0:40:20",
    "2100 . A G,<NON_REF> 50 PASS . GT:GQ 0/1:60",
    "2101 . C <NON_REF> . . END=2500 GT:GQ:MIN_DP 0/0:3:1",
    "2102 . C <NON_REF> . . END=2050 GT:GQ:MIN_DP 0/0:3:1",
  ],
  ["G1"],
  GVCF,
);

const GENES = [
  "chrom\tstart\tend\tensembl_id\tsymbol\tdescription",
  "1\t900\t1250\tENSG00000000001\tGENE1\tfirst gene [Source:HGNC Symbol;Acc:HGNC:1]",
  "1\t1200\t1700\tENSG00000000002\tGENE2\tsecond gene",
].join("\n");

const person = (id: string, more: object): string => JSON.stringify({ resourceType: "Patient", id, ...more });
const heartRate = (id: string, at: string, value: number, more: object = {}): string =>
  JSON.stringify({
    ...{
      resourceType: "Observation",
      id,
      status: "final",
      subject: { reference: "Patient/p1" },
      effectiveDateTime: at,
    },
    ...{ code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }] } },
    valueQuantity: { value, unit: "/min", system: "http://unitsofmeasure.org", code: "/min" },
    ...more,
  });

/** 01:30 of 2 November 2025 comes twice in New York: an hour apart, by the offset alone. */
const RECORDS = [
  person("p1", {
    gender: "female",
    birthDate: "1950-02-28",
    identifier: [{ system: "https://vitalome.org/sample", value: "S1" }],
  }),
  person("p2", {
    gender: "male",
    birthDate: "1990",
    identifier: [{ system: "https://vitalome.org/sample", value: "S2" }],
    meta: { lastUpdated: "2025-11-02T01:30:00-05:00" },
  }),
  person("p3", { gender: "other", deceasedBoolean: true }),
  person("p4", { birthDate: "2024-02-30" }),
  heartRate("o1", "2025-11-02T01:30:00-04:00", 71.5),
  heartRate("o2", "2025-11-02T01:30:00-05:00", 72.25),
  heartRate("o3", "2025-11-02T05:45:00Z", 60, { status: "entered-in-error" }),
  heartRate("o4", "2025-11-02", 0.1),
  heartRate("o5", "2025-11-02T01:30:00-05:00", -1),
  JSON.stringify({
    resourceType: "Condition",
    id: "c1",
    subject: { reference: "Patient/p1" },
    onsetDateTime: "2025-11-02T01:59:59.999-04:00",
    code: { coding: [{ system: "http://snomed.info/sct", code: "44054006" }], text: "Diabetes ü 𝄞" },
  }),
  JSON.stringify({
    resourceType: "MedicationRequest",
    id: "m1",
    status: "active",
    intent: "order",
    subject: { reference: "Patient/p2" },
    medicationCodeableConcept: { coding: [{ system: "http://www.nlm.nih.gov/research/umls/rxnorm", code: "11289" }] },
  }),
  JSON.stringify({ resourceType: "Practitioner", id: "x1" }),
  '{"resourceType":"Patient","id":"p5",',
  "[]",
  heartRate("o1", "2025-11-02T01:30:00-04:00", 71.5),
  heartRate("o2", "2025-11-02T01:30:00-05:00", 99),
].join("\n");

const REVISION = [
  person("p2", { gender: "male", birthDate: "1991", meta: { lastUpdated: "2025-11-02T01:30:00-04:00" } }),
  person("p2", {
    gender: "male",
    birthDate: "1992-01-01",
    identifier: [{ system: "https://vitalome.org/sample", value: "S2" }],
    meta: { lastUpdated: "2025-12-02T01:30:00-05:00" },
  }),
].join("\n");

const STATEMENTS = buildClinVar([
  "1000 37123 A C CLNSIG=Pathogenic;CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;GENEINFO=GENE1:1;CLNDN=Disease",
  "1000 37124 A G CLNSIG=Benign;CLNREVSTAT=criteria_provided,_single_submitter;GENEINFO=GENE1:1|GENE2:2;CLNDN=not_provided",
  "1400 37125 GT AC CLNSIG=Conflicting_classifications_of_pathogenicity;CLNREVSTAT=no_assertion_criteria_provided;CLNDN=A|B",
  "x 37126 A G CLNSIG=Benign",
  "1000 37123 A C CLNSIG=Pathogenic;CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;GENEINFO=GENE1:1;CLNDN=Disease",
]);

/** What both profiles ingest, in order; every kind of input, clean and dirty. */
export const INPUTS: Readonly<Record<string, Input>> = {
  "a cohort with its sheet": {
    verb: "ingest",
    files: { "cohort.vcf": COHORT, "x.vcf": X },
    options: ["--call-set", "cohort"],
    beside: { samples: SHEET },
  },
  "the same again, with one record more": {
    verb: "ingest",
    files: { "again.vcf": `${COHORT}chr1\t9000\t.\tA\tC\t9\tPASS\t.\tGT\t0/1\t0/1\t0/0\t0/0\n` },
    options: ["--call-set", "cohort"],
    beside: { samples: SHEET },
  },
  "a generated cohort of another build": {
    verb: "ingest",
    files: { "old.vcf": generateVcf(400, 20, 5).replace(/^##contig.*\n/m, "") },
    options: ["--call-set", "old", "--assembly", "GRCh37", "--min-af", "0.05", "--pass-only"],
  },
  "files that are refused, records that break rules, intervals of a gVCF, as one job": {
    verb: "ingest",
    files: {
      "dirty.vcf": DIRTY,
      "blocks.g.vcf": BLOCKS,
      "empty.vcf": "",
      "no-build.vcf": COHORT.replace(/^##contig.*\n/m, ""),
      "cut.vcf": "##fileformat=VCFv4.3\n##contig=<ID=chr1,length=248956422>\n",
      "good.vcf": buildVcf(["3000 . A C . . . GT 0/1"], ["Z1"]),
    },
    options: [],
  },
  "a gene table": {
    verb: "ingest-annotations",
    files: { "genes.tsv": GENES },
    options: ["--source", "genes", "--release", "1", "--assembly", "GRCh38"],
  },
  "clinical statements": {
    verb: "ingest-annotations",
    files: { "clinvar.vcf": STATEMENTS },
    options: ["--source", "clinvar", "--release", "1"],
  },
  people: { verb: "ingest-clinical", files: { "records.ndjson": RECORDS }, options: [] },
  "later versions of people": { verb: "ingest-clinical", files: { "later.ndjson": REVISION }, options: [] },
};
