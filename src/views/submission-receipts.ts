import type { EventLog, Position } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { ObservationsSubmitted } from "../domain/events/observation.js";
import { OBSERVATIONS_SUBMITTED, parseSubmitted } from "../ingest/streams/observation.js";
import { startFold } from "./fold.js";

/** What was submitted under idempotency keys, as far back as it is remembered; one per process. */
export interface SubmissionReceipts {
  /** The first of this id; null where there is none, or it was long ago. Waits until the log is read. */
  find(id: string): Promise<ObservationsSubmitted | null>;
  /** Writes one; answers the first of its id, which is another where somebody was faster. */
  add(receipt: ObservationsSubmitted): Promise<ObservationsSubmitted>;
}

export interface SubmissionReceiptsOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (thrown: unknown) => void;
  /** Default 50,000. */
  readonly remembered?: number;
}

export function startSubmissionReceipts(options: SubmissionReceiptsOptions): SubmissionReceipts {
  const { eventLog, remembered = 50_000 } = options;
  const known = new Map<string, ObservationsSubmitted>();
  const fold = startFold({
    ...options,
    topic: OBSERVATIONS_SUBMITTED,
    apply(event) {
      const receipt = parseSubmitted(event);
      if (known.has(receipt.id)) return;
      known.set(receipt.id, receipt);
      if (known.size > remembered) known.delete(known.keys().next().value ?? receipt.id);
    },
  });
  return {
    async find(id) {
      await fold.ready();
      return known.get(id) ?? null;
    },
    async add(receipt) {
      const [position] = await eventLog.append(OBSERVATIONS_SUBMITTED, [{ key: receipt.id, value: receipt }]);
      await fold.until(position as Position);
      return known.get(receipt.id) ?? receipt;
    },
  };
}
