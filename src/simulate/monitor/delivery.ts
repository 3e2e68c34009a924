/** One reading as a device sends it: the short form that the service takes. */
export interface DeviceRecord {
  readonly deviceId: string;
  /** From one start of the device to the next. */
  readonly session: string;
  /** From 1 in each session. */
  readonly sequence: number;
  readonly patientId: string;
  /** LOINC. */
  readonly code: string;
  readonly value: number | string;
  /** UCUM; left out where the value is a code. */
  readonly unit?: string;
  /** ISO 8601, by the device's clock. */
  readonly eventTime: string;
  /** When the service is to take it as received; only where time comes from the input. */
  readonly receivedAt?: string;
  /** What the source says of it: at least that nobody measured it, or that it is a recording. */
  readonly quality: readonly string[];
  /** Nobody was measured now. */
  readonly simulated: true;
}

export type DeliveryFault = "late" | "duplicate" | "poison";

/** One line on its way to the service. */
export interface Delivery {
  /** From the start, in milliseconds; never less than of the delivery before. */
  readonly deliverAfterMs: number;
  /** JSON without its newline; of a poisonous one whatever it is. */
  readonly line: string;
  /** Null for a poisonous line. */
  readonly record: DeviceRecord | null;
  /** What is wrong with it, if anything is. */
  readonly fault: DeliveryFault | null;
}

export interface DeliveryQueue {
  add(delivery: Delivery): void;
  /** What is due before a time, in order; nothing that is due earlier may be added afterwards. */
  before(ms: number): readonly Delivery[];
}

/** Puts deliveries in the order of their times; those of one time stay in the order in which they were added. */
export function createDeliveryQueue(): DeliveryQueue {
  const waiting = new Map<number, Delivery[]>();
  const bucketOf = (ms: number): number => Math.floor(ms / 1000);
  return {
    add(delivery) {
      const bucket = bucketOf(delivery.deliverAfterMs);
      const own = waiting.get(bucket);
      if (own === undefined) waiting.set(bucket, [delivery]);
      else own.push(delivery);
    },
    before(ms) {
      const due: Delivery[] = [];
      for (const bucket of [...waiting.keys()].filter((key) => key * 1000 < ms).sort((one, other) => one - other)) {
        const own = waiting.get(bucket)!;
        const left = own.filter(({ deliverAfterMs }) => deliverAfterMs >= ms);
        due.push(...own.filter(({ deliverAfterMs }) => deliverAfterMs < ms).sort(byTime));
        if (left.length > 0) waiting.set(bucket, left);
        else waiting.delete(bucket);
      }
      return due;
    },
  };
}

function byTime(one: Delivery, other: Delivery): number {
  return one.deliverAfterMs - other.deliverAfterMs;
}
