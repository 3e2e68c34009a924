import type { ClinicalKind, ClinicalStatement, ConditionCoding, SignificanceGroup } from "../domain/clinical.js";
import type { Build } from "../domain/contig.js";
import type { Gene, GeneDisease } from "../domain/gene.js";
import { createRowReader, createRowWriter, type RowReader } from "./row-bytes.js";

const writer = createRowWriter();
const LIST = "\n";

/** The release a data file holds, as its catalog entry says: rows do not repeat it. */
export type Unsourced<T> = Omit<T, "source">;

export function encodeStatement(row: Unsourced<ClinicalStatement>): Uint8Array {
  return writer
    .text(row.build)
    .text(row.contig)
    .integer(row.pos)
    .text(row.ref)
    .text(row.alt)
    .text(row.variationId)
    .text(row.kind)
    .text(row.significance)
    .text(row.classifications.join(LIST))
    .boolean(row.conflicting)
    .text(row.group)
    .text(row.reviewStatus)
    .optionalInteger(row.goldStars)
    .text(row.conditions.length === 0 ? null : JSON.stringify(row.conditions))
    .text(row.lastEvaluated)
    .text(row.geneSymbols.join(LIST))
    .text(row.evidence)
    .take();
}

export function decodeStatement(bytes: Uint8Array): Unsourced<ClinicalStatement> {
  const reader = createRowReader(bytes);
  return {
    build: required(reader) as Build,
    contig: required(reader),
    pos: reader.integer(),
    ref: required(reader),
    alt: required(reader),
    variationId: required(reader),
    kind: required(reader) as ClinicalKind,
    significance: required(reader),
    classifications: listOf(reader),
    conflicting: reader.boolean(),
    group: required(reader) as SignificanceGroup,
    reviewStatus: reader.text(),
    goldStars: reader.optionalInteger(),
    conditions: JSON.parse(reader.text() ?? "[]") as ConditionCoding[],
    lastEvaluated: reader.text(),
    geneSymbols: listOf(reader),
    evidence: reader.text(),
  };
}

export function encodeGene(row: Unsourced<Gene>): Uint8Array {
  return writer
    .text(row.build)
    .text(row.contig)
    .integer(row.start)
    .integer(row.end)
    .text(row.geneId)
    .text(row.ensemblId)
    .text(row.hgncId)
    .text(row.symbol)
    .text(row.name)
    .take();
}

export function decodeGene(bytes: Uint8Array): Unsourced<Gene> {
  const reader = createRowReader(bytes);
  return {
    build: required(reader) as Build,
    contig: required(reader),
    start: reader.integer(),
    end: reader.integer(),
    geneId: required(reader),
    ensemblId: reader.text(),
    hgncId: reader.text(),
    symbol: required(reader),
    name: reader.text(),
  };
}

export function encodeGeneDisease(row: Unsourced<GeneDisease>): Uint8Array {
  return writer.text(row.symbol).text(row.system).text(row.code).text(row.name).text(row.evidence).take();
}

export function decodeGeneDisease(bytes: Uint8Array): Unsourced<GeneDisease> {
  const reader = createRowReader(bytes);
  return {
    symbol: required(reader),
    system: required(reader),
    code: required(reader),
    name: reader.text(),
    evidence: reader.text(),
  };
}

function required(reader: RowReader): string {
  return reader.text() ?? "";
}

function listOf(reader: RowReader): readonly string[] {
  const text = required(reader);
  return text === "" ? [] : text.split(LIST);
}
