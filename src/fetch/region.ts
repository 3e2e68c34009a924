import genes from "../../reference/pharmacogene-regions.json" with { type: "json" };
import { canonicalContig, contigLength, type Build } from "../domain/contig.js";
import { VitalomeError } from "../errors.js";

/** A stretch of one contig, 1-based, both ends inside, as users write it. Indexes count 0-based and half-open. */
export interface Region {
  /** As the user wrote it; sources name contigs their own way. */
  readonly contig: string;
  readonly start: number;
  readonly end: number;
}

const PATTERN = /^([^\s:]+):(\d[\d,]*)(?:-(\d[\d,]*))?$/;

/** `chr10:94761900-94855547`, with or without `chr` and thousands commas; one position alone is a region of one base. */
export function parseRegion(text: string): Region {
  const [, contig = "", first = "", last = first] = PATTERN.exec(text) ?? [];
  const start = Number(first.replaceAll(",", ""));
  const end = Number(last.replaceAll(",", ""));
  if (contig === "" || start < 1 || end < start || !Number.isSafeInteger(end)) {
    throw new VitalomeError(
      "BAD_USER_INPUT",
      `region ${text}: expected contig:start-end, such as chr10:94761900-94855547`,
      {
        details: { field: "region", expected: "contig:start-end, 1-based, both ends inside" },
      },
    );
  }
  return { contig, start, end };
}

export function regionText({ contig, start, end }: Region): string {
  return `${contig}:${String(start)}-${String(end)}`;
}

/** A region past the end of its contig was most likely meant for another build. */
export function checkRegion(region: Region, build: Build): void {
  const length = contigLength(build, canonicalContig(region.contig));
  if (length === null || region.end <= length) return;
  throw new VitalomeError(
    "BAD_USER_INPUT",
    `region ${regionText(region)} reaches past ${region.contig} of ${build} (${String(length)} bases): is it of the other build?`,
    { details: { field: "region", max: length, actual: region.end } },
  );
}

export const KNOWN_GENES: readonly string[] = (genes.rows as [string, string, number, number][]).map(([gene]) => gene);

/** The gene's span with the table's flank on both sides, GRCh38. */
export function regionOfGene(symbol: string, build: Build): Region {
  if (build !== genes.assembly) {
    throw new VitalomeError(
      "BAD_USER_INPUT",
      `gene ${symbol}: gene coordinates are known for ${genes.assembly} only; name the region of ${build} instead`,
      { details: { field: "gene", expected: "a region" } },
    );
  }
  const row = (genes.rows as [string, string, number, number][]).find(([gene]) => gene === symbol.toUpperCase());
  if (row === undefined) {
    throw new VitalomeError(
      "BAD_USER_INPUT",
      `gene ${symbol} is not in the table of pharmacogenes; name its region instead. Known: ${KNOWN_GENES.join(", ")}`,
      { details: { field: "gene" } },
    );
  }
  const [, contig, start, end] = row;
  return { contig, start: Math.max(1, start - genes.flank), end: end + genes.flank };
}
