import {
  classifyAlt,
  normaliseAllele,
  variantTypeOf,
  type AlleleKind,
  type ReferenceBases,
} from "../../domain/allele.js";
import { canonicalContig, contigRank, type Build } from "../../domain/contig.js";
import { COUNT_WIDTH } from "../../domain/counts.js";
import { countRule } from "../../domain/ledger.js";
import { VitalomeError } from "../../errors.js";
import type { RecordGenotypes, VcfRecord } from "../../ingest/sources/vcf/index.js";
import type { Fasta } from "../../ingest/sources/fasta.js";
import type { CallSetDraft } from "./call-set-draft.js";
import { createContentHash, hashText } from "./content-hash.js";
import { createGenotypeCounter } from "./counting.js";
import type { Staging } from "./staging.js";
import { structuralFacts } from "./structural.js";

/** Which records and alleles to leave out. Null means: no such filter. */
export interface VariantFilters {
  readonly minQual: number | null;
  readonly passOnly: boolean;
  readonly minAf: number | null;
  readonly maxAf: number | null;
}

/** What became of the records of one file before duplicates are known. */
export interface StageTally {
  /** Records with no alternate to keep as a row of its own: reference blocks and monomorphic sites. */
  referenceRecords: number;
  /** Records left out whole. */
  readonly filteredRecords: Record<string, number>;
  readonly filteredAlleles: Record<string, number>;
  allelesRead: number;
  blocks: number;
  carriers: number;
}

export interface FileStager {
  stage(record: VcfRecord): void;
  readonly tally: StageTally;
}

export interface StageOptions {
  readonly fileIndex: number;
  readonly fileName: string;
  readonly build: Build;
  readonly callSet: CallSetDraft;
  /** Index in the call set of each sample column of the file. */
  readonly sampleOfColumn: Uint32Array;
  readonly filters: VariantFilters;
  readonly reference: Fasta | null;
  /** Next number for a staged row, shared by the files of a job. */
  readonly nextRow: () => number;
}

export function createFileStager(staging: Staging, options: StageOptions): FileStager {
  const { callSet, filters, build, fileIndex, sampleOfColumn } = options;
  const counter = createGenotypeCounter(callSet.grouping, sampleOfColumn);
  const jobCodes: number[] = [];
  const textHashes: number[] = [];
  let contigName = "";
  let contig = "";
  let rank = 0;
  let bases: ReferenceBases | null = null;
  const tally: StageTally = {
    referenceRecords: 0,
    filteredRecords: {},
    filteredAlleles: {},
    allelesRead: 0,
    blocks: 0,
    carriers: 0,
  };

  function enterContig(name: string): void {
    contigName = name;
    contig = canonicalContig(name);
    rank = contigRank(contig);
    bases = options.reference?.basesOf(name) ?? null;
  }

  function learnTexts(genotypes: RecordGenotypes): void {
    for (let code = jobCodes.length; code < genotypes.texts.length; code += 1) {
      const text = genotypes.texts[code]?.text ?? ".";
      jobCodes.push(staging.genotypeCode(text));
      textHashes.push(hashText(text));
    }
  }

  function stage(record: VcfRecord): void {
    if (record.contig !== contigName) enterContig(record.contig);
    checkReference(record, bases, options.fileName);
    learnTexts(record.genotypes);
    const kinds = record.alts.map(classifyAlt);
    const rowAlleles = kinds.filter(isRowAllele).length;
    tally.allelesRead += rowAlleles;
    if (rowAlleles === 0) {
      tally.referenceRecords += 1;
      stageBlocks(record);
      return;
    }
    const recordRule = recordFilter(record, filters);
    if (recordRule !== null) {
      countRule(tally.filteredRecords, recordRule);
      countRule(tally.filteredAlleles, recordRule, rowAlleles);
      return;
    }
    let kept = 0;
    let lastRule = "";
    const contentHash = hashRecord(record, sampleOfColumn, textHashes);
    kinds.forEach((kind, index) => {
      if (!isRowAllele(kind)) return;
      const counts = counter.count(record.genotypes, index + 1);
      const rule = alleleFilter(counts, filters);
      if (rule !== null) {
        countRule(tally.filteredAlleles, rule);
        lastRule = rule;
        return;
      }
      kept += 1;
      if (kind === "sequence") stageVariant(record, index + 1, counts, contentHash);
      else stageStructural(record, index + 1, counts, contentHash);
    });
    if (kept === 0) countRule(tally.filteredRecords, lastRule);
  }

  function stageVariant(record: VcfRecord, altIndex: number, counts: Int32Array, contentHash: bigint): void {
    const alt = (record.alts[altIndex - 1] ?? "").toUpperCase();
    const allele = normaliseAllele({ pos: record.pos, ref: record.ref, alt }, bases);
    const vi = options.nextRow();
    const { genotypes } = record;
    staging.variants.append([
      vi,
      fileIndex,
      record.line,
      altIndex,
      callSet.id,
      build,
      contig,
      rank,
      allele.pos,
      allele.ref,
      allele.alt,
      variantTypeOf(allele.ref, allele.alt),
      bases === null ? "TRIMMED" : "LEFT_ALIGNED",
      idsOf(record),
      record.qual,
      filtersText(record.filters),
      record.info === "" ? null : record.info,
      record.pos,
      record.ref,
      record.alts.join(","),
      genotypes.base < 0 ? null : (genotypes.texts[genotypes.base]?.text ?? null),
      callSet.samples.length,
      callSet.groupsId,
      counts,
      contentHash,
    ]);
    stageCalls(vi, altIndex, genotypes);
  }

  function stageCalls(vi: number, altIndex: number, genotypes: RecordGenotypes): void {
    const { calls } = staging;
    const { ad } = genotypes;
    for (let index = 0; index < genotypes.count; index += 1) {
      const at = calls.length;
      const [rows, samples, gts, dps, gqs, adRefs, adAlts, phaseSets, fts] = calls.columns as readonly [
        Int32Array,
        Int32Array,
        Int32Array,
        Int32Array,
        Int32Array,
        Int32Array,
        Int32Array,
        Int32Array,
        Int32Array,
      ];
      rows[at] = vi;
      samples[at] = sampleOfColumn[genotypes.sample[index] ?? 0] ?? 0;
      gts[at] = jobCodes[genotypes.code[index] ?? 0] ?? 0;
      dps[at] = genotypes.dp?.[index] ?? -1;
      gqs[at] = genotypes.gq?.[index] ?? -1;
      adRefs[at] = ad === null ? -1 : (ad.values[index * ad.alleles] ?? -1);
      adAlts[at] = ad === null ? -1 : (ad.values[index * ad.alleles + altIndex] ?? -1);
      const phaseSet = genotypes.ps?.[index] ?? null;
      const filter = genotypes.filters?.[index] ?? null;
      phaseSets[at] = phaseSet === null ? -1 : staging.textCode(phaseSet);
      fts[at] = filter === null ? -1 : staging.textCode(filter);
      calls.advance();
    }
    tally.carriers += genotypes.count;
  }

  function stageStructural(record: VcfRecord, altIndex: number, counts: Int32Array, contentHash: bigint): void {
    const alt = record.alts[altIndex - 1] ?? "";
    const facts = structuralFacts(record.pos, alt, altIndex, record.endPos, record.info);
    staging.structural.append([
      options.nextRow(),
      fileIndex,
      record.line,
      altIndex,
      callSet.id,
      build,
      contig,
      rank,
      record.pos,
      facts.endPos,
      record.ref,
      alt,
      facts.svType,
      facts.svLen,
      facts.ciPos,
      facts.ciEnd,
      facts.mateId,
      facts.imprecise,
      facts.copyNumber,
      idsOf(record),
      record.qual,
      filtersText(record.filters),
      record.info === "" ? null : record.info,
      callSet.samples.length,
      callSet.groupsId,
      counts,
      contentHash,
    ]);
  }

  /** A site where the file looked and saw no alternate: one interval per sample, closed, 1-based. */
  function stageBlocks(record: VcfRecord): void {
    const { genotypes } = record;
    const end = record.endPos ?? record.pos + record.ref.length - 1;
    const contentHash = hashRecord(record, sampleOfColumn, textHashes);
    let listed = 0;
    for (let column = 0; column < callSet.samples.length; column += 1) {
      const isListed = listed < genotypes.count && genotypes.sample[listed] === column;
      const code = isListed ? (genotypes.code[listed] ?? -1) : genotypes.base;
      const gt = code < 0 ? null : (genotypes.texts[code]?.text ?? null);
      const gq = isListed ? (genotypes.gq?.[listed] ?? -1) : -1;
      const minDp = isListed ? (genotypes.minDp?.[listed] ?? -1) : -1;
      const dp = isListed ? (genotypes.dp?.[listed] ?? -1) : -1;
      if (isListed) listed += 1;
      if (gt === null) continue;
      tally.blocks += 1;
      staging.blocks.append([
        options.nextRow(),
        fileIndex,
        record.line,
        callSet.id,
        callSet.samples[sampleOfColumn[column] ?? 0] ?? "",
        build,
        contig,
        rank,
        record.pos,
        end,
        record.ref,
        gt,
        gq < 0 ? null : gq,
        minDp >= 0 ? minDp : dp >= 0 ? dp : null,
        contentHash,
      ]);
    }
  }

  return { stage, tally };
}

function isRowAllele(kind: AlleleKind): boolean {
  return kind === "sequence" || kind === "structural";
}

/** Null FILTER (`.`: filters were not run) is not PASS. */
function recordFilter(record: VcfRecord, filters: VariantFilters): string | null {
  if (filters.passOnly && (record.filters === null || record.filters.length > 0)) return "PASS_ONLY";
  if (filters.minQual !== null && (record.qual === null || record.qual < filters.minQual)) return "MIN_QUAL";
  return null;
}

/** A frequency that cannot be computed (AN = 0) passes no bound. */
function alleleFilter(counts: Int32Array, filters: VariantFilters): string | null {
  if (filters.minAf === null && filters.maxAf === null) return null;
  const [ac = 0, an = 0] = counts.subarray(0, COUNT_WIDTH);
  const af = an === 0 ? null : ac / an;
  if (filters.minAf !== null && (af === null || af < filters.minAf)) return "MIN_AF";
  if (filters.maxAf !== null && (af === null || af > filters.maxAf)) return "MAX_AF";
  return null;
}

function idsOf(record: VcfRecord): string | null {
  return record.ids.length === 0 ? null : record.ids.join(";");
}

/** `PASS`, names joined by `;`, or null where filters were not run. */
function filtersText(filters: readonly string[] | null): string | null {
  if (filters === null) return null;
  return filters.length === 0 ? "PASS" : filters.join(";");
}

/** A reference base that differs means another build or a damaged file: the file is refused, alleles are never swapped. */
function checkReference(record: VcfRecord, bases: ReferenceBases | null, file: string): void {
  if (bases === null) return;
  const expected = bases(record.pos, record.pos + record.ref.length - 1);
  for (let index = 0; index < record.ref.length; index += 1) {
    const wanted = expected[index];
    const found = record.ref[index];
    if (wanted === found || found === "N" || (wanted !== undefined && !/[ACGT]/.test(wanted))) continue;
    throw new VitalomeError(
      "INGEST_REJECTED",
      `${file}, line ${String(record.line)}: REF does not match the reference at ${record.contig}:${String(record.pos + index)}`,
      { details: { file, line: record.line, field: "REF", expected: wanted ?? "a position inside the contig" } },
    );
  }
}

function hashRecord(record: VcfRecord, sampleOfColumn: Uint32Array, textHashes: readonly number[]): bigint {
  const hash = createContentHash();
  const { genotypes } = record;
  hash.addText(record.qual === null ? "." : String(record.qual));
  hash.addText(filtersText(record.filters) ?? ".");
  hash.addText(`${record.ref}>${record.alts.join(",")}`);
  hash.addInteger(genotypes.base < 0 ? 0 : (textHashes[genotypes.base] ?? 0));
  for (let index = 0; index < genotypes.count; index += 1) {
    const sample = sampleOfColumn[genotypes.sample[index] ?? 0] ?? 0;
    hash.addEntry(
      sample,
      textHashes[genotypes.code[index] ?? 0] ?? 0,
      genotypes.dp?.[index] ?? -1,
      genotypes.gq?.[index] ?? -1,
    );
    if (genotypes.ad !== null) {
      const { alleles, values } = genotypes.ad;
      for (let allele = 0; allele < alleles; allele += 1) {
        hash.addEntry(sample, 0x4144 + allele, values[index * alleles + allele] ?? -1, 0);
      }
    }
    const phaseSet = genotypes.ps?.[index] ?? null;
    if (phaseSet !== null) hash.addEntry(sample, 0x5053, hashText(phaseSet), 0);
  }
  if (record.endPos !== null) hash.addInteger(record.endPos);
  return hash.digest();
}
