import type { VariantType } from "../domain/allele.js";
import { significanceToken } from "../domain/clinical.js";
import { canonicalContig, contigLength } from "../domain/contig.js";
import { parseVariantId, variantId } from "../domain/variant.js";
import type { NumberRange, Predicate, Region } from "../domain/variant-filter.js";
import { CARRIERS } from "../domain/zygosity.js";
import { VitalomeError } from "../errors.js";
import { CoordinateSystem } from "../schema/enums.js";
import type {
  AlleleFrequencyFilter,
  GenomicRegionInput,
  RangeInput,
  SubjectGenotypeFilter,
  VariantFilter,
} from "../schema/variant-filter.js";

const TYPES: Readonly<Record<string, readonly VariantType[]>> = {
  snv: ["SNV"],
  snp: ["SNV"],
  mnv: ["MNV"],
  insertion: ["insertion"],
  ins: ["insertion"],
  deletion: ["deletion"],
  del: ["deletion"],
  delins: ["delins"],
  indel: ["insertion", "deletion", "delins"],
};

const LIST_LIMIT = 1_000;

/** Conditions of one filter in all, and members of their lists in all. */
const CONDITION_LIMIT = 200;
const MEMBER_LIMIT = 5_000;

/** The question a filter asks. Every fault names its field; an empty filter matches everything. */
export function predicateOf(filter: VariantFilter, field = "filter"): Predicate {
  const predicate = readFilter(filter, field);
  const size = { conditions: 0, members: 0 };
  measure(predicate, size);
  for (const [limit, max] of [
    ["conditions", CONDITION_LIMIT],
    ["members", MEMBER_LIMIT],
  ] as const) {
    if (size[limit] <= max) continue;
    throw new VitalomeError("LIMIT_EXCEEDED", `${field} has more than ${String(max)} ${limit} in all`, {
      details: { field, limit, max, actual: size[limit] },
    });
  }
  return predicate;
}

function measure(predicate: Predicate, size: { conditions: number; members: number }): void {
  size.conditions += 1;
  if (predicate.kind === "and" || predicate.kind === "or") for (const part of predicate.parts) measure(part, size);
  else if (predicate.kind === "not") measure(predicate.part, size);
  else if (predicate.kind === "ids") size.members += predicate.keys.length + predicate.names.length;
  else if (predicate.kind === "regions") size.members += predicate.regions.length;
  else if (predicate.kind === "samples") size.members += predicate.samples.length + (predicate.patients?.length ?? 0);
}

function readFilter(filter: VariantFilter, field: string): Predicate {
  const parts: Predicate[] = [];
  if (filter.and != null)
    parts.push({
      kind: "and",
      parts: list(filter.and, `${field}.and`).map((part, at) => readFilter(part, `${field}.and.${String(at)}`)),
    });
  if (filter.or != null)
    parts.push({
      kind: "or",
      parts: list(filter.or, `${field}.or`).map((part, at) => readFilter(part, `${field}.or.${String(at)}`)),
    });
  if (filter.not != null) parts.push({ kind: "not", part: readFilter(filter.not, `${field}.not`) });
  if (filter.regions != null) {
    parts.push({
      kind: "regions",
      regions: list(filter.regions, `${field}.regions`).map((region, at) =>
        regionOf(region, `${field}.regions.${String(at)}`),
      ),
    });
  }
  if (filter.ids != null) parts.push(idsOf(list(filter.ids, `${field}.ids`), `${field}.ids`));
  if (filter.geneIds != null)
    parts.push({ kind: "genes", names: list(filter.geneIds, `${field}.geneIds`), regions: [] });
  if (filter.clinicalSignificance != null || filter.minReviewStars != null) {
    const { clinicalSignificance, minReviewStars = null } = filter;
    if (minReviewStars !== null && !(minReviewStars >= 0 && minReviewStars <= 4))
      throw invalid(`${field}.minReviewStars`, "0 to 4");
    const wanted = clinicalSignificance == null ? null : list(clinicalSignificance, `${field}.clinicalSignificance`);
    parts.push({ kind: "clinical", significances: wanted?.map(significanceToken) ?? null, minStars: minReviewStars });
  }
  if (filter.variantTypes != null) {
    parts.push({
      kind: "types",
      types: list(filter.variantTypes, `${field}.variantTypes`).flatMap((type) =>
        typesOf(type, `${field}.variantTypes`),
      ),
    });
  }
  const passOnly = filter.passOnly === true;
  if (filter.qual != null || filter.filter != null || passOnly) {
    parts.push({
      kind: "record",
      qual: filter.qual == null ? null : rangeOf(filter.qual, `${field}.qual`),
      filters: filter.filter == null ? null : list(filter.filter, `${field}.filter`),
      passOnly,
    });
  }
  if (filter.cohortAlleleFrequency != null)
    parts.push(frequencyOf(filter.cohortAlleleFrequency, `${field}.cohortAlleleFrequency`));
  for (const [at, frequency] of list(
    filter.populationAlleleFrequency ?? [],
    `${field}.populationAlleleFrequency`,
  ).entries()) {
    parts.push(frequencyOf(frequency, `${field}.populationAlleleFrequency.${String(at)}`));
  }
  if (filter.subject != null) parts.push(subjectOf(filter.subject, `${field}.subject`));
  const [single] = parts;
  return parts.length === 1 && single !== undefined ? single : { kind: "and", parts };
}

export function regionOf(input: GenomicRegionInput, field: string): Region {
  const contig = canonicalContig(input.referenceName);
  const isOneBased = input.coordinateSystem === CoordinateSystem.ONE_BASED_CLOSED;
  const start0 = isOneBased ? input.start - 1 : input.start;
  const end0 = input.end;
  if (start0 < 0) throw invalid(`${field}.start`, isOneBased ? "at least 1 (1-based)" : "at least 0 (0-based)");
  if (end0 <= start0) throw invalid(`${field}.end`, isOneBased ? "at least the start" : "more than the start");
  const length = contigLength(input.assemblyId, contig);
  if (length !== null && start0 >= length)
    throw invalid(`${field}.start`, `a base of the contig, which has ${String(length)}`);
  return { build: input.assemblyId, contig, start0, end0 };
}

export function rangeOf(input: RangeInput, field: string): NumberRange {
  const { gt = null, gte = null, lt = null, lte = null, includeMissing } = input;
  for (const [name, bound] of Object.entries({ gt, gte, lt, lte })) {
    if (bound !== null && !Number.isFinite(bound)) throw invalid(`${field}.${name}`, "a finite number");
  }
  return { gt, gte, lt, lte, includeMissing: includeMissing === true };
}

function frequencyOf(input: AlleleFrequencyFilter, field: string): Predicate {
  const { source = null, population = null, sex = null } = input;
  if (sex !== null && sex !== "female" && sex !== "male") throw invalid(`${field}.sex`, "female or male");
  return { kind: "frequency", source, population, sex, af: rangeOf(input.af, `${field}.af`) };
}

function subjectOf(input: SubjectGenotypeFilter, field: string): Predicate {
  const zygosities = input.zygosity ?? CARRIERS;
  if (zygosities.some((zygosity) => zygosity === "NOT_ASSAYED"))
    throw invalid(`${field}.zygosity`, "states a file can say; NOT_ASSAYED is none");
  const { sampleIds, patientIds } = input;
  if (sampleIds == null && patientIds == null) throw invalid(field, "sampleIds or patientIds");
  return {
    kind: "samples",
    samples: list(sampleIds ?? [], `${field}.sampleIds`),
    patients: list(patientIds ?? [], `${field}.patientIds`),
    callSet: input.callSetId ?? null,
    zygosities,
  };
}

function idsOf(ids: readonly string[], field: string): Predicate {
  const keys: string[] = [];
  const names: string[] = [];
  for (const id of ids) {
    const parsed = parseVariantId(id, "AUTO");
    if (parsed.kind === "name") names.push(parsed.name);
    else if (parsed.kind === "key") {
      for (const build of parsed.build === null ? (["GRCh37", "GRCh38"] as const) : [parsed.build])
        keys.push(variantId({ build, ...parsed.key }));
    } else
      throw invalid(field, "identifiers this release resolves: contig-pos-ref-alt, rsIDs, SPDI, HGVS g. substitutions");
  }
  return { kind: "ids", keys, names };
}

function typesOf(type: string, field: string): readonly VariantType[] {
  const known = TYPES[type.toLowerCase()];
  if (known === undefined) throw invalid(field, "SNV, MNV, insertion, deletion, delins or indel");
  return known;
}

export function list<T>(items: readonly T[], field: string): readonly T[] {
  if (items.length > LIST_LIMIT) {
    throw new VitalomeError("LIMIT_EXCEEDED", `${field} has more than ${String(LIST_LIMIT)} members`, {
      details: { field, limit: "list", max: LIST_LIMIT, actual: items.length },
    });
  }
  return items;
}

export function invalid(field: string, expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `${field}: expected ${expected}`, { details: { field, expected } });
}
