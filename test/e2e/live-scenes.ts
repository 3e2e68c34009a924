import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.js";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, type Service } from "../helpers/service.js";
import { itShared, requireShared } from "../helpers/shared.js";

const HR = "8867-4";
const SPO2 = "2708-6";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PATIENCE_MS = 60_000;
const PEOPLE = [
  "chart",
  "asystole",
  "fast",
  "reboot",
  "copd",
  "partial",
  "whole",
  "mean",
  "flapping",
  "withdrawn",
  "woman",
  "man",
];
const iso = (at: number): string => new Date(at).toISOString();

/** Each scene has a day of its own, in this order: the clock is what readings say, and never runs back. */
const dayOf = (scene: number): number => Date.UTC(2026, 0, 1) + scene * 7 * DAY;

interface Transition {
  readonly reason: string;
  readonly at: string;
}

interface Alert {
  readonly id: string;
  readonly ruleId: string;
  readonly priority: string;
  readonly presence: string;
  readonly message: string;
  readonly occurrenceCount: number;
  readonly history: readonly Transition[];
}

interface Line {
  readonly at: number;
  readonly code: string;
  readonly value: number | string;
  readonly unit?: string;
  /** Milliseconds the device's clock is ahead. */
  readonly ahead?: number;
  readonly session?: string;
  readonly sequence?: number;
}

const UNITS: Readonly<Record<string, string>> = {
  [HR]: "/min",
  "9279-1": "/min",
  [SPO2]: "%",
  "8480-6": "mm[Hg]",
  "8310-5": "Cel",
  "3151-8": "L/min",
};

/** Known answers and scenes, sent and read as an app would, with a clock that readings drive. */
export function defineLiveScenes(name: string, seconds: number, start: () => Promise<Service>): void {
  describe(`live scenes in the ${name} profile`, () => {
    let service: Service;
    let folder: string;
    beforeAll(async () => {
      await ensureBuilt();
      folder = await mkdtemp(join(tmpdir(), "vitalome-scenes-"));
      service = await start();
      await register(...PEOPLE.map((id) => ({ id, gender: id === "woman" ? "female" : "male" })));
    }, seconds * SECOND);
    afterAll(async () => {
      await service.stop();
      await removeFolder(service.directory);
      await removeFolder(folder);
    });

    /** Puts people on record, or changes them. */
    async function register(
      ...people: readonly { readonly id: string; readonly gender: string; readonly meta?: object }[]
    ): Promise<void> {
      const lines = people.map((person) =>
        JSON.stringify({ resourceType: "Patient", birthDate: "1950-06-15", ...person }),
      );
      const file = join(folder, "people.ndjson");
      await writeFile(file, lines.join("\n"));
      expect((await service.cli("ingest-clinical", file)).code).toBe(0);
    }

    /** Sends readings received when they were measured, and waits for their ledger. */
    async function send(patientId: string, lines: readonly Line[]): Promise<object> {
      const records = lines.map(({ at, ahead = 0, session = "boot-1", sequence, unit, ...line }, index) => ({
        ...line,
        ...{ patientId, deviceId: `monitor-${patientId}`, session, sequence: sequence ?? index + 1 },
        ...(line.code === "67775-7" ? {} : { unit: unit ?? UNITS[line.code] }),
        eventTime: iso(at + ahead),
        receivedAt: iso(at),
        simulated: true,
      }));
      const file = join(folder, `${patientId}-${String(lines[0]?.at)}.ndjson`);
      await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
      const run = await service.cli("observe", file, "--source", "bedside", "--output", "json");
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
      return run.lines().at(-1) ?? {};
    }

    async function alertsOf(patientId: string): Promise<readonly Alert[]> {
      const document = `query Alerts($ids: [ID!]) { alerts(patientIds: $ids, first: 100) { nodes {
        id ruleId priority presence message occurrenceCount history { reason at } } } }`;
      const answer = await service.query<{ alerts: { nodes: readonly Alert[] } }>(document, { ids: [patientId] });
      return answer.alerts.nodes;
    }

    async function eventually<T>(find: () => Promise<T>, check: (found: T) => void): Promise<void> {
      for (const deadline = Date.now() + PATIENCE_MS; ; await systemClock.sleep(100)) {
        const found = await find();
        try {
          check(found);
          return;
        } catch (thrown) {
          if (Date.now() > deadline) throw thrown;
        }
      }
    }

    async function news2Of(patientId: string, at: number): Promise<Readonly<Record<string, unknown>>> {
      const document = `query Score($id: ID!, $at: DateTime) { patient(id: $id) { news2(at: $at) {
        total lowerBound band scale missing redParameters parameters { name points } } } }`;
      const variables = { id: patientId, at: iso(at) };
      return (await service.query<{ patient: { news2: Readonly<Record<string, unknown>> } }>(document, variables))
        .patient.news2;
    }

    /** Steps of some rules, in order, at the row of an hourly chart; the first row is 1. */
    function rowsOf(alerts: readonly Alert[], rules: readonly string[], first: number): readonly unknown[] {
      return alerts
        .filter(({ ruleId }) => rules.includes(ruleId))
        .flatMap(({ ruleId, history }) => history.map(({ reason, at }) => ({ ruleId, reason, at: Date.parse(at) })))
        .filter(({ reason }) => ["RAISED", "RECURRED", "CLEARED"].includes(reason))
        .sort((one, other) => one.at - other.at || (one.ruleId < other.ruleId ? -1 : 1))
        .map(({ ruleId, reason, at }) => [ruleId, reason, (at - first) / HOUR + 1]);
    }

    itShared("a recorded stay with sepsis raises NEWS2 at the rows an independent script found", async () => {
      const setSource = `mutation { setSource(id: "chart", kind: SPOT_CHECK, staleAfter: "PT2H", reason: "hourly") { id } }`;
      await service.query(setSource);
      const stay = requireShared("clinical/physionet-2019/p100312.psv");
      const options = ["--as", "chart", "--source", "chart", "--clock", "input", "--speed", "360000000"];
      const run = await service.cli("replay", stay, ...options, "--start", iso(dayOf(0)), "--output", "json");
      expect({ code: run.code, stderr: run.stderr }).toMatchObject({ code: 0 });
      // The chart has ended: what is due behind it is told by the next reading.
      await send("chart", [{ at: dayOf(0) + 52 * HOUR, code: HR, value: 80 }]);
      await eventually(
        () => alertsOf("chart"),
        (alerts) => {
          expect(rowsOf(alerts, ["news2-medium", "news2-high"], dayOf(0))).toEqual([
            ["news2-medium", "RAISED", 22],
            ["news2-high", "RAISED", 29],
            ["news2-high", "CLEARED", 30],
            ["news2-high", "RAISED", 41],
            ["news2-high", "CLEARED", 43],
            ["news2-high", "RAISED", 46],
            ["news2-high", "CLEARED", 49],
            ["news2-medium", "CLEARED", 49],
          ]);
          expect(rowsOf(alerts, ["no-data"], dayOf(0)).filter((row) => (row as unknown[])[1] === "RAISED")).toEqual(
            [10, 20, 46, 51].map((row) => ["no-data", "RAISED", row]),
          );
        },
      );
    });

    it("a heart rate of 0 for twenty seconds is an alert of high priority", async () => {
      const at = dayOf(1);
      await send("asystole", [
        { at: at - SECOND, code: HR, value: 80 },
        ...Array.from({ length: 21 }, (_none, second) => ({ at: at + second * SECOND, code: HR, value: 0 })),
      ]);
      await eventually(
        () => alertsOf("asystole"),
        (alerts) => {
          expect(alerts).toContainEqual(
            expect.objectContaining({ ruleId: "extreme-value", priority: "HIGH", presence: "ON" }),
          );
          expect(alerts).toContainEqual(
            expect.objectContaining({ ruleId: "hr-low", priority: "HIGH", presence: "ON" }),
          );
        },
      );
    });

    it("a device whose clock is two minutes fast still alerts, and its clock is told", async () => {
      const at = dayOf(2);
      await send(
        "fast",
        [97, 84, 84].map((value, index) => ({ at: at + index * 5 * SECOND, code: SPO2, value, ahead: 2 * MINUTE })),
      );
      await eventually(
        () => alertsOf("fast"),
        (alerts) => {
          expect(alerts.find(({ ruleId }) => ruleId === "spo2-critical")).toMatchObject({
            ...{ priority: "HIGH", presence: "ON" },
            history: [{ reason: "RAISED", at: iso(at + 5 * SECOND) }],
          });
          expect(alerts.find(({ ruleId }) => ruleId === "device-clock")?.message).toContain("+120 s");
        },
      );
    });

    it("a reboot that counts from the beginning again loses nothing", async () => {
      const at = dayOf(3);
      const minutes = [0, 1, 2, 3, 4, 5];
      const lines = minutes.map((minute) => ({
        ...{ at: at + minute * MINUTE, code: HR, value: 70 + minute },
        ...{ session: minute < 3 ? "boot-1" : "boot-2", sequence: (minute % 3) + 1 },
      }));
      const twice = [...lines, ...lines.slice(3)];
      expect(await send("reboot", twice)).toMatchObject({
        ledger: { read: 9, accepted: 6, duplicates: 3, rejected: 0, balanced: true },
      });
      const document = `{ observations(patientId: "reboot", first: 10) { nodes { valueQuantity { value } } } }`;
      await eventually(
        () => service.query<{ observations: { nodes: readonly { valueQuantity: { value: number } }[] } }>(document),
        ({ observations }) => {
          expect(observations.nodes.map(({ valueQuantity }) => valueQuantity.value)).toEqual([75, 74, 73, 72, 71, 70]);
        },
      );
    });

    const set = (at: number, spo2: number, rest: readonly (readonly [string, number | string])[]): readonly Line[] => [
      { at, code: SPO2, value: spo2 },
      ...rest.map(([code, value]) => ({ at, code, value })),
    ];

    it("a COPD patient at 90 % on air scores 3, and 0 only once a plan is prescribed, which is audited", async () => {
      const at = dayOf(4);
      const rest = [["9279-1", 18] as const, ["8480-6", 130] as const, [HR, 88] as const, ["8310-5", 36.8] as const];
      await send("copd", set(at, 90, [...rest, ["67775-7", "A"], ["3151-8", 0]]));
      const before = { total: 3, band: "low-medium", scale: 1, redParameters: ["spo2"] };
      await eventually(
        () => news2Of("copd", at),
        (score) => {
          expect(score).toMatchObject(before);
        },
      );
      const plan = { spo2Scale: 2, validFrom: iso(at), reason: "hypercapnic failure in March" };
      const mutation = `mutation Plan($plan: MonitoringPlanInput!) {
        setMonitoringPlan(patientId: "copd", plan: $plan) { version spo2Scale prescriber } }`;
      await expect(service.query(mutation, { plan })).rejects.toThrow("prescriber");
      expect(await news2Of("copd", at)).toMatchObject(before);
      await service.query(mutation, { plan: { ...plan, prescriber: "Dr Grey" } });
      expect(await news2Of("copd", at)).toMatchObject({ total: 0, band: "none", scale: 2, redParameters: [] });
      const audit = `{ registryHistory(kind: MONITORING_PLAN, id: "copd") { by reason version value } }`;
      const { registryHistory } = await service.query<{ registryHistory: readonly object[] }>(audit);
      expect(registryHistory).toMatchObject([
        { by: "owner", reason: plan.reason, version: 1, value: { spo2Scale: 2, prescriber: "Dr Grey" } },
      ]);
    });

    it("a score with a parameter missing is at least what is known, and it alerts", async () => {
      const at = dayOf(5);
      // RR 22 is 2, SpO2 93 is 2, oxygen is 2, SBP 95 is 2, HR 120 is 2, alert is 0; no temperature.
      const rest = [
        ["9279-1", 22],
        ["8480-6", 95],
        [HR, 120],
        ["67775-7", "A"],
        ["3151-8", 2],
      ] as const;
      await send("partial", set(at, 93, rest));
      await eventually(
        () => news2Of("partial", at),
        (score) => {
          expect(score).toMatchObject({ total: null, lowerBound: 10, band: "high", missing: ["temperature"] });
        },
      );
      // The set is looked at when it has settled: readings that come later tell the time.
      await send("partial", [{ at: at + MINUTE, code: HR, value: 120, sequence: 100 }]);
      await eventually(
        () => alertsOf("partial"),
        (alerts) => {
          expect(alerts.find(({ ruleId }) => ruleId === "news2-high")?.message).toContain("at least 10");
        },
      );
    });

    it.each([
      [[28, 90, 95, 125, "V", 39.2, 5], 17, "high"],
      [[22, 95, 105, 100, "A", 38.5, 5], 8, "high"],
      [[21, 93, 120, 95, "A", 37.5, 0], 5, "medium"],
      [[16, 98, 120, 75, "A", 37, 0], 0, "none"],
    ] as const)("NEWS2 of %j is %d, %s", async (values, total, band) => {
      const [breaths, spo2, pressure, pulse, acvpu, temperature, oxygen] = values;
      const at = dayOf(6) + (20 - total) * HOUR;
      const rest = [
        ["9279-1", breaths],
        ["8480-6", pressure],
        [HR, pulse],
        ["67775-7", acvpu],
      ] as const;
      await send(
        "whole",
        set(at, spo2, [...rest, ["8310-5", temperature], ["3151-8", oxygen]]).map((line, index) => ({
          ...line,
          sequence: (20 - total) * 10 + index,
        })),
      );
      await eventually(
        () => news2Of("whole", at),
        (score) => {
          expect(score).toMatchObject({ total, band, missing: [] });
        },
      );
    });

    it("moving means of five minutes are those worked out by hand", async () => {
      const at = dayOf(7) + 10 * HOUR;
      const readings = [
        [5, 80],
        [35, 82],
        [70, 84],
        [140, 120],
        [290, 118],
      ] as const;
      await send(
        "mean",
        readings.map(([second, value]) => ({ at: at + second * SECOND, code: HR, value })),
      );
      const document = `query Means($from: DateTime!, $to: DateTime!) { patient(id: "mean") {
        vitals(code: {code: "${HR}"}, effective: {ge: $from, lt: $to}, window: "PT5M", slide: "PT1M") {
          points { windowStart mean n } } } }`;
      interface Means {
        readonly patient: {
          readonly vitals: { readonly points: readonly { windowStart: string; mean: number }[] };
        };
      }
      const range = { from: iso(at), to: iso(at + 5 * MINUTE) };
      const expected = [
        [-4, 81],
        [-3, 82],
        [-2, 91.5],
        [-1, 91.5],
        [0, 96.8],
        [1, 107.3333],
        [2, 119],
        [3, 118],
        [4, 118],
      ];
      await eventually(
        () => service.query<Means>(document, range),
        ({ patient }) => {
          const found = patient.vitals.points.map(({ windowStart: begin, mean }) => [
            (Date.parse(begin) - at) / MINUTE,
            Math.round(mean * 10_000) / 10_000,
          ]);
          expect(found).toEqual(expected);
        },
      );
    });

    it("a signal that flaps a hundred times is one alert with a count", async () => {
      const at = dayOf(8);
      await send(
        "flapping",
        Array.from({ length: 400 }, (_none, index) => ({
          ...{ at: at + index * 20 * SECOND, code: SPO2 },
          value: index % 4 < 2 ? 80 : 98,
        })),
      );
      await eventually(
        () => alertsOf("flapping"),
        (alerts) => {
          const critical = alerts.filter(({ ruleId }) => ruleId === "spo2-critical");
          expect(critical).toHaveLength(1);
          // A step tells the count every five minutes at most.
          expect(critical[0]?.occurrenceCount).toBeGreaterThan(90);
          expect(critical[0]?.history.length).toBeLessThan(40);
        },
      );
    });

    it("whoever withdraws consent has no alert any more, and is watched again once they consent", async () => {
      const at = dayOf(9);
      const low = (minute: number): Line => ({ at: at + minute * MINUTE, code: SPO2, value: 80, sequence: minute + 1 });
      const critical = async (): Promise<readonly (readonly string[])[]> =>
        (await alertsOf("withdrawn"))
          .filter(({ ruleId }) => ruleId === "spo2-critical")
          .map(({ presence, history }) => [presence, ...history.map(({ reason }) => reason)]);
      const say = async (state: string): Promise<void> => {
        const mutation = `mutation Say($state: ConsentState!) {
          setMonitoringConsent(patientId: "withdrawn", state: $state, reason: "in writing") { version } }`;
        await service.query(mutation, { state });
      };
      await send("withdrawn", [low(0)]);
      await eventually(critical, (found) => {
        expect(found).toEqual([["ON", "RAISED"]]);
      });
      await say("WITHDRAWN");
      const ended = ["OFF", "RAISED", "CONSENT_WITHDRAWN"];
      await eventually(critical, (found) => {
        expect(found).toEqual([ended]);
      });
      await send("withdrawn", [low(1)]);
      await say("GIVEN");
      await send("withdrawn", [low(2)]);
      await eventually(critical, (found) => {
        expect(found).toHaveLength(2);
        expect(found).toContainEqual(ended);
        expect(found).toContainEqual(["ON", "RAISED"]);
      });
      const [raised] = (await alertsOf("withdrawn")).filter(({ presence }) => presence === "ON");
      expect(raised?.history.map((step) => step.at)).toEqual([iso(at + 2 * MINUTE)]);
    });

    it("of a cohort only its people are told and listed, and whoever comes into it from then on", async () => {
      const women = `mutation { upsertCohort(id: "women", expectedVersion: 0,
        input: { name: "Women", and: [{ gender: ["female"] }], reason: "a study" }) { id version definition
        patients { nodes { id } } } }`;
      const { upsertCohort } = await service.query<{ upsertCohort: object }>(women);
      const definition = [{ gender: ["female"], not: false }];
      const patients = { nodes: [{ id: "woman" }] };
      expect(upsertCohort).toEqual({ id: "women", version: 1, definition, patients });
      await expect(service.query(women)).rejects.toThrow("meanwhile");

      const told = async (): Promise<readonly (readonly [string, string])[]> => {
        const options = [
          "--cohort",
          "women",
          "--resume",
          join(folder, "women.cursor"),
          "--until-idle",
          "--output",
          "json",
        ];
        const run = await service.cli("watch", "alerts", ...options);
        expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
        return (run.lines() as { event: { alert: { patientId: string }; transition: { reason: string } } }[]).map(
          ({ event }) => [event.alert.patientId, event.transition.reason],
        );
      };
      const listed = async (): Promise<readonly string[]> => {
        const document = `{ alerts(cohortId: "women", first: 100) { nodes { patientId } count(mode: EXACT) { value } } }`;
        const { alerts } = await service.query<{
          alerts: { nodes: { patientId: string }[]; count: { value: number } };
        }>(document);
        expect(alerts.count.value).toBe(alerts.nodes.length);
        return [...new Set(alerts.nodes.map(({ patientId }) => patientId))].sort();
      };
      const low = (at: number, sequence: number): Line => ({ at, code: SPO2, value: 80, sequence });
      expect(await told()).toEqual([]);
      const at = dayOf(10);
      for (const id of ["woman", "man"]) await send(id, [low(at, 1)]);
      for (const id of ["woman", "man"])
        await eventually(
          () => alertsOf(id),
          (found) => {
            expect(found.map(({ ruleId }) => ruleId)).toContain("spo2-critical");
          },
        );
      const first = await told();
      expect(first).toContainEqual(["woman", "RAISED"]);
      expect(first.map(([id]) => id)).not.toContain("man");
      expect(await listed()).toEqual(["woman"]);

      await register({ id: "man", gender: "female", meta: { lastUpdated: "2026-01-01T00:00:00Z" } });
      expect(await listed()).toEqual(["man", "woman"]);
      await send("man", [{ at: at + MINUTE, code: SPO2, value: 98, sequence: 2 }]);
      await send("man", [{ at: at + 2 * MINUTE, code: SPO2, value: 98, sequence: 3 }]);
      await eventually(told, (found) => {
        expect(found).toContainEqual(["man", "CLEARED"]);
      });
      const none = `{ alerts(cohortId: "men") { nodes { id } } }`;
      await expect(service.query(none)).rejects.toThrow("there is no such cohort");
    });
  });
}
