import { everyField } from "./selection.js";

export interface Question {
  readonly name: string;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const VARIANT = everyField("Variant", 3, ["patient", "sampleLink", "patients"]);
const PERSON = everyField("Patient", 3, ["variants", "patients"]);
const FACETS = ["gene", "significance", "reviewStars", "type", "chromosome", "filter"];

const LIST = `query List($filter: VariantFilter!, $order: VariantOrder!, $after: Cursor, $facets: [FacetInput!]!) {
  variants(filter: $filter, orderBy: $order, first: 7, after: $after) {
    nodes ${VARIANT} count(mode: EXACT) { value } pageInfo { hasNextPage endCursor }
    facets(by: $facets) { field buckets { key label count { value } } missing { value } otherCount { value } } } }`;
const KEYS = `query Keys($filter: VariantFilter!, $order: VariantOrder!, $after: Cursor) {
  variants(filter: $filter, orderBy: $order, first: 200, after: $after) {
    nodes { id } count(mode: EXACT) { value } pageInfo { hasNextPage endCursor } } }`;
const PEOPLE = `query People($filter: [CohortCriterion!], $after: Cursor) {
  patients(filter: $filter, first: 5, after: $after) {
    nodes ${PERSON} count(mode: EXACT) { value } pageInfo { hasNextPage endCursor } } }`;

type Filter = Readonly<Record<string, unknown>>;

const af = (source: string, range: Filter, group: Filter = {}): Filter => ({
  cohortAlleleFrequency: { source, af: range, ...group },
});
const region = (referenceName: string, start: number, end: number, assemblyId = "GRCh38"): Filter => ({
  regions: [{ referenceName, start, end, assemblyId }],
});

/** Filters over what `inputs.ts` generates: every kind alone, then together, opposite and unknown. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  everything: {},
  "a region": region("1", 1, 100_000),
  "one place": region("1", 1_000, 1_000),
  "an empty region": region("22", 1, 10),
  "another build": region("1", 1, 1_000_000, "GRCh37"),
  SNVs: { variantTypes: ["SNV"] },
  indels: { variantTypes: ["indel"] },
  "ids, known and unknown": { ids: ["GRCh38:1-1000-A-C", "rs1", "rs404", "GRCh38:1-1-A-C"] },
  PASS: { passOnly: true },
  "a named filter": { filter: ["q10"] },
  "bounds on QUAL": { qual: { gte: 20, lt: 90 } },
  "QUAL or none": { qual: { gt: 50, includeMissing: true } },
  "not QUAL": { not: { qual: { gt: 50 } } },
  "a frequency": af("cohort", { gt: 0.1, lte: 0.6 }),
  "a frequency that nobody has": af("cohort", { gt: 2 }),
  "a frequency in another call set": af("old", { gte: 0 }),
  "not a frequency": { not: af("cohort", { gt: 0.1 }) },
  "a frequency of women": af("cohort", { gte: 0.25 }, { sex: "female" }),
  "a frequency of a population": af("cohort", { gte: 0.25 }, { population: "EUR" }),
  "a frequency of nobody": af("cohort", { gte: 0.25, includeMissing: true }, { population: "XXX" }),
  "frequencies of populations": {
    populationAlleleFrequency: [
      { source: "cohort", population: "EUR", af: { gte: 0.1 } },
      { source: "cohort", population: "AFR", af: { lt: 0.9 } },
    ],
  },
  carriers: { subject: { sampleIds: ["S1"] } },
  "carriers of a call set": { subject: { sampleIds: ["S1", "S2"], callSetId: "cohort", zygosity: ["HET", "HOM_ALT"] } },
  "reference seen": { subject: { sampleIds: ["S2"], zygosity: ["HOM_REF"] } },
  "no call": { subject: { sampleIds: ["S3"], zygosity: ["MISSING"] } },
  "not a carrier": { not: { subject: { sampleIds: ["S1"] } } },
  "a person's": { subject: { patientIds: ["p1"] } },
  pathogenic: { clinicalSignificance: ["P/LP"] },
  "pathogenic by name": { clinicalSignificance: ["Pathogenic"] },
  "with stars": { minReviewStars: 2 },
  "not pathogenic": { not: { clinicalSignificance: ["P/LP"] } },
  "in a gene": { geneIds: ["GENE1"] },
  "and, or, not": {
    and: [
      { or: [{ variantTypes: ["SNV"] }, { filter: ["q10"] }] },
      { not: { and: [{ passOnly: true }, af("cohort", { gt: 0.5 })] } },
    ],
  },
};

const CRITERIA: Readonly<Record<string, readonly Filter[]>> = {
  everybody: [],
  women: [{ gender: ["female"] }],
  "an age": [{ ageYears: { gte: 40, lt: 90 } }],
  "not an age": [{ ageYears: { gte: 40 }, not: true }],
  "an age or none": [{ ageYears: { gte: 40, includeMissing: true } }],
  "a condition": [{ condition: { system: "http://snomed.info/sct", code: "44054006" } }],
  "not a condition": [{ condition: { code: "44054006" }, not: true }],
  "a drug": [{ medication: { code: "11289" } }],
  "a value": [{ observation: { code: { code: "8867-4" }, value: { gt: 70 } } }],
  "a value of a day": [
    { observation: { code: { code: "8867-4" }, effective: { from: "2025-11-02", to: "2025-11-02" } } },
  ],
  "carriers of a variant": [{ variant: { variantTypes: ["SNV"] } }],
  "not carriers": [{ variant: af("cohort", { gt: 0.3 }), not: true }],
  "by sample": [{ sampleIds: ["S1", "S2"] }],
  "all at once": [{ gender: ["female", "male"] }, { variant: { variantTypes: ["SNV"] } }, { ageYears: { gte: 1 } }],
};

const LOOKUPS = [
  "1-1000-A-C",
  "chr1-1000-A-C",
  "rs1",
  "rs404",
  "1:999:A:C",
  "1-1-A-C",
  "X-5000-A-C",
  "MT-73-A-G",
  "nonsense",
];
const GENOTYPES = `query Genotypes($id: String!, $samples: [ID!], $zygosity: [Zygosity!]) {
  variant(id: { id: $id, assemblyId: GRCh38 }) { error variant { id
    genotypes(sampleIds: $samples, zygosity: $zygosity, first: 50) { nodes ${everyField("Genotype", 1, ["patient"])} count(mode: EXACT) { value } } } } }`;

const facets = FACETS.map((field) => ({ field, size: 5 }));

export const QUESTIONS: readonly Question[] = [
  { name: "the service", document: "{ serviceInfo { annotationSources { name version releasedAt } } }", variables: {} },
  { name: "call sets", document: `{ callSets ${everyField("CallSet", 2)} }`, variables: {} },
  ...Object.entries(FILTERS).map(([name, filter]) => ({
    name: `variants: ${name}`,
    document: LIST,
    variables: { filter, order: "POSITION", facets },
  })),
  ...["QUAL_DESC", "AF_ASC"].flatMap((order) =>
    ["everything", "PASS", "a frequency", "not a frequency"].map((name) => ({
      name: `variants by ${order}: ${name}`,
      document: KEYS,
      variables: { filter: FILTERS[name], order },
    })),
  ),
  ...Object.entries(CRITERIA).map(([name, filter]) => ({
    name: `people: ${name}`,
    document: PEOPLE,
    variables: { filter },
  })),
  {
    name: "lookups",
    document: `query Lookups($ids: [VariantIdInput!]!) { variantsByIds(ids: $ids) { input error variant ${VARIANT} } }`,
    variables: { ids: LOOKUPS.map((id) => ({ id, assemblyId: "GRCh38" })) },
  },
  ...[
    { samples: null, zygosity: null },
    { samples: ["S1", "S2", "S3", "S4", "D1"], zygosity: null },
    { samples: null, zygosity: ["HOM_REF", "MISSING", "HET"] },
  ].map((asked) => ({
    name: `genotypes: ${JSON.stringify(asked)}`,
    document: GENOTYPES,
    variables: { id: "1-1000-A-C", ...asked },
  })),
  {
    name: "a gene's variants",
    document: `{ geneVariants(symbol: "GENE1", first: 20) { nodes { id annotations ${everyField("VariantAnnotations", 3)} } } }`,
    variables: {},
  },
];
