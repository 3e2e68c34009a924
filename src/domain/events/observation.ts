import { z } from "zod";

/** Milliseconds since the epoch, UTC. */
type Millis = number;

export const OBSERVATION_STATUSES = ["final", "corrected", "entered-in-error"] as const;
export type ObservationEventStatus = (typeof OBSERVATION_STATUSES)[number];

/**
 * One record as its source sent it, of vitals or of the laboratory; key: patient id where the record names one, else its
 * source. Nothing is checked before the worker reads it, so that whatever is wrong with it has one place to be told.
 * A foreign producer may write its bare record instead: then the log's time is when it was received.
 */
export interface ObservedRecord {
  readonly schema: 1;
  /** The submission it came with; null for what a source writes itself. */
  readonly submission: string | null;
  /** Line in that submission, 1-based. */
  readonly line: number | null;
  readonly source: string;
  /** Who sent it, as the token says. */
  readonly by: string | null;
  readonly receivedAt: Millis;
  /** Whether whoever sent it says that it is made up, or replayed from a recording. */
  readonly simulated: boolean;
  /** The JSON value of the line; its text where it is no JSON; an `OversizeLine` where it is too long. */
  readonly record: unknown;
  /** What a message came to that gives no reading; left out for every other record. */
  readonly message?: ObservedMessage | undefined;
}

/** A message of HL7 version 2 whose end whoever received it knows already; the worker counts it. */
export type ObservedMessage =
  /** Nobody can read it, or nobody here is meant; its text is the record. */
  | {
      readonly kind: "refused";
      /** Such as `MSH-9`. */
      readonly field: string;
      readonly found: string | null;
      readonly expected: string;
    }
  /** What it says of people is in the registry. */
  | {
      readonly kind: "moved";
      readonly controlId: string | null;
      /** Hash of its text: the same message may come again. */
      readonly content: string;
    };

/** What stands for a line that is longer than a record may be. */
export interface OversizeLine {
  readonly oversize: {
    /** Of the whole line. */
    readonly bytes: number;
    /** Its beginning. */
    readonly text: string;
  };
}

/** What the service itself has to say of a reading; the source's own words are in `quality`. */
export const READING_FLAGS = ["EXTREME", "CLOCK_FAST", "CLOCK_SLOW", "CONFLICT", "NO_VALUE"] as const;
export type ReadingFlag = (typeof READING_FLAGS)[number];

/** A reading that passed every rule: the only input of windows, alerts, live reads and compaction; key: patient id. */
export interface VitalAccepted {
  readonly schema: 1;
  /** Names the reading for ever: the source's own id, or the hash of device, session and sequence, or of its content. */
  readonly eventId: string;
  readonly patientId: string;
  readonly source: string;
  readonly submission: string | null;
  readonly deviceId: string | null;
  readonly session: string | null;
  readonly sequence: number | null;
  /** LOINC, the canonical one of its group. */
  readonly code: string;
  /** The code as received, where it is another one of the group. */
  readonly originalCode: string | null;
  /** In the canonical unit, as decimal digits; null where there is none. */
  readonly value: string | null;
  /** `<`, `<=`, `>` or `>=`, where the value is a bound. */
  readonly comparator: string | null;
  /** UCUM. */
  readonly unit: string | null;
  /** Where the value is a code of a small vocabulary, such as A, C, V, P, U of ACVPU. */
  readonly codedValue: string | null;
  readonly originalValue: string | null;
  readonly originalUnit: string | null;
  /** The device's time, or `receivedAt` where that is implausible. */
  readonly effectiveTime: Millis;
  /** ISO 8601 with the offset as received. */
  readonly originalTime: string | null;
  readonly receivedAt: Millis;
  /** Decided once, in offset order: a late row changes no final window. */
  readonly late: boolean;
  /** Watermark of the partition behind the row; null before the first plausible time. */
  readonly watermark: Millis | null;
  readonly flags: readonly ReadingFlag[];
  /** Milliseconds the device's clock is ahead (behind where negative), where it is implausible. */
  readonly clockOffsetMs: number | null;
  readonly quality: readonly string[];
  readonly status: ObservationEventStatus;
  /** Id of the event this one corrects. */
  readonly replaces: string | null;
  readonly simulated: boolean;
  readonly input: InputPosition;
}

/** A record no rule let through, whole; key as it was observed. */
export interface ObservationRejected {
  readonly schema: 1;
  /** Hash of its place in the log. */
  readonly rejectionId: string;
  readonly source: string;
  readonly submission: string | null;
  readonly line: number | null;
  readonly rule: string;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  /** The record as received, as JSON text or as it stood. */
  readonly raw: string;
  readonly rejectedAt: Millis;
  readonly input: InputPosition;
}

/**
 * What the worker did with a stretch of one partition, for one source and submission; written with it. Added up they are
 * the ledger of a source or a submission: read = accepted + rejected + duplicates; late is a part of accepted. Counted in
 * readings: a panel is as many as it has components, a record nothing can be read from is one. Key: as observed.
 */
export interface ObservationsCounted {
  readonly schema: 1;
  readonly source: string;
  readonly submission: string | null;
  readonly read: number;
  readonly accepted: number;
  readonly late: number;
  readonly duplicates: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** The last record counted here. */
  readonly input: InputPosition;
}

export const OBSERVED_TOPICS = ["vitals.observed.v1", "labs.observed.v1"] as const;
export type ObservedTopic = (typeof OBSERVED_TOPICS)[number];

/**
 * A submission with an idempotency key that is durable to its last line; key: its id. Of two of one id the first holds, and
 * answers whoever sends the same again. Nobody but gateways reads it.
 */
export interface ObservationsSubmitted {
  readonly schema: 1;
  /** Hash of tenant and idempotency key. */
  readonly id: string;
  readonly source: string;
  readonly by: string;
  readonly simulated: boolean;
  /** Records in the log. */
  readonly lines: number;
  /** Of what was sent, decompressed; hexadecimal. */
  readonly sha256: string;
  /** The observed topic its records lie in. */
  readonly topic: ObservedTopic;
  /** Per partition of that topic the offset behind its last record, as decimal digits; null where it has none. */
  readonly next: readonly (string | null)[];
  readonly at: Millis;
}

/**
 * One tumbling window over one patient's readings of one code; the highest `throughOffset` of a window holds. Key: patient id.
 * Late, extreme, conflicting, withdrawn and valueless readings are no part of it; of a corrected one its correction is. One whose
 * readings were all taken back has count 0.
 */
export interface VitalWindowed {
  readonly schema: 1;
  readonly patientId: string;
  readonly code: string;
  /** A name of `reference/windows.json`, such as `PT1M`. */
  readonly size: string;
  /** Half open: the start is inside, the end is not. */
  readonly start: Millis;
  readonly end: Millis;
  readonly count: number;
  /** Of values scaled to whole numbers by 10^`scale`, as decimal digits: their order does not matter. */
  readonly sum: string;
  readonly sumOfSquares: string;
  readonly scale: number;
  /** In the unit, as decimal digits; null where `count` is 0. */
  readonly min: string | null;
  readonly max: string | null;
  readonly unit: string | null;
  /** Effective times of the first and the last reading; null where `count` is 0. */
  readonly firstAt: Millis | null;
  readonly lastAt: Millis | null;
  readonly simulated: boolean;
  /**
   * Offset in the partition of accepted readings of the last one that touched it (`touchesWindows`), as decimal digits: added to
   * it, took one back, or repeated one.
   */
  readonly throughOffset: string;
}

/** Where in the log the event came from that led to this one. */
export interface InputPosition {
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits. */
  readonly offset: string;
}

const text = z.string();
const textOrNull = z.string().nullable();
const millis = z.number().int();
const digits = z.string().regex(/^-?\d+$/);
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const inputPositionSchema: z.ZodType<InputPosition> = z.object({
  topic: text,
  partition: z.number().int().min(0),
  offset: z.string().regex(/^\d+$/),
});

export const observedRecordSchema: z.ZodType<ObservedRecord> = z.object({
  schema: z.literal(1),
  submission: textOrNull,
  line: z.number().int().min(1).nullable(),
  source: text,
  by: textOrNull,
  receivedAt: millis,
  simulated: z.boolean(),
  record: z.unknown(),
  message: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("refused"), field: text, found: textOrNull, expected: text }),
      z.object({ kind: z.literal("moved"), controlId: textOrNull, content: text }),
    ])
    .optional(),
});

export const vitalAcceptedSchema: z.ZodType<VitalAccepted> = z.object({
  schema: z.literal(1),
  eventId: text,
  patientId: text,
  source: text,
  submission: textOrNull,
  deviceId: textOrNull,
  session: textOrNull,
  sequence: z.number().int().nullable(),
  code: text,
  originalCode: textOrNull,
  value: decimal.nullable(),
  comparator: textOrNull,
  unit: textOrNull,
  codedValue: textOrNull,
  originalValue: textOrNull,
  originalUnit: textOrNull,
  effectiveTime: millis,
  originalTime: textOrNull,
  receivedAt: millis,
  late: z.boolean(),
  watermark: millis.nullable(),
  flags: z.array(z.enum(READING_FLAGS)),
  clockOffsetMs: z.number().int().nullable(),
  quality: z.array(text),
  status: z.enum(OBSERVATION_STATUSES),
  replaces: textOrNull,
  simulated: z.boolean(),
  input: inputPositionSchema,
});

export const observationRejectedSchema: z.ZodType<ObservationRejected> = z.object({
  schema: z.literal(1),
  rejectionId: text,
  source: text,
  submission: textOrNull,
  line: z.number().int().nullable(),
  rule: text,
  field: text,
  found: text,
  expected: text,
  raw: text,
  rejectedAt: millis,
  input: inputPositionSchema,
});

const count = z.number().int().min(0);

export const observationsCountedSchema: z.ZodType<ObservationsCounted> = z.object({
  schema: z.literal(1),
  source: text,
  submission: textOrNull,
  read: count,
  accepted: count,
  late: count,
  duplicates: count,
  rejected: z.record(text, count),
  input: inputPositionSchema,
});

export const observationsSubmittedSchema: z.ZodType<ObservationsSubmitted> = z.object({
  schema: z.literal(1),
  id: text,
  source: text,
  by: text,
  simulated: z.boolean(),
  lines: count,
  sha256: text,
  topic: z.enum(OBSERVED_TOPICS).default("vitals.observed.v1"),
  next: z.array(z.string().regex(/^\d+$/).nullable()),
  at: millis,
});

export const vitalWindowedSchema: z.ZodType<VitalWindowed> = z.object({
  schema: z.literal(1),
  patientId: text,
  code: text,
  size: text,
  start: millis,
  end: millis,
  count: z.number().int().min(0),
  sum: digits,
  sumOfSquares: digits,
  scale: z.number().int().min(0),
  min: decimal.nullable(),
  max: decimal.nullable(),
  unit: textOrNull,
  firstAt: millis.nullable(),
  lastAt: millis.nullable(),
  simulated: z.boolean(),
  throughOffset: z.string().regex(/^\d+$/),
});
