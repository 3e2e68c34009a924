import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { tmpdir } from "node:os";
import { createEmbeddedForeignTopics } from "../../../src/backend/embedded/foreign-topics.js";
import type { EventLog } from "../../../src/backend/index.js";
import { systemClock } from "../../../src/clock.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import { silentLog } from "../../../src/log.js";
import { vitalsOf } from "../../../src/simulate/index.js";
import { startLiveWorker, type LiveWorker } from "../../../src/worker/live/index.js";
import { everything, outcomeOf, type LiveOutcome } from "../../helpers/live-outcome.js";
import { createRandom } from "../../helpers/random.js";
import { buildRule } from "../../helpers/build.js";
import { START } from "./build-live.js";

const ACCEPTED = "vitals.accepted.v1";
const COMMANDED = "alert.commanded.v1";
const REGISTRY = "registry.changed.v1";
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

/** What the live worker promises, over the log of a profile: of readings, and of people who are moved. */
export function defineLiveWorkerContract(
  name: string,
  seconds: number,
  create: () => Promise<LogOfTest>,
  promises: readonly ("readings" | "moves")[] = ["readings", "moves"],
): void {
  const readings = promises.includes("readings") ? it : null;
  const moves = promises.includes("moves") ? it : null;
  describe(`the live worker over ${name}`, () => {
    let own: LogOfTest;
    let eventLog: EventLog;
    let worker: LiveWorker | null = null;

    async function start(): Promise<void> {
      worker = await startLiveWorker({
        ...{ eventLog, clock: systemClock, log: silentLog, rules: RULES, isInputTime: true, withWindows: true },
        foreign: createEmbeddedForeignTopics({ directory: tmpdir(), clock: systemClock, longestLine: 1 }),
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

    /** Places are read before the ends they are held against, so what came in between is not passed over. */
    async function areEvaluated(): Promise<boolean> {
      const partitions = (await eventLog.positions(ACCEPTED)).map(({ partition }) => partition);
      const places = await Promise.all(
        partitions.map((partition) => eventLog.consumerState({ consumer: "evaluation", topic: ACCEPTED, partition })),
      );
      for (const topic of [ACCEPTED, COMMANDED, REGISTRY]) {
        for (const { partition, offset } of await everything(eventLog, topic)) {
          // Every loop reads the registry.
          for (const { next, state } of topic === REGISTRY ? places : [places[partition]!]) {
            const reached = topic === ACCEPTED ? next : BigInt((state.get(`next/${topic}`) as string | undefined) ?? 0);
            if (reached <= offset) return false;
          }
        }
      }
      return true;
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

    readings?.("gives every record one verdict, and its counts balance", async () => {
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

    readings?.("makes the same steps of the same readings, however often it ends and starts again", async () => {
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

    /** Records of one patient, one a second. */
    async function read(patientId: string, code: string, value: number, from: number, to: number): Promise<void> {
      const unit = code === "2708-6" ? "%" : "/min";
      const events = Array.from({ length: to - from }, (_, index) => {
        const at = START + (from + index) * 1_000;
        const eventTime = new Date(at).toISOString();
        const id = `${patientId}-${code}-${String(from + index)}`;
        const record = { eventId: id, patientId, code, value, unit, eventTime, receivedAt: eventTime };
        const common = { schema: 1, submission: "s", line: 1, source: "ward", by: null, simulated: false };
        return { key: patientId, value: { ...common, receivedAt: at, record } };
      });
      await eventLog.append("vitals.observed.v1", events);
    }

    async function register(kind: string, id: string, version: number, value: object | null): Promise<void> {
      const change = { schema: 1, kind, id, version, value, by: "adt", reason: "a test", at: START };
      await eventLog.append(REGISTRY, [{ key: `${kind}/${id}`, value: change }]);
    }

    const link = (surviving: string): object => ({ surviving, disputed: false, since: START });
    const stay = (state: string): object => ({ state, visit: null, location: "W7", since: START });
    /** Each with how many readings it brings. */
    const scenes: readonly (readonly [count: number, ...parts: readonly (() => Promise<void>)[]])[] = [
      [
        21,
        () => read("p1", "8867-4", 150, 0, 15),
        () => read("p4", "8867-4", 80, 12, 15),
        () => read("p3", "2708-6", 85, 12, 15),
      ],
      [0, () => register("link", "p1", 1, link("p4"))],
      [17, () => read("p1", "2708-6", 80, 20, 22), () => read("p1", "8867-4", 150, 20, 35)],
      [
        0,
        () => register("stay", "p3", 1, stay("IN")),
        () => register("stay", "p3", 2, stay("OUT")),
        () => register("link", "p1", 2, null),
      ],
      [
        43,
        () => read("p1", "8867-4", 80, 40, 60),
        () => read("p4", "8867-4", 80, 40, 60),
        () => read("p4", "2708-6", 85, 60, 63),
      ],
      [0, () => register("consent", "p4", 1, { state: "WITHDRAWN", since: START })],
      [3, () => read("p4", "2708-6", 80, 63, 66)],
    ];

    moves?.("moves and ends alerts with their people, each once, however often it ends and starts again", async () => {
      await start();
      let sent = 0;
      for (const [count, ...parts] of scenes) {
        for (const part of parts) await part();
        sent += count;
        await settled(sent);
      }
      const undisturbed = inOrder(await settled(sent));
      const stories = undisturbed.map((steps) => [
        steps[0]!.alert.ruleId,
        ...steps.map(({ alert, step }) => `${step.reason} ${alert.patientId}`),
      ]);
      expect(stories.sort()).toEqual([
        ["hr-high", "RAISED p1", "MERGED p4", "UNMERGED p1", "CLEARED p1"],
        ["spo2-low", "RAISED p3", "DISCHARGED p3"],
        ["spo2-low", "RAISED p4", "CONSENT_WITHDRAWN p4"],
        ["spo2-low", "RAISED p4", "UNMERGED p1"],
      ]);
      const partitions = (await everything(eventLog, COMMANDED)).map(({ partition }) => partition);
      expect(new Set(partitions).size).toBeGreaterThan(1);
      await end();

      await begin();
      const random = createRandom(9);
      sent = 0;
      await start();
      for (const [count, ...parts] of scenes) {
        for (const part of parts) await part();
        sent += count;
        await systemClock.sleep(random.below(20));
        await worker?.close();
        if (random.below(2) === 0) eventLog = await own.reopen();
        await start();
        await settled(sent);
      }
      expect(inOrder(await settled(sent))).toEqual(undisturbed);
    });
  });
}

interface ToldStep {
  readonly alert: {
    readonly id: string;
    readonly version: number;
    readonly patientId: string;
    readonly ruleId: string;
  };
  readonly step: { readonly reason: string };
}

/** The steps of each alert by version: one that was moved has made them in several partitions. */
function inOrder({ steps }: LiveOutcome): readonly (readonly ToldStep[])[] {
  return Object.entries(steps as Readonly<Record<string, readonly ToldStep[]>>)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, own]) => [...own].sort((left, right) => left.alert.version - right.alert.version));
}
