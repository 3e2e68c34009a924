import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { EventLog } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import { silentLog } from "../../../src/log.js";
import { vitalsOf } from "../../../src/simulate/index.js";
import { startLiveWorker, type LiveWorker } from "../../../src/worker/live/index.js";
import { everything, outcomeOf, type LiveOutcome } from "../../helpers/live-outcome.js";
import { createRandom } from "../../helpers/random.js";
import { START, buildRule } from "./build-live.js";

const ACCEPTED = "vitals.accepted.v1";
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

    /**
     * Waits until so many records are counted, and every reading accepted of them is evaluated. Ends of topics may be older
     * than what was just written, so counts say what is to come.
     */
    async function settled(records: number): Promise<LiveOutcome> {
      for (;;) {
        if (worker !== null && worker.fault() !== null) throw new Error(worker.fault() ?? "");
        const { ledger, accepted } = await outcomeOf(eventLog);
        const isJudged = ledger.read >= records && accepted.length === ledger.accepted;
        if (isJudged && (await areEvaluated())) return outcomeOf(eventLog);
        await systemClock.sleep(20);
      }
    }

    async function areEvaluated(): Promise<boolean> {
      const last = new Map((await everything(eventLog, ACCEPTED)).map(({ partition, offset }) => [partition, offset]));
      const places = [...last].map(([partition]) => ({ consumer: "evaluation", topic: ACCEPTED, partition }));
      const states = await Promise.all(places.map((place) => eventLog.consumerState(place)));
      return states.every(({ next }, at) => next > (last.get(places[at]!.partition) ?? 0n));
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
      const { accepted, rejected, ledger } = await settled(lines.length);
      expect(ledger).toMatchObject({
        read: lines.length,
        accepted: accepted.length,
        rejected: rejected.length,
        duplicates: lines.length - accepted.length - rejected.length,
      });
      expect(ledger.duplicates).toBeGreaterThan(0);
      expect(rejected.length).toBeGreaterThan(0);
      expect(new Set(accepted.map(({ eventId }) => eventId)).size).toBe(accepted.length);
      for (const { source } of rejected) expect(source).toBe("simulator");
    });

    it("makes the same steps of the same readings, however often it ends and starts again", async () => {
      await start();
      await send(0, lines.length);
      const undisturbed = await settled(lines.length);
      await end();

      await begin();
      const random = createRandom(5);
      let sent = 0;
      for (let at = 0; at < lines.length;) {
        await start();
        const to = Math.min(lines.length, at + 1 + random.below(Math.ceil(lines.length / 12)));
        await send(at, to);
        // Whoever was not sure that it arrived sends it again.
        const again = Math.max(at, to - random.below(5));
        await send(again, to);
        sent += to - at + to - again;
        at = to;
        await systemClock.sleep(random.below(30));
        await worker?.close();
        worker = null;
        if (random.below(2) === 0) {
          eventLog = await own.reopen();
        }
      }
      await start();
      const disturbed = await settled(sent);
      expect(Object.keys(undisturbed.steps).length).toBeGreaterThan(2);
      expect(disturbed.steps).toEqual(undisturbed.steps);
      expect(disturbed.accepted).toEqual(undisturbed.accepted);
    });
  });
}
