import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog, LoggedEvent } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import type { AlertTransitioned } from "../../../src/domain/events/alert.js";
import { parseAlertTransition } from "../../../src/ingest/streams/alert.js";
import { parseAccepted, parseCounted, parseRejected } from "../../../src/ingest/streams/observation.js";
import { silentLog } from "../../../src/log.js";
import { vitalsOf } from "../../../src/simulate/index.js";
import { startLiveWorker, type LiveWorker } from "../../../src/worker/live/index.js";
import { readHistory } from "../../../src/worker/history.js";
import { createRandom } from "../../helpers/random.js";
import { START, buildRule } from "./build-live.js";

const PATIENTS = ["p1", "p2", "p3", "p4", "p5", "p6"];
const RULES: readonly AlertRule[] = [
  buildRule({
    id: "hr-high",
    limit: { comparator: ">", value: 100, unit: "/min" },
    delayMs: 10_000,
    clearDelayMs: 5_000,
  }),
  buildRule({ id: "spo2-low", code: "2708-6", limit: { comparator: "<", value: 92, unit: "%" }, priority: "MEDIUM" }),
];

interface Outcome {
  readonly accepted: readonly LoggedEvent[];
  readonly rejected: readonly LoggedEvent[];
  readonly counted: readonly LoggedEvent[];
  /** By alert, its steps. */
  readonly steps: Readonly<Record<string, readonly unknown[]>>;
}

/** An event log of its own, empty at first. */
export interface LogOfTest {
  readonly log: EventLog;
  /** The same, by another process. */
  reopen(): Promise<EventLog>;
  close(): Promise<void>;
}

/** What the live worker promises, over the log of a profile. */
export function defineLiveWorkerContract(name: string, seconds: number, create: () => Promise<LogOfTest>): void {
  describe(`the live worker over ${name}`, () => {
    let own: LogOfTest;
    let eventLog: EventLog;
    let worker: LiveWorker | null = null;

    async function start(): Promise<void> {
      worker = await startLiveWorker({
        ...{ eventLog, clock: systemClock, log: silentLog, rules: RULES, isInputTime: true, withWindows: true },
        people: {
          find: (id) => (PATIENTS.includes(id) ? { id, birthDate: "1950-01-01", simulated: false } : null),
          update: () => Promise.resolve(false),
          refresh: () => Promise.resolve(false),
        },
      });
    }

    async function begin(): Promise<void> {
      own = await create();
      eventLog = own.log;
    }

    async function end(): Promise<void> {
      await worker?.close();
      worker = null;
      await own.close();
    }

    beforeEach(begin);
    afterEach(end);

    const all = async (topic: string): Promise<readonly LoggedEvent[]> =>
      (await Promise.all([0, 1, 2, 3].map((partition) => readHistory(eventLog, topic, partition)))).flat();

    /** Waits until every observed record is counted, and every accepted reading evaluated. */
    async function settled(): Promise<void> {
      for (;;) {
        const ends = await eventLog.positions("vitals.observed.v1");
        const accepted = await eventLog.positions("vitals.accepted.v1");
        const done = await Promise.all(
          ends.map(async ({ partition, end }) => {
            const intake = await eventLog.consumerState({ consumer: "intake", topic: "vitals.observed.v1", partition });
            const place = { consumer: "evaluation", topic: "vitals.accepted.v1", partition };
            return intake.next >= end && (await eventLog.consumerState(place)).next >= accepted[partition]!.end;
          }),
        );
        if (done.every(Boolean)) return;
        if (worker !== null && worker.fault() !== null) throw new Error(worker.fault() ?? "");
        await systemClock.sleep(5);
      }
    }

    async function outcome(): Promise<Outcome> {
      const steps: Record<string, unknown[]> = {};
      for (const event of await all("alert.transitioned.v1")) {
        const { input: _input, ...told }: AlertTransitioned = parseAlertTransition(event);
        if (told.kind === "changed") (steps[told.alert.id] ??= []).push(told);
      }
      return {
        accepted: await all("vitals.accepted.v1"),
        rejected: await all("observations.rejected.v1"),
        counted: await all("observations.counted.v1"),
        steps,
      };
    }

    const lines = [
      ...vitalsOf({
        seed: 11,
        beds: PATIENTS.map((patientId) => ({ patientId })),
        start: START,
        seconds,
        statesReceipt: true,
        late: 0.05,
        duplicates: 0.03,
        poison: 0.02,
        episodes: [
          { kind: "hypoxia", patientId: "p2", fromSeconds: 5, seconds: seconds / 2 },
          { kind: "sepsis", patientId: "p3", fromSeconds: 0, seconds },
        ],
      }),
    ].map(({ line }) => line);

    async function send(from: number, to: number): Promise<void> {
      const events = lines.slice(from, to).map((line, index) => {
        let record: unknown = line;
        let key = "simulator";
        try {
          record = JSON.parse(line);
          key = (record as { patientId?: string }).patientId ?? key;
        } catch {
          // Goes on as text.
        }
        const receivedAt = START + from + index;
        return {
          key,
          value: {
            schema: 1,
            submission: "s",
            line: from + index + 1,
            source: "simulator",
            by: null,
            receivedAt,
            simulated: true,
            record,
          },
        };
      });
      await eventLog.append("vitals.observed.v1", events);
    }

    it("gives every record one verdict, and its counts balance", async () => {
      await start();
      await send(0, lines.length);
      await settled();
      const { accepted, rejected, counted } = await outcome();
      const sum = counted.map(parseCounted).reduce(
        (total, one) => ({
          read: total.read + one.read,
          accepted: total.accepted + one.accepted,
          duplicates: total.duplicates + one.duplicates,
          rejected: total.rejected + Object.values(one.rejected).reduce((count, rule) => count + rule, 0),
        }),
        { read: 0, accepted: 0, duplicates: 0, rejected: 0 },
      );
      expect(sum).toEqual({
        read: lines.length,
        accepted: accepted.length,
        rejected: rejected.length,
        duplicates: lines.length - accepted.length - rejected.length,
      });
      expect(sum.duplicates).toBeGreaterThan(0);
      expect(rejected.length).toBeGreaterThan(0);
      expect(new Set(accepted.map((event) => parseAccepted(event).eventId)).size).toBe(accepted.length);
      for (const event of rejected) expect(parseRejected(event).source).toBe("simulator");
    });

    it("makes the same steps of the same readings, however often it ends and starts again", async () => {
      await start();
      await send(0, lines.length);
      await settled();
      const undisturbed = await outcome();
      await end();

      await begin();
      const random = createRandom(5);
      for (let at = 0; at < lines.length;) {
        await start();
        const to = Math.min(lines.length, at + 1 + random.below(Math.ceil(lines.length / 12)));
        await send(at, to);
        // Whoever was not sure that it arrived sends it again.
        await send(Math.max(at, to - random.below(5)), to);
        at = to;
        await systemClock.sleep(random.below(30));
        await worker?.close();
        worker = null;
        if (random.below(2) === 0) {
          eventLog = await own.reopen();
        }
      }
      await start();
      await settled();
      const disturbed = await outcome();
      expect(Object.keys(undisturbed.steps).length).toBeGreaterThan(2);
      expect(disturbed.steps).toEqual(undisturbed.steps);
      const withoutPlace = (events: readonly LoggedEvent[]): unknown[] =>
        events
          .map((event) => ({ ...parseAccepted(event), input: null }))
          .sort((left, right) => (left.eventId < right.eventId ? -1 : 1));
      expect(withoutPlace(disturbed.accepted)).toEqual(withoutPlace(undisturbed.accepted));
    });
  });
}
