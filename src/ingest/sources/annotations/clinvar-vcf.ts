import type { ClinicalStatement } from "../../../domain/clinical.js";
import type { Build } from "../../../domain/contig.js";
import { canonicalContig } from "../../../domain/contig.js";
import { VitalomeError } from "../../../errors.js";
import { readVcf, type VcfRecord } from "../vcf/index.js";
import { alleleOf, parseDate, positionOf } from "./cells.js";
import { statementsOf, type ClinVarClassification } from "./clinvar-statement.js";
import { conditionsOfLists } from "./conditions.js";
import { isRowFault, rejectionOf, rowFault } from "./table.js";
import type {
  AnnotationFilter,
  AnnotationSink,
  AnnotationSummary,
  ReadAnnotationsOptions,
  Unsourced,
} from "./types.js";

/** Kinds of classification and the beginnings of their INFO keys. Source: the header of the ClinVar VCF. */
const KINDS = [
  {
    kind: "germline",
    significance: "CLNSIG",
    status: "CLNREVSTAT",
    conflicts: "CLNSIGCONF",
    prefix: "CLN",
    scv: "CLNSIGSCV",
  },
  {
    kind: "oncogenicity",
    significance: "ONC",
    status: "ONCREVSTAT",
    conflicts: "ONCCONF",
    prefix: "ONC",
    scv: "ONCSCV",
  },
  {
    kind: "somatic_impact",
    significance: "SCI",
    status: "SCIREVSTAT",
    conflicts: "SCICONF",
    prefix: "SCI",
    scv: "SCISCV",
  },
] as const;

/**
 * ClinVar as VCF: contigs without `chr`, positions 1-based, ID is the VariationID (ALLELEID is another number).
 * The build is what the header says, or the caller where the header is silent; a contradiction refuses the file.
 */
export async function readClinVarVcf(
  chunks: AsyncIterable<Uint8Array>,
  sink: AnnotationSink,
  options: ReadAnnotationsOptions,
): Promise<AnnotationSummary> {
  let build: Build | null = null;
  let released: string | null = null;
  const summary = await readVcf(
    chunks,
    {
      header(header) {
        build = buildOf(header.build, options.build);
        released = parseDate(header.fileDate);
      },
      record(record) {
        if (build === null) return;
        try {
          const outcome = rowOf(record, build);
          if (typeof outcome === "string") sink.filter(outcome, record.line);
          else sink.record({ kind: "clinical", statements: outcome }, record.line);
        } catch (thrown) {
          if (!isRowFault(thrown)) throw thrown;
          sink.reject(rejectionOf(thrown, record.line, null));
        }
      },
      reject(rejection) {
        sink.reject(rejection);
      },
      flush: async ({ bytesRead }) => sink.flush(bytesRead),
    },
    options.signal === undefined ? {} : { signal: options.signal },
  );
  return { layout: "clinvar-vcf", recordsRead: summary.recordsRead, released };
}

function buildOf(header: Build | null, stated: Build | null): Build {
  if (header !== null && stated !== null && header !== stated) {
    throw new VitalomeError("INGEST_REJECTED", `the header says ${header}, the caller says ${stated}`, {
      details: { field: "##reference", expected: stated, line: 1 },
    });
  }
  const build = header ?? stated;
  if (build !== null) return build;
  throw new VitalomeError("INGEST_REJECTED", "the header does not tell the build: state it as assemblyId", {
    details: { field: "##reference", expected: "GRCh37 or GRCh38", line: 1 },
  });
}

function rowOf(record: VcfRecord, build: Build): readonly Unsourced<ClinicalStatement>[] | AnnotationFilter {
  const [alt] = record.alts;
  if (alt === undefined || alt === ".") return "NO_ALTERNATE";
  if (record.alts.length > 1) throw rowFault("ALT", "ONE_ALT", record.alts.join(","));
  const info = infoOf(record.info);
  const value = (key: string): string | null => {
    const text = info.get(key);
    return text === undefined || text === "" || text === "." ? null : unescape(text);
  };
  if (KINDS.every(({ significance }) => value(significance) === null)) return "NO_CLASSIFICATION";
  const contig = canonicalContig(record.contig);
  const allele = alleleOf(positionOf("POS", String(record.pos), build, contig), record.ref, alt);
  return statementsOf(
    {
      ...allele,
      build,
      contig,
      variationId: record.ids[0] ?? null,
      geneSymbols: (value("GENEINFO")?.split("|") ?? []).map((gene) => gene.replace(/:\d+$/, "")),
    },
    KINDS.map((kind): ClinVarClassification => ({
      kind: kind.kind,
      significance: value(kind.significance),
      reviewStatus: value(kind.status),
      conflicts: value(kind.conflicts),
      conflicting: false,
      conditions: conditionsOfLists(value(`${kind.prefix}DN`), value(`${kind.prefix}DISDB`)),
      lastEvaluated: null,
      submissions: value(kind.scv),
    })),
  );
}

function infoOf(info: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of info.split(";")) {
    const at = part.indexOf("=");
    if (at > 0) values.set(part.slice(0, at), part.slice(at + 1));
  }
  return values;
}

/** The escapes of VCF 4.3; other per cent signs stay. */
function unescape(text: string): string {
  return text.replace(/%(3A|3B|3D|25|2C)/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
