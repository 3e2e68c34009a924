import { describe, expect, it } from "@jest/globals";
import { evaluate, nextDue, type PatientState } from "../../../src/domain/alert/evaluate.js";
import { foldAlerts } from "./fold.js";
import type { AlertRule } from "../../../src/domain/alert/rule.js";
import type { AlertInput, AlertOutput } from "../../../src/domain/alert/inputs.js";
import { alertsHandedSchema } from "../../../src/domain/events/alert.js";
import { buildKnowledge, buildPatient, buildReading, buildRule, HOUR, HR, MINUTE, SECOND, stepTexts } from "./build.js";

const plain = buildRule({ delayMs: 0, clearDelayMs: 0, reAlarmMs: HOUR });
const heart = buildRule({
  ...plain,
  id: "hr-high",
  code: HR,
  limit: { comparator: ">", value: 130, unit: "/min" },
  clear: null,
});
const SOURCES = [{ id: "ward", kind: "SPOT_CHECK", staleAfterMs: 12 * HOUR, zone: null }] as const;
const knowledge = buildKnowledge({ rules: [plain, heart], sources: SOURCES });

/** Two records; what one hands over reaches the other as the log would bring it, the second time too. */
function buildRecords(rules?: readonly AlertRule[]) {
  const known = rules === undefined ? knowledge : buildKnowledge({ rules, sources: SOURCES });
  const states = new Map<string, PatientState | null>();
  const outputs: AlertOutput[] = [];
  const put = (id: string, input: AlertInput): readonly AlertOutput[] => {
    const after = evaluate(id, states.get(id) ?? null, input, known);
    states.set(id, JSON.parse(JSON.stringify(after.state)) as PatientState | null);
    outputs.push(...after.outputs);
    for (const output of after.outputs) {
      if (output.kind !== "handed") continue;
      const handed = alertsHandedSchema.parse(JSON.parse(JSON.stringify(output.handed)));
      put(output.patientId, { kind: "adopt", handed });
      expect(put(output.patientId, { kind: "adopt", handed })).toEqual([]);
    }
    return after.outputs;
  };
  const alerts = () => [
    ...foldAlerts(outputs.flatMap((output) => (output.kind === "handed" ? [] : { ...output, input: null }))).values(),
  ];
  return {
    put,
    outputs,
    alerts,
    state: (id: string) => states.get(id) ?? null,
    read: (id: string, effectiveTime: number, value: string, code?: string) =>
      put(id, {
        kind: "reading",
        reading: buildReading({ patientId: id, effectiveTime, value, ...(code === undefined ? {} : { code }) }),
      }),
    /** What came under the merged record. */
    forwarded: (effectiveTime: number, value: string, code?: string) =>
      put("12345", {
        kind: "reading",
        reading: buildReading({
          ...{ patientId: "56789", eventId: `${code ?? ""}@${String(effectiveTime)}-other`, effectiveTime, value },
          ...(code === undefined ? {} : { code }),
        }),
      }),
    open: () =>
      alerts()
        .filter(({ alert }) => alert.presence !== "OFF")
        .map(({ alert }) => [alert.patientId, alert.ruleId, alert.presence, alert.movedFrom]),
    merge: (now: number) => put("56789", { kind: "merge", now, into: "12345", by: "adt" }),
    part: (now: number) => put("12345", { kind: "unmerge", now, from: "56789", by: "adt" }),
    acknowledge(id: string, at: number) {
      const alertId = alerts().find(({ alert }) => alert.patientId === id && alert.presence === "ON")?.alert.id ?? "";
      const base = {
        schema: 1,
        commandId: `c${String(at)}`,
        alertId,
        patientId: id,
        expectedVersion: null,
        known: null,
        by: "n",
        at,
      } as const;
      return put(id, { kind: "command", command: { ...base, command: "acknowledge", note: null } });
    },
  };
}

describe("two records that are merged", () => {
  it("keep the open alert under the same id, and unlinking restores it", () => {
    const records = buildRecords();
    records.read("56789", 0, "80");
    const id = records.alerts()[0]?.alert.id;
    records.merge(MINUTE);
    expect(records.open()).toEqual([["12345", "spo2-low", "ON", "56789"]]);
    expect(
      records
        .alerts()
        .map(({ alert, history }) => [alert.id, history.map(({ reason, version }) => `${reason} ${String(version)}`)]),
    ).toEqual([[id, ["RAISED 1", "MERGED 2"]]]);
    records.part(2 * MINUTE);
    expect(records.open()).toEqual([["56789", "spo2-low", "ON", null]]);
    expect(records.state("12345")?.watches).toEqual({});
    records.read("56789", 3 * MINUTE, "99");
    expect(records.open()).toEqual([]);
  });

  it("go on calling, and end by readings of the surviving record", () => {
    const records = buildRecords();
    records.read("56789", 0, "80");
    records.merge(MINUTE);
    expect(nextDue(records.state("56789"))).toBeNull();
    expect(records.put("12345", { kind: "time", now: 3 * MINUTE })).toMatchObject([{ step: { reason: "ESCALATED" } }]);
    records.read("12345", 4 * MINUTE, "99");
    expect(records.open()).toEqual([]);
  });

  it("have one open alert of each rule behind it, the one that calls; parting restores both", () => {
    const records = buildRecords();
    records.read("12345", 0, "80");
    records.acknowledge("12345", SECOND);
    records.read("56789", MINUTE, "80");
    records.read("56789", MINUTE, "140", HR);
    const before = records.open();
    records.merge(2 * MINUTE);
    expect(records.open()).toEqual([
      ["12345", "spo2-low", "ON", "56789"],
      ["12345", "hr-high", "ON", "56789"],
    ]);
    records.part(3 * MINUTE);
    expect(records.open().sort()).toEqual([...before].sort());
    const parted = records.alerts().find(({ alert }) => alert.patientId === "12345")?.alert;
    expect(parted).toMatchObject({ presence: "ACK", acknowledgedBy: "n" });
    expect(records.put("12345", { kind: "time", now: HOUR + SECOND })).toMatchObject([
      { step: { reason: "RE_ALARM" } },
    ]);
  });

  it("end the alert that came where the surviving record's is the older, and restore it too", () => {
    const records = buildRecords();
    records.read("12345", 0, "80");
    records.read("56789", MINUTE, "80");
    records.merge(2 * MINUTE);
    expect(records.open()).toEqual([["12345", "spo2-low", "ON", null]]);
    records.part(3 * MINUTE);
    expect(records.open().sort()).toEqual([
      ["12345", "spo2-low", "ON", null],
      ["56789", "spo2-low", "ON", null],
    ]);
  });

  it("answer who asks the old record where the alert went", () => {
    const records = buildRecords();
    records.read("56789", 0, "80");
    const alertId = records.alerts()[0]?.alert.id ?? "";
    records.merge(MINUTE);
    const base = {
      schema: 1,
      commandId: "c",
      alertId,
      patientId: "56789",
      expectedVersion: null,
      known: null,
      by: "n",
      at: 2 * MINUTE,
    } as const;
    expect(
      records.put("56789", { kind: "command", command: { ...base, command: "acknowledge", note: null } }),
    ).toMatchObject([
      { kind: "refused", code: "CONFLICT", message: "the alert went over to the record 12345: ask it there" },
    ]);
  });

  it("are called for what still comes under the old one, and parting gives that back", () => {
    const records = buildRecords();
    records.merge(0);
    records.forwarded(MINUTE, "80");
    records.forwarded(MINUTE, "140", HR);
    records.read("12345", 2 * MINUTE, "150", HR);
    expect(records.open()).toEqual([
      ["12345", "spo2-low", "ON", "56789"],
      ["12345", "hr-high", "ON", "56789"],
    ]);
    records.part(3 * MINUTE);
    expect(records.open()).toEqual([
      ["56789", "spo2-low", "ON", null],
      ["56789", "hr-high", "ON", null],
    ]);
    expect(records.state("12345")).toMatchObject({ readings: {}, watches: {}, others: [] });
  });

  it("wait for a delay together; parted, nothing is waited for that was of both", () => {
    const slow = buildRule({ ...plain, delayMs: MINUTE });
    const [mixed, theirs] = [buildRecords([slow]), buildRecords([slow])];
    mixed.read("12345", 0, "80");
    for (const records of [mixed, theirs]) records.forwarded(30 * SECOND, "80");
    for (const records of [mixed, theirs]) expect(records.state("12345")?.watches).not.toEqual({});
    theirs.put("12345", { kind: "time", now: 2 * MINUTE });
    expect(theirs.open()).toEqual([["12345", "spo2-low", "ON", "56789"]]);
    mixed.part(40 * SECOND);
    expect(nextDue(mixed.state("12345"))).toBeNull();
    const whole = buildRecords([slow]);
    whole.read("12345", 0, "80");
    whole.forwarded(30 * SECOND, "80");
    whole.put("12345", { kind: "time", now: 2 * MINUTE });
    whole.part(3 * MINUTE);
    expect(whole.open()).toEqual([["12345", "spo2-low", "ON", null]]);
  });

  it("of which nothing came under the other forget nothing when they are parted", () => {
    const records = buildRecords();
    records.read("12345", 0, "99");
    records.merge(MINUTE);
    records.part(2 * MINUTE);
    expect(Object.keys(records.state("12345")?.readings ?? {})).toHaveLength(1);
  });

  it("without anything open say nothing", () => {
    const records = buildRecords();
    expect([records.merge(0), records.part(1)]).toEqual([[], []]);
  });
});

describe("a patient who leaves", () => {
  it.each(["DISCHARGED", "TRANSFERRED", "CONSENT_WITHDRAWN"] as const)(
    "%s ends what is open, with the reason, and silence calls nobody",
    (reason) => {
      const silence = buildRule({ ...plain, id: "no-data", kind: "STALE_DATA", code: null, limit: null, clear: null });
      const patient = buildPatient({ rules: [plain, silence, buildRule({ id: "slow" })] });
      patient.read({ effectiveTime: 0, value: "80" });
      patient.put({ kind: "end", now: SECOND, reason, by: "adt" });
      patient.pass(HOUR);
      expect(stepTexts(patient.outputs)).toEqual(["RAISED ON 0", `${reason} OFF 1`]);
      expect(patient.steps()[1]).toMatchObject({ step: { by: "adt" }, alert: { conditionPresent: true } });
      patient.read({ effectiveTime: 2 * HOUR, value: "80" });
      expect(patient.steps().at(-1)?.step.reason).toBe(reason === "CONSENT_WITHDRAWN" ? reason : "RAISED");
      patient.put({ kind: "resume", now: 3 * HOUR });
      patient.read({ effectiveTime: 4 * HOUR, value: "80" });
      expect(patient.steps().findLast(({ alert }) => alert.ruleId === "spo2-low")?.alert.presence).toBe("ON");
    },
  );
});
