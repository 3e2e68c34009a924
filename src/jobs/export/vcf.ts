import { BUILDS, contigLength, contigRank, OTHER_RANK, PRIMARY_CONTIGS, type Build } from "../../domain/contig.js";
import { exportColumns } from "../../domain/export.js";
import { VitalomeError } from "../../errors.js";
import type { ExportCell } from "./cells.js";

/** What a record is made of. */
export const VCF_COLUMNS = exportColumns([
  "assembly",
  "contig",
  "position",
  "ids",
  "reference",
  "alternate",
  "qual",
  "filters",
  "ac",
  "an",
  "af",
  "call_set_id",
]);

/** Names one header declares at most; the format asks for none. */
const MOST_NAMES = 10_000;
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.*:-]*$/;

/** Sites of one build as VCF 4.3: a record per row. The header is known when the last record is. */
export interface VcfText {
  /** One record. BAD_USER_INPUT at the first of a second build: a file has one. */
  record(cells: readonly ExportCell[]): string;
  header(): string;
}

export function createVcfText(): VcfText {
  let build: Build | null = null;
  const contigs = new Set<string>();
  const filters = new Set<string>();

  return {
    record([assembly, contig, position, ids, reference, alternate, qual, filter, ac, an, af, callSet]) {
      if (build !== null && assembly !== build) {
        throw new VitalomeError(
          "BAD_USER_INPUT",
          "filter: expected alleles of one build, which is what a VCF file holds",
          {
            details: { field: "filter", expected: "alleles of one build" },
          },
        );
      }
      build = BUILDS.find((known) => known === assembly) ?? null;
      const place = String(contig);
      if (contigRank(place) === OTHER_RANK && contigs.size < MOST_NAMES) contigs.add(place);
      for (const name of typeof filter === "string" && filter !== "PASS" ? filter.split(";") : [])
        if (filters.size < MOST_NAMES) filters.add(name);
      const counts = [`AC=${textOf(ac)}`, `AN=${textOf(an)}`, ...(af == null ? [] : [`AF=${textOf(af)}`])];
      const info = [...counts, `CALLSET=${textOf(callSet)}`].join(";");
      const fixed = [place, position, ids, reference, alternate, qual, filter].map(textOf);
      return `${[...fixed, info].join("\t")}\n`;
    },
    header() {
      const stated = build;
      const primary = stated === null ? [] : PRIMARY_CONTIGS.map((name) => contigLine(name, stated));
      return [
        "##fileformat=VCFv4.3",
        "##source=Vitalome",
        '##INFO=<ID=AC,Number=A,Type=Integer,Description="Copies of the allele, recounted from genotypes">',
        '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles that were called">',
        '##INFO=<ID=AF,Number=A,Type=Float,Description="AC / AN">',
        '##INFO=<ID=CALLSET,Number=1,Type=String,Description="Call set that the record and its counts are of">',
        ...[...filters].filter((name) => PLAIN_NAME.test(name)).map(filterLine),
        ...primary,
        ...[...contigs].filter((name) => PLAIN_NAME.test(name)).map((name) => `##contig=<ID=${name}>`),
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
      ].join("\n");
    },
  };
}

function textOf(cell: ExportCell | undefined): string {
  return cell == null ? "." : String(cell);
}

function filterLine(name: string): string {
  return `##FILTER=<ID=${name},Description="As the source states it">`;
}

function contigLine(name: string, build: Build): string {
  return `##contig=<ID=${name},length=${String(contigLength(build, name))},assembly=${build}>`;
}
