import { isHomRef, parseGenotype, type GenotypeText } from "../../../domain/genotype.js";
import type { RecordFault, RecordGenotypes, VcfHeader } from "./types.js";
import { expectedCount, hasType } from "./values.js";

/** Reads the sample columns of a record into reused buffers. */
export interface GenotypeReader {
  /** `from` is the first byte of the first sample, `to` one past the line's last. Null when all is well. */
  read(text: Buffer, from: number, to: number, format: string, alternates: number): RecordFault | null;
  /** A record without sample columns. */
  none(): void;
  readonly genotypes: RecordGenotypes;
}

const TAB = 9;
const MAX_TEXTS = 65_535;

interface FormatPlan {
  readonly keys: readonly string[];
  readonly gt: number;
  readonly dp: number;
  readonly gq: number;
  readonly minDp: number;
  readonly ad: number;
  readonly ps: number;
  readonly ft: number;
  readonly keepsMore: boolean;
}

export function createGenotypeReader(header: VcfHeader, useWords: boolean): GenotypeReader {
  const samples = header.samples.length;
  const texts: GenotypeText[] = [];
  const codes = new Map<string, number>();
  const greatest: number[] = [];
  const homRef: boolean[] = [];
  const all = new Uint16Array(samples);
  const sample = new Uint32Array(samples);
  const code = new Uint16Array(samples);
  const dp = new Int32Array(samples);
  const gq = new Int32Array(samples);
  const minDp = new Int32Array(samples);
  const ps: (string | null)[] = [];
  const ft: (string | null)[] = [];
  let depths = new Int32Array(samples * 2);
  const plans = new Map<string, FormatPlan | RecordFault>();
  const words = useWords ? createWordScanner(samples) : null;
  let genotypes: RecordGenotypes = empty(texts);

  /** Code of a genotype text, or -1 when it is none. */
  function codeOf(text: string): number {
    const known = codes.get(text);
    if (known !== undefined) return known;
    const genotype = parseGenotype(text, Number.MAX_SAFE_INTEGER);
    if (genotype === null || texts.length >= MAX_TEXTS) return -1;
    const next = texts.length;
    codes.set(text, next);
    texts.push(genotype);
    greatest.push(Math.max(-1, ...genotype.alleles));
    homRef.push(isHomRef(genotype));
    return next;
  }

  function planOf(format: string): FormatPlan | RecordFault {
    let plan = plans.get(format);
    if (plan === undefined) {
      plan = planFormat(format);
      if (plans.size < 1000) plans.set(format, plan);
    }
    return plan;
  }

  function read(text: Buffer, from: number, to: number, format: string, alternates: number): RecordFault | null {
    const plan = planOf(format);
    if ("rule" in plan) return plan;
    if (plan.gt === 0 && plan.keys.length === 1) {
      if (words?.scan(text, from, to, codeOf, homRef, sample, code) === true) {
        const { base, count } = words;
        const range = wordRange(base, count, alternates);
        if (range !== null) return range;
        genotypes = { ...empty(texts), base, count, sample, code };
        return null;
      }
      return readPlain(text, from, to, alternates);
    }
    return readFields(text, from, to, plan, alternates);
  }

  function wordRange(base: number, count: number, alternates: number): RecordFault | null {
    for (let index = 0; index < count; index += 1) {
      if ((greatest[code[index] ?? 0] ?? 0) > alternates) {
        return rangeFault(header.samples[sample[index] ?? 0] ?? "", texts[code[index] ?? 0]?.text ?? "", alternates);
      }
    }
    return base >= 0 && (greatest[base] ?? 0) > alternates ? rangeFault(header.samples[0] ?? "", "", alternates) : null;
  }

  /** GT alone: one text per sample. */
  function readPlain(text: Buffer, from: number, to: number, alternates: number): RecordFault | null {
    let column = 0;
    for (let at = from; at <= to; column += 1) {
      let end = text.indexOf(TAB, at);
      if (end < 0 || end > to) end = to;
      if (column >= samples) return columnFault(samples, column + 1);
      const gt = text.toString("latin1", at, end);
      const fault = takeGenotype(column, gt, alternates);
      if (fault !== null) return fault;
      at = end + 1;
    }
    if (column !== samples) return columnFault(samples, column);
    list(() => false);
    return null;
  }

  function takeGenotype(column: number, gt: string, alternates: number): RecordFault | null {
    const found = codeOf(gt);
    const field = `FORMAT/GT of ${header.samples[column] ?? ""}`;
    if (found < 0) {
      return gt.includes(":")
        ? { field: header.samples[column] ?? "", rule: "SAMPLE_SYNTAX", found: gt }
        : { field, rule: "GENOTYPE_SYNTAX", found: gt };
    }
    if ((greatest[found] ?? 0) > alternates) return rangeFault(header.samples[column] ?? "", gt, alternates);
    all[column] = found;
    return null;
  }

  /** Chooses the base text and lists every sample that differs from it or keeps more. */
  function list(keepsMore: (column: number) => boolean): void {
    let base = -1;
    for (let column = 0; column < samples && base < 0; column += 1) {
      const found = all[column] ?? 0;
      if (homRef[found] === true) base = found;
    }
    let count = 0;
    for (let column = 0; column < samples; column += 1) {
      const found = all[column] ?? 0;
      if (found === base && !keepsMore(column)) continue;
      sample[count] = column;
      code[count] = found;
      count += 1;
    }
    genotypes = { ...empty(texts), base, count, sample, code };
  }

  function readFields(text: Buffer, from: number, to: number, plan: FormatPlan, alternates: number): RecordFault | null {
    const alleles = alternates + 1;
    if (plan.ad >= 0 && depths.length < samples * alleles) depths = new Int32Array(samples * alleles);
    ps.length = 0;
    ft.length = 0;
    let column = 0;
    for (let at = from; at <= to; column += 1) {
      let end = text.indexOf(TAB, at);
      if (end < 0 || end > to) end = to;
      if (column >= samples) return columnFault(samples, column + 1);
      const fields = text.toString("utf8", at, end).split(":");
      const fault = takeFields(column, fields, plan, alternates);
      if (fault !== null) return fault;
      at = end + 1;
    }
    if (column !== samples) return columnFault(samples, column);
    if (plan.gt < 0) {
      genotypes = empty(texts);
      return null;
    }
    list((index) => plan.keepsMore && keeps(index, plan, alleles));
    compact(plan, alleles);
    return null;
  }

  function takeFields(column: number, fields: readonly string[], plan: FormatPlan, alternates: number): RecordFault | null {
    const name = header.samples[column] ?? "";
    if (fields.length > plan.keys.length) return { field: name, rule: "SAMPLE_SYNTAX", found: fields.join(":") };
    let ploidy = 2;
    if (plan.gt === 0) {
      const fault = takeGenotype(column, fields[0] ?? "", alternates);
      if (fault !== null) return fault;
      ploidy = texts[all[column] ?? 0]?.alleles.length ?? 2;
    }
    for (let index = plan.gt === 0 ? 1 : 0; index < fields.length; index += 1) {
      const value = fields[index] ?? "";
      if (value === "." || value === "") continue;
      const fault = checkField(name, plan.keys[index] ?? "", value, alternates, ploidy);
      if (fault !== null) return fault;
    }
    const integer = (at: number): number => {
      const value = at < 0 ? undefined : fields[at];
      return value === undefined || value === "." || value === "" ? -1 : Math.trunc(Number(value));
    };
    if (plan.dp >= 0) dp[column] = integer(plan.dp);
    if (plan.gq >= 0) gq[column] = integer(plan.gq);
    if (plan.minDp >= 0) minDp[column] = integer(plan.minDp);
    if (plan.ps >= 0) ps[column] = textOf(fields[plan.ps]);
    if (plan.ft >= 0) ft[column] = textOf(fields[plan.ft]);
    if (plan.ad >= 0) {
      const values = (fields[plan.ad] ?? ".").split(",");
      for (let allele = 0; allele <= alternates; allele += 1) {
        const value = values[allele];
        depths[column * (alternates + 1) + allele] = value === undefined || value === "." || value === "" ? -1 : Number(value);
      }
    }
    return null;
  }

  function checkField(name: string, key: string, value: string, alternates: number, ploidy: number): RecordFault | null {
    const definition = header.formats.get(key);
    if (definition === undefined) return null;
    const field = `FORMAT/${key} of ${name}`;
    const values = value.split(",");
    const wrong = values.find((item) => !hasType(item, definition.type));
    if (wrong !== undefined) return { field, rule: "SAMPLE_TYPE", found: wrong, expected: `a value of type ${definition.type}` };
    const perAllele = typeof definition.number === "string";
    const wanted = alternates === 0 && perAllele ? null : expectedCount(definition, alternates, ploidy);
    if (wanted === null || values.length === wanted || (values.length === 1 && values[0] === ".")) return null;
    // A caller may write diploid likelihoods beside a missing or haploid call.
    if (definition.number === "G" && values.length === expectedCount(definition, alternates, 2)) return null;
    return { field, rule: "SAMPLE_NUMBER", found: value, expected: `${String(wanted)} values (Number=${String(definition.number)})` };
  }

  function keeps(column: number, plan: FormatPlan, alleles: number): boolean {
    if (plan.dp >= 0 && (dp[column] ?? -1) >= 0) return true;
    if (plan.gq >= 0 && (gq[column] ?? -1) >= 0) return true;
    if (plan.minDp >= 0 && (minDp[column] ?? -1) >= 0) return true;
    if (plan.ps >= 0 && ps[column] !== null) return true;
    if (plan.ft >= 0 && ft[column] !== null) return true;
    if (plan.ad < 0) return false;
    for (let allele = 0; allele < alleles; allele += 1) if ((depths[column * alleles + allele] ?? -1) >= 0) return true;
    return false;
  }

  /** Moves the kept values of listed samples to the front, so that index n belongs to listed sample n. */
  function compact(plan: FormatPlan, alleles: number): void {
    const { count } = genotypes;
    for (let index = 0; index < count; index += 1) {
      const column = sample[index] ?? 0;
      if (plan.dp >= 0) dp[index] = dp[column] ?? -1;
      if (plan.gq >= 0) gq[index] = gq[column] ?? -1;
      if (plan.minDp >= 0) minDp[index] = minDp[column] ?? -1;
      if (plan.ps >= 0) ps[index] = ps[column] ?? null;
      if (plan.ft >= 0) ft[index] = ft[column] ?? null;
      if (plan.ad >= 0 && index !== column) depths.copyWithin(index * alleles, column * alleles, (column + 1) * alleles);
    }
    genotypes = {
      ...genotypes,
      dp: plan.dp >= 0 ? dp : null,
      gq: plan.gq >= 0 ? gq : null,
      minDp: plan.minDp >= 0 ? minDp : null,
      ad: plan.ad >= 0 ? { values: depths, alleles } : null,
      ps: plan.ps >= 0 ? ps : null,
      filters: plan.ft >= 0 ? ft : null,
    };
  }

  return {
    read,
    none() {
      genotypes = empty(texts);
    },
    get genotypes() {
      return genotypes;
    },
  };
}

function textOf(value: string | undefined): string | null {
  return value === undefined || value === "." || value === "" ? null : value;
}

function empty(texts: readonly GenotypeText[]): RecordGenotypes {
  return {
    texts, base: -1, count: 0, sample: new Uint32Array(0), code: new Uint16Array(0),
    dp: null, gq: null, minDp: null, ad: null, ps: null, filters: null,
  };
}

function columnFault(wanted: number, found: number): RecordFault {
  return { field: "columns", rule: "COLUMN_COUNT", found: `${String(found)} sample columns`, expected: `${String(wanted)} sample columns` };
}

function rangeFault(sample: string, gt: string, alternates: number): RecordFault {
  return { field: `FORMAT/GT of ${sample}`, rule: "ALLELE_RANGE", found: gt, expected: `alleles 0 to ${String(alternates)}` };
}

function planFormat(format: string): FormatPlan | RecordFault {
  const keys = format.split(":");
  const isWrong = keys.some((key) => !/^[A-Za-z_][0-9A-Za-z_.]*$/.test(key));
  if (isWrong || new Set(keys).size !== keys.length) return { field: "FORMAT", rule: "FORMAT_SYNTAX", found: format };
  const gt = keys.indexOf("GT");
  if (gt > 0) return { field: "FORMAT", rule: "FORMAT_SYNTAX", found: format, expected: "GT as the first key" };
  const at = (key: string): number => keys.indexOf(key);
  const plan = { keys, gt, dp: at("DP"), gq: at("GQ"), minDp: at("MIN_DP"), ad: at("AD"), ps: at("PS"), ft: at("FT") };
  return { ...plan, keepsMore: [plan.dp, plan.gq, plan.minDp, plan.ad, plan.ps, plan.ft].some((place) => place >= 0) };
}

interface WordScanner {
  /** False when the line is not made of three-byte genotypes: nothing was read. */
  scan(
    text: Buffer,
    from: number,
    to: number,
    codeOf: (text: string) => number,
    homRef: readonly boolean[],
    sample: Uint32Array,
    code: Uint16Array,
  ): boolean;
  readonly base: number;
  readonly count: number;
}

/**
 * Genotypes such as `0|0` are three bytes and a tab: four bytes compared as one 32-bit word. Only the words that
 * differ from the base are looked at. A line of another shape, such as haploid males on X, is refused here.
 */
function createWordScanner(samples: number): WordScanner {
  const scratch = Buffer.alloc(samples * 4);
  const words = new Int32Array(scratch.buffer, scratch.byteOffset, samples);
  const codeOfWord = new Map<number, number>();
  let base = -1;
  let count = 0;
  const learn = (word: number, codeOf: (text: string) => number): number => {
    if ((word >>> 24) !== TAB) return -1;
    const text = Buffer.from([word & 255, (word >>> 8) & 255, (word >>> 16) & 255]).toString("latin1");
    if (!/^[0-9.][/|][0-9.]$/.test(text)) return -1;
    const code = codeOf(text);
    if (code >= 0) codeOfWord.set(word, code);
    return code;
  };
  return {
    get base() {
      return base;
    },
    get count() {
      return count;
    },
    scan(text, from, to, codeOf, homRef, sample, code) {
      if (samples === 0 || to - from !== samples * 4 - 1) return false;
      text.copy(scratch, 0, from, to);
      scratch[samples * 4 - 1] = TAB;
      base = -1;
      for (let index = 0; index < samples && base < 0; index += 1) {
        const word = words[index] ?? 0;
        const found = codeOfWord.get(word) ?? learn(word, codeOf);
        if (found < 0) return false;
        if (homRef[found] === true) base = found;
      }
      let baseWord = 0;
      if (base >= 0) for (const [word, known] of codeOfWord) if (known === base) baseWord = word;
      count = 0;
      for (let index = 0; index < samples; index += 1) {
        const word = words[index]!;
        if (word === baseWord) continue;
        const found = codeOfWord.get(word) ?? learn(word, codeOf);
        if (found < 0) return false;
        sample[count] = index;
        code[count] = found;
        count += 1;
      }
      return true;
    },
  };
}

