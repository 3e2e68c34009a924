import { createHl7Gateway } from "../../src/app/hl7-gateway.js";
import type { Caller } from "../../src/domain/caller.js";
import type { ObservationRejected, ObservationsCounted } from "../../src/domain/events/observation.js";
import type { LoggedEvent } from "../../src/backend/index.js";
import { OBSERVATIONS_COUNTED, OBSERVATIONS_REJECTED, VITALS_OBSERVED } from "../../src/ingest/streams/observation.js";
import { startObservationLedgers, type ObservationLedgers } from "../../src/views/observation-ledgers.js";
import {
  createRejectedObservationsView,
  type RejectedObservationsView,
} from "../../src/views/rejected-observations.js";
import { startSubmissionReceipts } from "../../src/views/submission-receipts.js";
import { startRegistry, type Registry } from "../../src/views/registry.js";
import { createSubmissionView, type SubmissionView, type SubmissionViewOptions } from "../../src/views/submission.js";
import { until } from "../backend/contract/event-log.js";
import type { LiveLog } from "./live-log.js";

export function buildCaller(overrides: Partial<Caller> = {}): Caller {
  return { subject: "somebody", role: "owner", tenant: "default", tokenExpiresAt: 0, ...overrides };
}

export interface Gateway {
  readonly ledgers: ObservationLedgers;
  readonly registry: Registry;
  view(overrides?: Partial<SubmissionViewOptions>): SubmissionView;
  rejections(mostRead?: number): RejectedObservationsView;
  /** What lies in the observed topic, each partition in its order. */
  observed(): Promise<readonly LoggedEvent[]>;
  /** What the worker would have written. */
  count(counted: Partial<ObservationsCounted>, key?: string): Promise<void>;
  reject(rejected: Partial<ObservationRejected>, key?: string): Promise<void>;
  close(): void;
}

/** The gateway's views over a log, as one process has them. */
export function openGateway(log: LiveLog, remembered?: number): Gateway {
  const { eventLog, clock, sealer } = log;
  const stop = new AbortController();
  const failed: unknown[] = [];
  const onFailure = (thrown: unknown): void => {
    failed.push(thrown);
  };
  const common = {
    eventLog,
    clock,
    signal: stop.signal,
    onFailure,
    ...(remembered === undefined ? {} : { remembered }),
  };
  const ledgers = startObservationLedgers(common);
  const receipts = startSubmissionReceipts(common);
  const registry = startRegistry(common);
  const openHl7 = createHl7Gateway({ registry, inSnapshot: () => null, clock });
  return {
    ledgers,
    registry,
    view: (overrides) =>
      createSubmissionView({
        caller: buildCaller(),
        eventLog,
        sealer,
        clock,
        ledgers,
        receipts,
        openHl7,
        ...overrides,
      }),
    rejections: (mostRead) =>
      createRejectedObservationsView({
        ...{ caller: buildCaller(), eventLog, sealer, clock },
        ...(mostRead === undefined ? {} : { mostRead }),
      }),
    async observed() {
      const found: LoggedEvent[] = [];
      for (const { partition, end } of await eventLog.positions(VITALS_OBSERVED)) {
        if (end === 0n) continue;
        const last = { partition, offset: end - 1n };
        const { events } = await until(eventLog, VITALS_OBSERVED, new Map(), last);
        found.push(...events.filter((event) => event.partition === partition));
      }
      return found;
    },
    async count(counted, key = "p1") {
      const value = {
        ...{ schema: 1, source: "ward", submission: null, read: 1, accepted: 1, late: 0, duplicates: 0, rejected: {} },
        input: { topic: VITALS_OBSERVED, partition: 0, offset: "0" },
        ...counted,
      };
      await eventLog.append(OBSERVATIONS_COUNTED, [{ key, value }]);
    },
    async reject(rejected, key = "p1") {
      const value = {
        ...{ schema: 1, rejectionId: "r", source: "ward", submission: null, line: 1, rule: "JSON", field: "record" },
        ...{ found: "1", expected: "one JSON object", raw: "1", rejectedAt: 5 },
        input: { topic: VITALS_OBSERVED, partition: 0, offset: "0" },
        ...rejected,
      };
      await eventLog.append(OBSERVATIONS_REJECTED, [{ key, value }]);
    },
    close() {
      stop.abort(new Error("the test is over"));
      if (failed.length > 0) throw failed[0];
    },
  };
}

export async function* pieces(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(typeof text === "string" ? Buffer.from(text) : text);
}
