import {
  createIntegerAppender,
  createTable,
  type ColumnType,
  type IntegerAppender,
  type TableAppender,
} from "../../engine/appender.js";
import type { Engine } from "../../engine/duckdb.js";

/**
 * Where the rows of one job wait, on disk, until duplicates are known. Column order here is the order
 * in which `append` takes values.
 */
export const VARIANT_COLUMNS = {
  vi: "integer",
  file_index: "integer",
  line: "integer",
  alt_index: "integer",
  call_set_id: "text",
  build: "text",
  contig: "text",
  contig_rank: "integer",
  pos: "integer",
  ref: "text",
  alt: "text",
  variant_type: "text",
  normalisation: "text",
  ids: "text",
  qual: "double",
  filters: "text",
  info: "text",
  original_pos: "integer",
  original_ref: "text",
  original_alts: "text",
  base_gt: "text",
  sample_count: "integer",
  groups_id: "text",
  group_counts: "integers",
  content_hash: "bigint",
} as const satisfies Readonly<Record<string, ColumnType>>;

export const STRUCTURAL_COLUMNS = {
  vi: "integer",
  file_index: "integer",
  line: "integer",
  alt_index: "integer",
  call_set_id: "text",
  build: "text",
  contig: "text",
  contig_rank: "integer",
  pos: "integer",
  end_pos: "integer",
  ref: "text",
  alt: "text",
  sv_type: "text",
  sv_len: "integer",
  ci_pos: "text",
  ci_end: "text",
  mate_id: "text",
  imprecise: "boolean",
  copy_number: "double",
  ids: "text",
  qual: "double",
  filters: "text",
  info: "text",
  sample_count: "integer",
  groups_id: "text",
  group_counts: "integers",
  content_hash: "bigint",
} as const satisfies Readonly<Record<string, ColumnType>>;

export const BLOCK_COLUMNS = {
  vi: "integer",
  file_index: "integer",
  line: "integer",
  call_set_id: "text",
  sample_id: "text",
  build: "text",
  contig: "text",
  contig_rank: "integer",
  start_pos: "integer",
  end_pos: "integer",
  ref: "text",
  gt: "text",
  min_gq: "integer",
  min_dp: "integer",
  content_hash: "bigint",
} as const satisfies Readonly<Record<string, ColumnType>>;

/** One row per listed sample and alternate; -1 is missing. Texts are codes of the job's dictionaries. */
export const CALL_COLUMNS = [
  "vi",
  "sample_index",
  "gt",
  "dp",
  "gq",
  "ad_ref",
  "ad_alt",
  "phase_set",
  "filters",
] as const;

export interface Staging {
  readonly variants: TableAppender;
  readonly structural: TableAppender;
  readonly blocks: TableAppender;
  readonly calls: IntegerAppender;
  /** Code of a text in the job's dictionary of genotype texts. */
  genotypeCode(text: string): number;
  /** Code of any other text of a call: phase set, filters. */
  textCode(text: string): number;
  readonly genotypeTexts: readonly string[];
  readonly texts: readonly string[];
  flush(): void;
}

export async function createStaging(engine: Engine): Promise<Staging> {
  const variants = await createTable(engine, "staged_variants", VARIANT_COLUMNS);
  const structural = await createTable(engine, "staged_structural", STRUCTURAL_COLUMNS);
  const blocks = await createTable(engine, "staged_blocks", BLOCK_COLUMNS);
  await engine.run(`CREATE TABLE staged_calls (${CALL_COLUMNS.map((name) => `${name} INTEGER`).join(", ")})`);
  const calls = await createIntegerAppender(engine, "staged_calls", CALL_COLUMNS.length);
  const genotypes = createDictionary();
  const texts = createDictionary();
  return {
    variants,
    structural,
    blocks,
    calls,
    genotypeCode: genotypes.code,
    textCode: texts.code,
    genotypeTexts: genotypes.texts,
    texts: texts.texts,
    flush() {
      variants.flush();
      structural.flush();
      blocks.flush();
      calls.flush();
    },
  };
}

function createDictionary(): { readonly texts: readonly string[]; code(text: string): number } {
  const texts: string[] = [];
  const codes = new Map<string, number>();
  return {
    texts,
    code(text) {
      let code = codes.get(text);
      if (code === undefined) {
        code = texts.length;
        texts.push(text);
        codes.set(text, code);
      }
      return code;
    },
  };
}
