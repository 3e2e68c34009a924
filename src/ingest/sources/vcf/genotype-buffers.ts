import { isHomRef, parseGenotype, type GenotypeText } from "../../../domain/genotype.js";
import type { FormatPlan, KeptField } from "./format-plan.js";
import type { RecordGenotypes } from "./types.js";

/** The distinct genotype texts of a file. */
export interface GenotypeTexts {
  readonly texts: readonly GenotypeText[];
  /** Code of a text; -1 when it is no genotype, -2 when there are too many. */
  codeOf(text: string): number;
  /** The greatest allele a code names; -1 when it names none. */
  readonly greatest: readonly number[];
  readonly homRef: readonly boolean[];
}

const MAX_TEXTS = 65_535;
const MAX_TEXT_LENGTH = 1024;

export function createGenotypeTexts(): GenotypeTexts {
  const texts: GenotypeText[] = [];
  const codes = new Map<string, number>();
  const greatest: number[] = [];
  const homRef: boolean[] = [];
  return {
    texts,
    greatest,
    homRef,
    codeOf(text) {
      const known = codes.get(text);
      if (known !== undefined) return known;
      const genotype = text.length > MAX_TEXT_LENGTH ? null : parseGenotype(text, Number.MAX_SAFE_INTEGER);
      if (genotype === null) return -1;
      if (texts.length >= MAX_TEXTS) return -2;
      const code = texts.length;
      codes.set(text, code);
      texts.push(genotype);
      greatest.push(Math.max(-1, ...genotype.alleles));
      homRef.push(isHomRef(genotype));
      return code;
    },
  };
}

type Scalar = "dp" | "gq" | "minDp";

/** Values of one record by sample column, then moved together for the samples that are listed. */
export interface GenotypeBuffers {
  /** Code of each sample column. */
  readonly codes: Uint16Array;
  readonly scalars: Readonly<Record<Scalar, Int32Array>>;
  /** Sample column × allele; as long as the record needs after `begin`. */
  readonly depths: Int32Array;
  readonly ps: (string | null)[];
  readonly ft: (string | null)[];
  /** For a scanner that lists differing samples itself. */
  readonly sample: Uint32Array;
  readonly code: Uint16Array;
  /** Sets everything the plan keeps to missing. */
  begin(plan: FormatPlan, alternates: number): void;
  none(): RecordGenotypes;
  /** Samples `sample[0..count)` with `code`, all others having `base` and nothing else. */
  listed(base: number, count: number): RecordGenotypes;
  /** Lists every sample that differs from the first hom-ref text or keeps a value. */
  list(plan: FormatPlan, alternates: number): RecordGenotypes;
}

const SCALARS: readonly Scalar[] = ["dp", "gq", "minDp"];
const NO_SAMPLES = new Uint32Array(0);
const NO_CODES = new Uint16Array(0);

export function createGenotypeBuffers(samples: number, { texts, homRef }: GenotypeTexts): GenotypeBuffers {
  const codes = new Uint16Array(samples);
  const scalars = { dp: new Int32Array(samples), gq: new Int32Array(samples), minDp: new Int32Array(samples) };
  const ps = new Array<string | null>(samples).fill(null);
  const ft = new Array<string | null>(samples).fill(null);
  const sample = new Uint32Array(samples);
  const code = new Uint16Array(samples);
  let depths = new Int32Array(0);
  const nothingKept = { dp: null, gq: null, minDp: null, ad: null, ps: null, filters: null };
  const none: RecordGenotypes = { texts, base: -1, count: 0, sample: NO_SAMPLES, code: NO_CODES, ...nothingKept };

  function keeps(plan: FormatPlan, column: number, alleles: number): boolean {
    for (const name of SCALARS) if (plan.kept.has(name) && (scalars[name][column] ?? -1) !== -1) return true;
    if (plan.kept.has("ps") && ps[column] !== null) return true;
    if (plan.kept.has("ft") && ft[column] !== null) return true;
    if (!plan.kept.has("ad")) return false;
    for (let at = column * alleles; at < (column + 1) * alleles; at += 1) if ((depths[at] ?? -1) !== -1) return true;
    return false;
  }

  function moveTogether(has: (field: KeptField) => boolean, count: number, alleles: number): void {
    for (let index = 0; index < count; index += 1) {
      const column = sample[index] ?? 0;
      if (index === column) continue;
      for (const name of SCALARS) if (has(name)) scalars[name][index] = scalars[name][column] ?? -1;
      if (has("ps")) ps[index] = ps[column] ?? null;
      if (has("ft")) ft[index] = ft[column] ?? null;
      if (has("ad")) depths.copyWithin(index * alleles, column * alleles, (column + 1) * alleles);
    }
  }

  return {
    codes,
    scalars,
    get depths() {
      return depths;
    },
    ps,
    ft,
    sample,
    code,
    begin(plan, alternates) {
      for (const name of SCALARS) if (plan.kept.has(name)) scalars[name].fill(-1);
      if (plan.kept.has("ps")) ps.fill(null);
      if (plan.kept.has("ft")) ft.fill(null);
      if (!plan.kept.has("ad")) return;
      const needed = samples * (alternates + 1);
      if (depths.length < needed) depths = new Int32Array(needed);
      depths.fill(-1, 0, needed);
    },
    none() {
      return none;
    },
    listed(base, count) {
      return { texts, base, count, sample, code, ...nothingKept };
    },
    list(plan, alternates) {
      let base = -1;
      for (let column = 0; column < samples && base < 0; column += 1) {
        const found = codes[column] ?? 0;
        if (homRef[found] === true) base = found;
      }
      const keepsMore = plan.kept.size > 0;
      let count = 0;
      for (let column = 0; column < samples; column += 1) {
        const found = codes[column] ?? 0;
        if (found === base && !(keepsMore && keeps(plan, column, alternates + 1))) continue;
        sample[count] = column;
        code[count] = found;
        count += 1;
      }
      if (!keepsMore) return { texts, base, count, sample, code, ...nothingKept };
      const has = (field: KeptField): boolean => plan.kept.has(field);
      moveTogether(has, count, alternates + 1);
      return {
        texts,
        base,
        count,
        sample,
        code,
        dp: has("dp") ? scalars.dp : null,
        gq: has("gq") ? scalars.gq : null,
        minDp: has("minDp") ? scalars.minDp : null,
        ad: has("ad") ? { values: depths, alleles: alternates + 1 } : null,
        ps: has("ps") ? ps : null,
        filters: has("ft") ? ft : null,
      };
    },
  };
}
