import { createRowReader, createRowWriter } from "./row-bytes.js";

/** An interval of one sample where its file looked and saw no alternate; 1-based, closed. */
export interface ReferenceBlock {
  readonly callSetId: string;
  readonly sampleId: string;
  readonly startPos: number;
  readonly endPos: number;
  readonly gt: string;
  /** Lowest genotype quality and depth of the interval. */
  readonly minGq: number | null;
  readonly minDp: number | null;
}

const writer = createRowWriter();

export function encodeBlock(block: ReferenceBlock): Uint8Array {
  return writer
    .text(block.callSetId)
    .text(block.sampleId)
    .integer(block.startPos)
    .integer(block.endPos)
    .text(block.gt)
    .optionalInteger(block.minGq)
    .optionalInteger(block.minDp)
    .take();
}

export function decodeBlock(bytes: Uint8Array): ReferenceBlock {
  const reader = createRowReader(bytes);
  return {
    callSetId: reader.text() ?? "",
    sampleId: reader.text() ?? "",
    startPos: reader.integer(),
    endPos: reader.integer(),
    gt: reader.text() ?? "",
    minGq: reader.optionalInteger(),
    minDp: reader.optionalInteger(),
  };
}
