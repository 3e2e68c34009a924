import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vitalsOf } from "../../src/simulate/index.js";
import { quiet } from "../chaos/live-run.js";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, type Service } from "../helpers/service.js";
import { itShared, sharedPath } from "../helpers/shared.js";

/** A service whose time is that of its readings, and whether somebody computes windows for it. */
export interface BacktestScene {
  readonly start: () => Promise<Service>;
  readonly hasWindows: boolean;
}

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const DAY_MS = 24 * HOUR;
const at = (ms: number): string => new Date(START + ms).toISOString();
const DAY = { from: at(0), to: at(DAY_MS) };

let service: Service;
let folder: string;
async function send(lines: readonly string[], simulated = false): Promise<void> {
  const answer = await fetch(new URL(`/observations?source=ward&simulated=${String(simulated)}`, service.url), {
    method: "POST",
    headers: { authorization: `Bearer ${service.token}`, "content-type": "application/x-ndjson" },
    body: lines.join("\n"),
  });
  expect(answer.status).toBe(202);
}

/** Oxygen saturation of one patient every half minute. */
function saturations(patientId: string, values: readonly number[]): readonly string[] {
  return values.map((value, index) => {
    const eventTime = at(index * 30_000);
    const eventId = `${patientId}-${String(index)}`;
    return JSON.stringify({ eventId, patientId, code: "2708-6", value, unit: "%", eventTime, receivedAt: eventTime });
  });
}

const calm = Array.from({ length: 121 }, () => 97);
const dip = (from: number, ...values: readonly number[]): readonly number[] => [
  ...calm.slice(0, from),
  ...values,
  ...calm.slice(from + values.length),
];

async function write(id: string, input: object): Promise<void> {
  const document =
    "mutation W($id: ID!, $input: AlertRuleInput!) { upsertAlertRule(id: $id, input: $input) { status } }";
  await service.query(document, { id, input });
}

const RULE = {
  ...{ kind: "THRESHOLD", name: "low", priority: "MEDIUM", rationale: "test" },
  code: { system: "http://loinc.org", code: "2708-6" },
};
const below = (value: number): object => ({ ...RULE, limit: { comparator: "<", value, unit: "%" } });

interface Case {
  readonly patientId: string;
  readonly raisedAt: string;
}

interface Report {
  readonly candidate: { readonly alerts: number; readonly cases: readonly Case[] };
  readonly [field: string]: unknown;
}

const CASES = "{ patientId raisedAt endedAt }";
const SUBMIT = `mutation Backtest($id: ID!, $version: Int, $input: AlertRuleInput, $against: ID, $period: PeriodInput!,
  $patientIds: [ID!], $key: String!) {
  backtestRule(id: $id, version: $version, input: $input, against: $against, period: $period, patientIds: $patientIds,
    idempotencyKey: $key) { id kind } }`;
const SHOW = `query Show($id: ID!) { job(id: $id) { state error { code message } progress logTail
  backtest { patients patientDays candidate { ruleId version alerts perPatientDay cases ${CASES} }
    current { ruleId version alerts perPatientDay cases ${CASES} } both extra missed
    lead { leastSeconds medianSeconds mostSeconds } extraCases ${CASES} missedCases ${CASES} } } }`;

interface Shown {
  readonly state: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly backtest: Report | null;
}

let keys = 0;
async function ended(variables: Readonly<Record<string, unknown>>): Promise<Shown> {
  const asked = { key: `key ${String((keys += 1))}`, ...variables };
  const { backtestRule } = await service.query<{ backtestRule: { id: string } }>(SUBMIT, asked);
  for (;;) {
    const { job } = await service.query<{ job: Shown }>(SHOW, { id: backtestRule.id });
    if (["COMPLETE", "EXECUTOR_ERROR", "CANCELED"].includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function report(variables: Readonly<Record<string, unknown>>): Promise<Report> {
  const { state, error, backtest } = await ended(variables);
  expect([state, error]).toEqual(["COMPLETE", null]);
  return backtest!;
}

async function refusal(variables: Readonly<Record<string, unknown>>): Promise<string> {
  return service.query(SUBMIT, { key: "refused", ...variables }).then(
    () => "taken",
    (thrown: Error) => thrown.message,
  );
}

/** Answers out of the log alone, and how each was asked for. */
const answered: (readonly [ask: () => Promise<unknown>, answer: unknown])[] = [];

async function noted<T>(ask: () => Promise<T>): Promise<T> {
  const answer = await ask();
  answered.push([ask, answer]);
  return answer;
}

export function defineBacktestScene({ start, hasWindows }: BacktestScene): void {
  beforeAll(async () => {
    await ensureBuilt();
    folder = await mkdtemp(join(tmpdir(), "vitalome-backtest-"));
    service = await start();
    const people = ["a", "b", "c", "stay", "bed-0", "bed-1"].map((id) => ({
      ...{ resourceType: "Patient", id, birthDate: "1950-06-15" },
    }));
    const file = join(folder, "people.ndjson");
    await writeFile(file, people.map((person) => `${JSON.stringify(person)}\n`).join(""));
    expect((await service.cli("ingest-clinical", file)).code).toBe(0);
    await write("spo2-90", below(90));
    await write("mean-92", { ...below(92), kind: "MOVING_AVERAGE", window: "PT2M" });
    await send([
      ...saturations("a", dip(10, 93, 93, 89)),
      ...saturations("b", dip(5, 93)),
      ...saturations("c", dip(60, 89, 89)),
    ]);
    const vitals = vitalsOf({
      ...{ seed: 5, start: START + 30 * DAY_MS, seconds: 900, rate: 0.5, statesReceipt: true, late: 0.05 },
      ...{ beds: [{ patientId: "bed-0" }, { patientId: "bed-1" }], duplicates: 0.03, poison: 0.01 },
      episodes: [{ kind: "hypoxia", patientId: "bed-1", fromSeconds: 60, seconds: 600 }],
    });
    await send(
      [...vitals].map(({ line }) => line),
      true,
    );
    const psv = sharedPath("clinical/physionet-2019/p100312.psv");
    if (psv !== null) {
      const source = `mutation { setSource(id: "ward-2", kind: SPOT_CHECK, staleAfter: "PT2H", reason: "hourly") { id } }`;
      await service.query(source);
      const replay = ["--as", "stay", "--clock", "input", "--start", at(60 * DAY_MS), "--speed", "1000000"];
      expect((await service.cli("replay", psv, ...replay, "--source", "ward-2")).code).toBe(0);
    }
    await quiet(() => service);
  });
  afterAll(async () => {
    await service.stop();
    await removeFolder(service.directory);
    await removeFolder(folder);
  });

  describe("a rule that is tried on the past", () => {
    const named = { id: "spo2-90", period: DAY, patientIds: ["a", "b", "c"] };

    it("is weighed against the one in force, on the same readings", async () => {
      // Three patients over an hour: 3/24 days. Below 94: a from 5:00, b at 2:30, c from 30:00; below 90: a at 6:00, c from 30:00.
      const found = await noted(() => report({ ...named, input: below(94) }));
      expect(found).toMatchObject({
        ...{ patients: 3, both: 2, extra: 1, missed: 0, missedCases: [] },
        candidate: { ruleId: "spo2-90", version: 2, alerts: 3, perPatientDay: 24 },
        current: { ruleId: "spo2-90", version: 1, alerts: 2, perPatientDay: 16 },
        lead: { leastSeconds: 0, medianSeconds: 30, mostSeconds: 60 },
        extraCases: [{ patientId: "b", raisedAt: at(150_000), endedAt: at(180_000) }],
      });
      const stored = await report({ ...named, version: 1 });
      expect(stored).toMatchObject({ candidate: { version: 1, alerts: 2 }, current: null, extra: 0, lead: null });
      const cut = { from: at(0), to: at(30 * 60_000) };
      expect(await report({ ...named, period: cut })).toMatchObject({ candidate: { alerts: 1 }, patients: 3 });
    });

    it("finds what was really raised, in simulated episodes, also by means over windows", async () => {
      const period = { from: at(30 * DAY_MS), to: at(31 * DAY_MS) };
      const listed = await service.query<{ alerts: { nodes: { ruleId: string; history: { at: string }[] }[] } }>(
        `{ alerts(patientIds: ["bed-0", "bed-1"], includeShadow: true, first: 200) { nodes { ruleId history { at } } } }`,
      );
      const raised = listed.alerts.nodes.map(({ ruleId, history }) => `${ruleId} ${history[0]?.at ?? ""}`).sort();
      const rules = new Set(listed.alerts.nodes.map(({ ruleId }) => ruleId));
      expect([...rules]).toEqual(
        expect.arrayContaining([...(hasWindows ? ["mean-92"] : []), "spo2-90", "spo2-low", "news2-red"]),
      );
      const found = await noted(async () => {
        const found: string[] = [];
        for (const id of rules) {
          const { candidate } = await report({ id, period });
          found.push(...candidate.cases.map(({ raisedAt }) => `${id} ${raisedAt}`));
        }
        return found.sort();
      });
      expect(found).toEqual(raised);
    });

    itShared("gives what was worked out by hand of a recorded stay with sepsis", async () => {
      const row = (number: number): string => at(60 * DAY_MS + (number - 1) * HOUR);
      const period = { from: row(1), to: at(64 * DAY_MS) };
      // Medium from row 22 to 49; high from 29 to 30, 41 to 43, 46 to 49: the first is seven hours after medium, two are missed.
      const found = await report({ id: "news2-medium", against: "news2-high", period, patientIds: ["stay"] });
      expect(found).toMatchObject({
        patients: 1,
        candidate: { alerts: 1, cases: [{ raisedAt: row(22), endedAt: row(49) }] },
        current: { ruleId: "news2-high", alerts: 3 },
        ...{ both: 1, extra: 0, missed: 2 },
        lead: { leastSeconds: 25_200, medianSeconds: 25_200, mostSeconds: 25_200 },
        missedCases: [{ raisedAt: row(41) }, { raisedAt: row(46) }],
      });
    });

    it("is refused with the field that is wrong, or ends with what is missing", async () => {
      const period = { from: at(0), to: at(0) };
      expect(await refusal({ id: "none", period: DAY })).toBe("there is no such rule");
      expect(await refusal({ id: "spo2-90", version: 7, period: DAY })).toBe("there is no such version of the rule");
      expect(await refusal({ id: "spo2-90", against: "none", period: DAY })).toMatch(/no such rule in force/);
      expect(await refusal({ id: "spo2-90", period })).toMatch(/^period.to: expected a time after/);
      expect(await refusal({ id: "spo2-90", period: { from: at(0), to: at(367 * DAY_MS) } })).toMatch(/366 days/);
      expect(await refusal({ id: "spo2-90", period: DAY, patientIds: [] })).toMatch(/^patientIds: expected 1 to 1000/);
      expect(await refusal({ id: "new", period: DAY, input: { ...RULE } })).toMatch(/^input.limit: expected the limit/);
      expect(await refusal({ id: "spo2-90", version: 1, period: DAY, input: below(80) })).toMatch(
        /^version: expected nothing/,
      );
      const empty = { id: "spo2-90", period: { from: at(-48 * HOUR), to: at(-DAY_MS) } };
      const { state, error, backtest } = await ended(empty);
      expect([state, error?.code, backtest]).toEqual(["EXECUTOR_ERROR", "NOT_FOUND", null]);
      expect(error?.message).toMatch(/no accepted reading lies between 2025-12-30T00:00:00.000Z/);
    });

    it("is answered by the first job of its key, and by none of another question", async () => {
      const first = await service.query<{ backtestRule: { id: string } }>(SUBMIT, { ...named, key: "one" });
      expect(await service.query(SUBMIT, { ...named, key: "one" })).toEqual(first);
      expect(await refusal({ ...named, key: "one", patientIds: ["a"] })).toMatch(/used with other parameters/);
    });

    it("finds the same once what it replays lies in tables", async () => {
      expect((await service.cli("compact-log")).code).toBe(0);
      for (const [ask, answer] of answered) expect(await ask()).toEqual(answer);
      expect(answered).toHaveLength(2);
    });

    it("can be asked for at the command line", async () => {
      const file = join(folder, "rule.json");
      await writeFile(file, JSON.stringify(below(94)));
      const asked = ["alerts", "backtest", "spo2-90", "--from", DAY.from, "--to", DAY.to, "--input", file];
      const text = await service.cli(...asked, "--patient", "a", "b", "c", "--output", "text");
      expect(text.stdout.split("\n").slice(0, 6)).toEqual([
        "3 patients, 0.13 patient-days",
        "spo2-90 version 2: 3 alerts, 24.00 per patient-day",
        "spo2-90 version 1: 2 alerts, 16.00 per patient-day",
        "of both 2, extra 1, missed 0",
        "earlier by 30 s (median; 0 to 60)",
        `extra   ${at(150_000)}  b  low: 93 %`,
      ]);
      expect((await service.cli("alerts", "backtest", "spo2-90", "--from", DAY.from)).code).toBe(2);
      expect((await service.cli("alerts", "backtest", "none", "--from", DAY.from, "--to", DAY.to)).stderr).toContain(
        "NOT_FOUND",
      );
    });
  });
}
