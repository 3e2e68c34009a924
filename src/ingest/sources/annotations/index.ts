import { VitalomeError } from "../../../errors.js";
import { decompress } from "../vcf/input.js";
import { VCF_LIMITS } from "../vcf/types.js";
import { clinVarReader, isClinVarTable } from "./clinvar-table.js";
import { readClinVarVcf } from "./clinvar-vcf.js";
import { geneDiseaseReader, isGeneDisease } from "./gene-disease.js";
import { geneReader, isGeneTable } from "./gene-table.js";
import { readTable, type TableRow } from "./table.js";
import type {
  AnnotationFilter,
  AnnotationLayout,
  AnnotationRecord,
  AnnotationSink,
  AnnotationSummary,
  ReadAnnotationsOptions,
} from "./types.js";

export * from "./types.js";
export { parseDate } from "./cells.js";

/**
 * Reads a gene table, a table of genes and diseases, or ClinVar as a table or VCF, plain or compressed; the first line
 * tells which. `open` begins the file anew. A fault of the file as a whole throws INGEST_REJECTED.
 */
export async function readAnnotations(
  open: () => AsyncIterable<Uint8Array>,
  sink: AnnotationSink,
  options: ReadAnnotationsOptions,
): Promise<AnnotationSummary> {
  if ((await beginningOf(open())).startsWith("##fileformat=VCF")) return readClinVarVcf(open(), sink, options);
  let reader: LayoutReader | null = null;
  const { recordsRead } = await readTable(
    open(),
    (columns) => {
      reader = readerFor(columns, options);
    },
    {
      row(row) {
        const outcome = reader?.read(row);
        if (typeof outcome === "string") sink.filter(outcome, row.line);
        else if (outcome !== undefined) sink.record(outcome, row.line);
      },
      reject: sink.reject,
      flush: sink.flush,
    },
    options.signal,
  );
  const { layout } = reader as unknown as LayoutReader;
  return { layout, recordsRead, released: null };
}

interface LayoutReader {
  readonly layout: AnnotationLayout;
  read(row: TableRow): AnnotationRecord | AnnotationFilter;
}

function readerFor(columns: readonly string[], { build }: ReadAnnotationsOptions): LayoutReader {
  if (isClinVarTable(columns)) {
    const read = clinVarReader(columns, build);
    return {
      layout: "clinvar-table",
      read(row) {
        const statements = read(row);
        return typeof statements === "string" ? statements : { kind: "clinical", statements };
      },
    };
  }
  if (isGeneTable(columns)) {
    const read = geneReader(columns, build);
    return { layout: "genes", read: (row) => ({ kind: "gene", gene: read(row) }) };
  }
  if (isGeneDisease(columns)) {
    const read = geneDiseaseReader(columns);
    return { layout: "gene-disease", read: (row) => ({ kind: "geneDisease", geneDisease: read(row) }) };
  }
  const expected =
    "ClinVar (VCF, variant_summary, or columns chrom pos ref alt clnsig), genes (chrom start end symbol), or genes with diseases (symbol disease)";
  throw new VitalomeError("INGEST_REJECTED", `the first line names none of the known layouts: expected ${expected}`, {
    details: { field: "header", expected, line: 1 },
  });
}

const BEGINNING = 64;

async function beginningOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = Buffer.alloc(0);
  for await (const piece of decompress(chunks, VCF_LIMITS)) {
    text = Buffer.concat([text, piece.subarray(0, BEGINNING)]);
    if (text.length >= BEGINNING) break;
  }
  return text.toString("latin1").replace(/^ï»¿/, "");
}
