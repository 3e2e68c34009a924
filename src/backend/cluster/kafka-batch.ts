import Decoder from "kafkajs/src/protocol/decoder.js";
import decodeRecordBatch from "kafkajs/src/protocol/recordBatch/v0/decoder.js";
import { VitalomeError } from "../../errors.js";

export interface KafkaRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One batch as a partition holds it; after compaction it may hold fewer records than its offsets, or none. */
export interface KafkaBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly producerId: string;
  readonly isTransactional: boolean;
  /** What a marker says of the producer's transaction before it; null for data. */
  readonly marker: "commit" | "abort" | null;
  readonly records: readonly KafkaRecord[];
}

/** From this offset on, up to the next abort marker of the producer, its transactional batches were given up. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: number;
}

const HEAD_BYTES = 61;
const LENGTH_AT = 8;
const LENGTH_END = 12;
const ATTRIBUTES_AT = 21;
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"];

/** Whole batches only: the broker cuts the last one where the answer's bytes end. */
export async function decodeBatches(bytes: Buffer): Promise<readonly KafkaBatch[]> {
  const batches: KafkaBatch[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + LENGTH_AT);
    if (end > bytes.length) break;
    const batch = bytes.subarray(at, end);
    checkCodec(batch.readInt16BE(ATTRIBUTES_AT) & 7);
    batches.push(await decodeBatch(batch));
    at = end;
  }
  return batches;
}

/**
 * The records of a fetch that a committed or no transaction wrote. As Kafka's own consumer does it: the aborted
 * transactions that the broker names with a fetch are complete for it, whether their markers are in it or not.
 */
export function* committed(
  batches: readonly KafkaBatch[],
  aborted: readonly AbortedTransaction[],
): Generator<KafkaRecord> {
  const waiting = [...aborted].sort((left, right) => left.firstOffset - right.firstOffset);
  const isGivenUp = new Set<string>();
  for (const { lastOffset, producerId, isTransactional, marker, records } of batches) {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= lastOffset) {
      isGivenUp.add(waiting[0].producerId);
      waiting.shift();
    }
    if (marker !== null) {
      if (marker === "abort") isGivenUp.delete(producerId);
    } else if (!(isTransactional && isGivenUp.has(producerId))) yield* records;
  }
}

async function decodeBatch(bytes: Buffer): Promise<KafkaBatch> {
  const batch = await decodeRecordBatch(new Decoder(bytes));
  const firstOffset = Number(batch.firstOffset);
  return {
    firstOffset,
    lastOffset: firstOffset + batch.lastOffsetDelta,
    producerId: batch.producerId,
    isTransactional: batch.inTransaction,
    marker: batch.isControlBatch ? markerOf(batch.records[0]?.key ?? null) : null,
    records: batch.isControlBatch
      ? []
      : batch.records.map(({ offset, key, value, timestamp }) => ({
          offset: Number(offset),
          key,
          value,
          at: Number(timestamp),
        })),
  };
}

/** A marker's key: version, then 0 for abort and 1 for commit. */
function markerOf(key: Buffer | null): "commit" | "abort" {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0 ? "abort" : "commit";
}

function checkCodec(codec: number): void {
  if (codec <= 1) return;
  const name = CODECS[codec] ?? String(codec);
  throw new VitalomeError(
    "CONFIG_INVALID",
    `a Kafka topic holds batches compressed with ${name}, which cannot be read: set its compression.type to uncompressed`,
  );
}
