import { join } from "node:path";
import type { CallSetKind } from "../../domain/call-set.js";
import { callAllele } from "../../domain/counts.js";
import { parseGenotype } from "../../domain/genotype.js";
import { createTable, type AppendValue, type ColumnType } from "../../engine/appender.js";
import type { Engine } from "../../engine/duckdb.js";
import { quoteText } from "../../engine/duckdb.js";
import { writeParquet } from "../../engine/parquet.js";
import { runSqlFile, sqlFile } from "../../engine/sql-file.js";
import type { FileOutcome, JobContext, WrittenFile } from "../context.js";
import { parseRawId } from "../parameters.js";
import type { CallSetDraft } from "./call-set-draft.js";
import type { IngestedFile } from "./ingest-file.js";
import type { Staging } from "./staging.js";

export interface TablesInput {
  readonly ingested: readonly IngestedFile[];
  readonly outcomes: readonly FileOutcome[];
  readonly callSets: readonly CallSetDraft[];
}

/** Writes what is kept as Parquet below the run's `data/`. A job that adds no row writes no file. */
export async function writeVariantTables(
  context: JobContext,
  engine: Engine,
  staging: Staging,
  input: TablesInput,
): Promise<readonly WrittenFile[]> {
  await fillDimensions(context, engine, staging, input);
  const { signal } = context;
  await runSqlFile(engine, "variant-rows", signal);
  await engine.run(`CREATE TABLE kept_variants AS ${sqlFile("variants")}`, [], signal);
  const callSets = input.callSets.map((callSet) => callSet.id);
  const written: WrittenFile[] = [];
  const write = async (table: string, query: string, rowGroupRows?: number): Promise<void> => {
    context.progress(null, `writing ${table}`);
    const name = `data/${table}.parquet`;
    const file = await writeParquet(engine, query, join(context.workDirectory, name), signal, rowGroupRows);
    if (file !== null) {
      written.push({ table, path: `runs/${context.spec.id}/${name}`, ...file, meta: { callSets } });
    }
  };
  const key = "variant_row";
  await write("variants", `SELECT * EXCLUDE (vi) FROM kept_variants ORDER BY ${key}`, 8_192);
  await engine.run(
    `CREATE TABLE kept_keys AS SELECT vi, variant_row, call_set_id, build, contig, contig_rank, pos, ref, alt, alt_index,
       CAST(dense_rank() OVER (ORDER BY call_set_id) AS INTEGER) AS call_set_rank FROM kept_variants`,
  );
  const orders = {
    calls: "variant_row, sample_index",
    calls_by_sample: "call_set_rank, sample_index, variant_row",
  } as const;
  for (const [table, order] of Object.entries(orders)) {
    // Sorting integers and joining afterwards costs a third of sorting the joined rows; the joins keep the order.
    await engine.run(`CREATE TABLE ordered_calls AS ${sqlFile("ordered-calls")} ORDER BY ${order}`, [], signal);
    await write(table, sqlFile("calls"));
    await engine.run("DROP TABLE ordered_calls");
  }
  await write("structural_variants", sqlFile("structural-variants"));
  await write("reference_blocks", sqlFile("reference-blocks"));
  const newFiles = await describeCallSets(engine, input);
  if (newFiles || written.length > 0) {
    await write("call_sets", "SELECT * FROM described_call_sets ORDER BY call_set_id, file_index");
    await write("samples", "SELECT * FROM described_samples ORDER BY call_set_id, sample_index");
    await write("sample_groups", "SELECT * FROM described_groups ORDER BY groups_id, group_index");
  }
  return written;
}

/** Small tables the statements in `sql/` join with. */
async function fillDimensions(
  context: JobContext,
  engine: Engine,
  staging: Staging,
  input: TablesInput,
): Promise<void> {
  await fill(
    engine,
    "staged_files",
    { file_index: "integer", name: "text", run_id: "text" },
    input.ingested.map((file) => [file.fileIndex, file.name, context.spec.id]),
  );
  await fill(
    engine,
    "staged_samples",
    { call_set_id: "text", sample_index: "integer", sample_id: "text" },
    input.callSets.flatMap((callSet) =>
      callSet.samples.map((sample, index): AppendValue[] => [callSet.id, index, sample]),
    ),
  );
  await fill(
    engine,
    "staged_texts",
    { code: "integer", text: "text" },
    staging.texts.map((text, code) => [code, text]),
  );
  const [widest] = await engine.rows("SELECT coalesce(max(alt_index), 0) AS n FROM staged_variants");
  const alternates = Number(widest?.["n"] ?? 0);
  const genotypes: AppendValue[][] = [];
  staging.genotypeTexts.forEach((text, code) => {
    const genotype = parseGenotype(text, Number.MAX_SAFE_INTEGER);
    if (genotype === null) return;
    for (let alt = 1; alt <= alternates; alt += 1) {
      const call = callAllele(genotype, alt);
      genotypes.push([
        code,
        alt,
        text,
        call.called === 0 ? null : call.dosage,
        call.called === 0 ? null : call.otherAltDosage,
        genotype.alleles.length,
        genotype.phased,
        call.genotypeClass,
      ]);
    }
  });
  await fill(
    engine,
    "staged_genotypes",
    {
      code: "integer",
      alt_index: "integer",
      text: "text",
      dosage: "integer",
      other_alt_dosage: "integer",
      ploidy: "integer",
      phased: "boolean",
      genotype_class: "text",
    },
    genotypes,
  );
}

/** `call_sets` (one row per file that gave something), `samples`, `sample_groups`; false when nothing is new. */
async function describeCallSets(engine: Engine, input: TablesInput): Promise<boolean> {
  const files: AppendValue[][] = [];
  for (const file of input.ingested) {
    if (file.status !== "staged") continue;
    const outcome = input.outcomes[file.fileIndex];
    if (outcome === undefined || outcome.status === "refused" || outcome.ledger.records.accepted === 0) continue;
    const { sha256, name } = parseRawId(file.uri);
    files.push([
      file.callSet.id,
      file.callSet.name,
      file.callSet.build,
      file.callSet.statedKind ?? (await deriveKind(engine, file.callSet)),
      file.caller,
      file.fileIndex,
      name,
      sha256,
      file.callSet.samples.length,
      outcome.ledger.alleles.accepted,
      outcome.ledger.records.accepted,
      file.callSet.groupsId,
    ]);
  }
  const described = new Set(files.map((row) => row[0]));
  await fill(
    engine,
    "described_call_sets",
    {
      call_set_id: "text",
      name: "text",
      build: "text",
      kind: "text",
      caller: "text",
      file_index: "integer",
      file: "text",
      sha256: "text",
      sample_count: "integer",
      sites: "integer",
      records: "integer",
      groups_id: "text",
    },
    files,
  );
  const drafts = input.callSets.filter((callSet) => described.has(callSet.id));
  await fill(
    engine,
    "described_samples",
    {
      call_set_id: "text",
      sample_index: "integer",
      sample_id: "text",
      sex: "text",
      populations: "text",
      superpopulations: "text",
      in_sheet: "boolean",
      flags: "text",
    },
    drafts.flatMap((draft) =>
      draft.samples.map((sample, index): AppendValue[] => {
        const facts = draft.facts.get(sample);
        const flags = draft.flags.filter((flag) => flag.sampleId === sample);
        return [
          draft.id,
          index,
          sample,
          facts?.sex ?? null,
          facts?.populations.join(",") ?? null,
          facts?.superpopulations.join(",") ?? null,
          facts !== undefined,
          flags.length === 0 ? null : JSON.stringify(flags.map(({ flag, detail }) => ({ flag, detail }))),
        ];
      }),
    ),
  );
  await fill(
    engine,
    "described_groups",
    { groups_id: "text", group_index: "integer", population: "text", sex: "text", sample_count: "integer" },
    drafts.flatMap((draft) =>
      draft.grouping.groups.map((group, index): AppendValue[] => {
        let samples = 0;
        draft.grouping.groupsOfCell.forEach((groups, cell) => {
          if (groups.includes(index)) samples += draft.grouping.cellSizes[cell] ?? 0;
        });
        return [draft.groupsId, index, group.population, group.sex, samples];
      }),
    ),
  );
  return files.length > 0;
}

/** Intervals of reference make a gVCF; alternates nobody carries make forced sites; else variants only. */
async function deriveKind(engine: Engine, callSet: CallSetDraft): Promise<CallSetKind> {
  const id = quoteText(callSet.id);
  const [facts] = await engine.rows(
    `SELECT
       (SELECT count(*) FROM staged_blocks WHERE call_set_id = ${id} AND end_pos >= start_pos + length(ref)) AS intervals,
       (SELECT count(*) FROM staged_blocks WHERE call_set_id = ${id}) AS blocks,
       (SELECT count(*) FROM staged_variants WHERE call_set_id = ${id}) AS variants,
       (SELECT count(*) FROM staged_variants WHERE call_set_id = ${id} AND group_counts[1] = 0) AS uncarried`,
  );
  const of = (name: string): number => Number(facts?.[name] ?? 0);
  if (of("intervals") > 0) return "GVCF";
  if (callSet.samples.length > 0 && (of("blocks") > 0 || of("uncarried") * 10 > of("variants"))) return "FORCED_SITES";
  return callSet.samples.length === 1 ? "SINGLE_VARIANTS_ONLY" : "COHORT_VARIANTS_ONLY";
}

async function fill(
  engine: Engine,
  table: string,
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly (readonly AppendValue[])[],
): Promise<void> {
  const appender = await createTable(engine, table, columns);
  for (const row of rows) appender.append(row);
  appender.flush();
}
