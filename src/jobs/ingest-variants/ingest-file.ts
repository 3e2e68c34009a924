import { join } from "node:path";
import { inPseudoautosomal, type Build } from "../../domain/contig.js";
import type { Engine } from "../../engine/duckdb.js";
import { VitalomeError } from "../../errors.js";
import type { FileRefusal, JobContext } from "../context.js";
import { refusalOf, statInput } from "../input-file.js";
import { parseRawId, type IngestVariantsParameters } from "../parameters.js";
import { readVcf, type VcfHeader, type VcfRecord, type VcfSummary } from "../../ingest/sources/vcf/index.js";
import type { Fasta } from "../../ingest/sources/fasta.js";
import { sampleOfColumn, type CallSetDraft } from "./call-set-draft.js";
import { openQuarantine, type Quarantine } from "./quarantine.js";
import { createFileStager, type StageTally } from "./stage-file.js";
import type { Staging } from "./staging.js";

/** One file after reading, before duplicates are known. */
export type IngestedFile = {
  readonly fileIndex: number;
  readonly uri: string;
  readonly name: string;
} & (
  | { readonly status: "refused"; readonly refusal: FileRefusal }
  | {
      readonly status: "staged";
      readonly callSet: CallSetDraft;
      readonly caller: string | null;
      readonly summary: VcfSummary;
      readonly tally: StageTally;
      readonly quarantine: Quarantine;
      readonly quarantinePath: string;
    }
);

export interface IngestFileOptions {
  readonly fileIndex: number;
  readonly uri: string;
  readonly parameters: IngestVariantsParameters;
  readonly reference: Fasta | null;
  readonly engine: Engine;
  readonly staging: Staging;
  readonly nextRow: () => number;
  readonly callSetFor: (build: Build, columns: readonly string[]) => CallSetDraft;
  readonly progressOf: (fraction: number) => void;
}

/** Reads one file into the staging tables. Its own faults refuse it; faults of the machine are thrown. */
export async function ingestFile(context: JobContext, options: IngestFileOptions): Promise<IngestedFile> {
  const { fileIndex, uri, parameters } = options;
  const { path, name } = parseRawId(uri);
  const quarantinePath = join(context.quarantineDirectory, `${String(fileIndex)}.ndjson`);
  const quarantine = openQuarantine(quarantinePath);
  let callSet: CallSetDraft | null = null;
  let caller: string | null = null;
  let stager: ReturnType<typeof createFileStager> | null = null;
  let ploidy: PloidyWatch | null = null;
  try {
    const stat = await statInput(context, uri);
    const summary = await readVcf(
      context.files.read(path),
      {
        header(header: VcfHeader) {
          const build = buildOf(header, parameters.assemblyId, name);
          callSet = options.callSetFor(build, header.samples);
          caller = callerOf(header);
          const columns = sampleOfColumn(callSet, header.samples);
          ploidy = watchPloidy(callSet, columns);
          stager = createFileStager(options.staging, {
            fileIndex,
            fileName: name,
            build,
            callSet,
            sampleOfColumn: columns,
            filters: parameters,
            reference: options.reference,
            nextRow: options.nextRow,
          });
        },
        record(record: VcfRecord) {
          stager?.stage(record);
          ploidy?.see(record);
        },
        reject(rejection) {
          quarantine.add({ source: name, position: `line ${String(rejection.line)}`, ...rejection });
        },
        async flush(progress) {
          context.signal.throwIfAborted();
          options.progressOf(Math.min(1, progress.bytesRead / Math.max(1, stat.bytes)));
          await quarantine.drained();
        },
      },
      { signal: context.signal, build: parameters.assemblyId },
    );
    await quarantine.close();
    if (callSet === null || stager === null) throw new VitalomeError("INGEST_REJECTED", `${name} has no header`);
    (ploidy as PloidyWatch | null)?.finish();
    const { tally } = stager as ReturnType<typeof createFileStager>;
    return { fileIndex, uri, name, status: "staged", callSet, caller, summary, tally, quarantine, quarantinePath };
  } catch (thrown) {
    await quarantine.close().catch(() => undefined);
    const refusal = refusalOf(context, thrown);
    options.staging.flush();
    for (const table of ["staged_variants", "staged_structural", "staged_blocks"]) {
      await options.engine.run(`DELETE FROM ${table} WHERE file_index = $1`, [fileIndex]);
    }
    return { fileIndex, uri, name, status: "refused", refusal };
  }
}

/** The build comes from the header or from the caller; where they disagree the file is refused. */
function buildOf(header: VcfHeader, stated: Build | null, file: string): Build {
  if (header.build !== null && stated !== null && header.build !== stated) {
    throw new VitalomeError("INGEST_REJECTED", `${file}: the header says ${header.build}, the caller says ${stated}`, {
      details: { file, field: "##contig", expected: stated, line: 1 },
    });
  }
  const build = header.build ?? stated;
  if (build === null) {
    throw new VitalomeError(
      "INGEST_REJECTED",
      `${file}: the header does not tell the build (no ##contig lengths of GRCh37 or GRCh38); state it as assemblyId`,
      { details: { file, field: "##contig", expected: "contig lengths, or assemblyId GRCh37 or GRCh38", line: 1 } },
    );
  }
  return build;
}

/** `##source`, as the file says it. */
function callerOf(header: VcfHeader): string | null {
  return header.source;
}

interface PloidyWatch {
  see(record: VcfRecord): void;
  finish(): void;
}

/** A male who is diploid on X outside the pseudoautosomal regions, in a file that writes other males haploid, is flagged. */
function watchPloidy(callSet: CallSetDraft, columns: Uint32Array): PloidyWatch {
  const male = Array.from(columns, (sample) => callSet.facts.get(callSet.samples[sample] ?? "")?.sex === "male");
  const haploid = new Uint32Array(columns.length);
  const diploid = new Uint32Array(columns.length);
  const tallyOf = (length: number): Uint32Array => (length === 1 ? haploid : diploid);
  return {
    see(record) {
      if (!/^(chr)?X$|^NC_000023\./.test(record.contig) || inPseudoautosomal(callSet.build, "X", record.pos)) return;
      const { genotypes } = record;
      let listed = 0;
      const base = genotypes.base < 0 ? 0 : (genotypes.texts[genotypes.base]?.alleles.length ?? 0);
      for (let column = 0; column < columns.length; column += 1) {
        let length = base;
        if (listed < genotypes.count && genotypes.sample[listed] === column) {
          length = genotypes.texts[genotypes.code[listed] ?? 0]?.alleles.length ?? 0;
          listed += 1;
        }
        if (male[column] === true && length > 0) tallyOf(length)[column]! += 1;
      }
    },
    finish() {
      if (!haploid.some((count) => count > 0)) return;
      columns.forEach((sample, column) => {
        const sampleId = callSet.samples[sample] ?? "";
        if ((diploid[column] ?? 0) === 0 || (haploid[column] ?? 0) > 0) return;
        if (callSet.flags.some((flag) => flag.sampleId === sampleId && flag.flag === "sexPloidyMismatch")) return;
        callSet.flags.push({
          sampleId,
          flag: "sexPloidyMismatch",
          detail: "male in the sample sheet, diploid on X outside the pseudoautosomal regions",
        });
      });
    },
  };
}
