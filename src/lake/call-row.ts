import { createRowReader, createRowWriter } from "./row-bytes.js";

/** One sample's listed genotype of one allele, as the original record gives it. */
export interface CallRow {
  /** Index in the sorted samples of the call set. */
  readonly sampleIndex: number;
  readonly gt: string;
  readonly phaseSet: string | null;
  readonly dp: number | null;
  readonly gq: number | null;
  readonly adRef: number | null;
  readonly adAlt: number | null;
  readonly filters: string | null;
}

const HAS_DETAIL = 1;

/** Packs the calls of one allele: sample gaps and genotype codes, with depths only where there are any. */
export function encodeCalls(calls: readonly CallRow[]): Uint8Array {
  const writer = createRowWriter();
  const texts = new Map<string, number>();
  for (const call of calls) if (!texts.has(call.gt)) texts.set(call.gt, texts.size);
  writer.integer(calls.length).integer(texts.size);
  for (const text of texts.keys()) writer.text(text);
  let previous = -1;
  for (const call of calls) {
    const detailed =
      call.phaseSet !== null ||
      call.dp !== null ||
      call.gq !== null ||
      call.adRef !== null ||
      call.adAlt !== null ||
      call.filters !== null;
    writer
      .integer(call.sampleIndex - previous - 1)
      .integer(((texts.get(call.gt) ?? 0) << 1) | (detailed ? HAS_DETAIL : 0));
    previous = call.sampleIndex;
    if (!detailed) continue;
    writer
      .text(call.phaseSet)
      .optionalInteger(call.dp)
      .optionalInteger(call.gq)
      .optionalInteger(call.adRef)
      .optionalInteger(call.adAlt)
      .text(call.filters);
  }
  return writer.take();
}

/** Calls in sample order. */
export function decodeCalls(bytes: Uint8Array): CallRow[] {
  const reader = createRowReader(bytes);
  const count = reader.integer();
  const texts = Array.from({ length: reader.integer() }, () => reader.text() ?? "");
  const calls: CallRow[] = [];
  let previous = -1;
  for (let index = 0; index < count; index += 1) {
    const sampleIndex = previous + 1 + reader.integer();
    const code = reader.integer();
    previous = sampleIndex;
    const gt = texts[code >> 1] ?? "";
    if ((code & HAS_DETAIL) === 0) {
      calls.push({ sampleIndex, gt, phaseSet: null, dp: null, gq: null, adRef: null, adAlt: null, filters: null });
      continue;
    }
    calls.push({
      sampleIndex,
      gt,
      phaseSet: reader.text(),
      dp: reader.optionalInteger(),
      gq: reader.optionalInteger(),
      adRef: reader.optionalInteger(),
      adAlt: reader.optionalInteger(),
      filters: reader.text(),
    });
  }
  return calls;
}
