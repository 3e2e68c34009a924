/** Milliseconds since the epoch, UTC. */
type Millis = number;

export type ObservationEventStatus = "final" | "corrected" | "entered-in-error";

/** One reading as its source sent it; key: patient id, or the device's key until it is tied to a patient. */
export interface VitalObserved {
  readonly schema: 1;
  readonly eventId: string;
  readonly source: string;
  readonly deviceId: string;
  /** With `deviceId` and `sequence` it names a reading once: a device that restarts counts from the beginning. */
  readonly session: string;
  readonly sequence: number;
  readonly patientId: string | null;
  /** LOINC. */
  readonly code: string;
  /** Decimal digits as received, so that rounding is ours to decide. */
  readonly value: string | null;
  /** As received; UCUM once accepted. */
  readonly unit: string | null;
  /** ISO 8601 with the offset the device gave. */
  readonly eventTime: string | null;
  readonly receivedAt: Millis;
  readonly quality: readonly string[];
  readonly status: ObservationEventStatus;
  /** The event this one corrects. */
  readonly replaces: string | null;
}

/** A laboratory result; key: patient id. */
export interface LabObserved {
  readonly schema: 1;
  readonly eventId: string;
  readonly source: string;
  readonly patientId: string | null;
  /** LOINC. */
  readonly code: string;
  readonly value: string | null;
  /** `<`, `<=`, `>` or `>=`, where the result is a bound. */
  readonly comparator: string | null;
  readonly unit: string | null;
  readonly method: string | null;
  readonly specimen: string | null;
  readonly eventTime: string | null;
  readonly issuedAt: string | null;
  readonly receivedAt: Millis;
  readonly status: ObservationEventStatus;
  readonly replaces: string | null;
}

/** A reading that passed every rule: the only input of windows, alerts, live reads and compaction; key: patient id. */
export interface VitalAccepted {
  readonly schema: 1;
  readonly eventId: string;
  readonly patientId: string;
  readonly source: string;
  readonly deviceId: string | null;
  readonly code: string;
  /** In the canonical unit, as decimal digits. */
  readonly value: string | null;
  /** UCUM. */
  readonly unit: string | null;
  readonly originalValue: string | null;
  readonly originalUnit: string | null;
  /** The device's time, or `receivedAt` where that is implausible. */
  readonly effectiveTime: Millis;
  readonly originalTime: string | null;
  readonly receivedAt: Millis;
  /** Decided once, in offset order: a late row changes no final window. */
  readonly late: boolean;
  /** Watermark of the partition when the row was stamped. */
  readonly watermark: Millis | null;
  readonly quality: readonly string[];
  readonly status: ObservationEventStatus;
  readonly replaces: string | null;
  readonly input: InputPosition;
}

/** A record no rule let through, whole; key: patient id where it has one, else its source. */
export interface ObservationRejected {
  readonly schema: 1;
  readonly rejectionId: string;
  readonly source: string;
  readonly rule: string;
  readonly field: string | null;
  readonly found: string | null;
  readonly expected: string | null;
  /** Base64 of the bytes as received. */
  readonly raw: string;
  readonly rejectedAt: Millis;
  readonly input: InputPosition | null;
}

/** One window over one patient's readings of one code; the highest `throughOffset` of a window holds. Key: patient id. */
export interface VitalWindowed {
  readonly schema: 1;
  readonly patientId: string;
  readonly code: string;
  /** ISO 8601 duration out of the fixed set of sizes. */
  readonly size: string;
  /** Half open: the start is inside, the end is not. */
  readonly start: Millis;
  readonly end: Millis;
  readonly count: number;
  /** Of values scaled to whole numbers by `scale`, as decimal digits: their order does not matter. */
  readonly sum: string;
  readonly sumOfSquares: string;
  readonly scale: number;
  readonly min: string | null;
  readonly max: string | null;
  readonly unit: string | null;
  /** Offset in the partition of accepted readings up to which the window knows them, as decimal digits. */
  readonly throughOffset: string;
}

/** Where in the log the event came from that led to this one. */
export interface InputPosition {
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits. */
  readonly offset: string;
}
