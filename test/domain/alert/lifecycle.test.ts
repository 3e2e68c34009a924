import { describe, expect, it } from "@jest/globals";
import type { AlertCommanded } from "../../../src/domain/events/alert.js";
import { buildPatient, buildRule, HOUR, MINUTE, SECOND, stepTexts } from "./build.js";

const plain = buildRule({ delayMs: 0, clearDelayMs: 0 });
const always = [{ id: "ward", kind: "SPOT_CHECK", staleAfterMs: 1_000 * HOUR, zone: null }] as const;

type Asked<T> = T extends AlertCommanded
  ? Omit<T, "schema" | "alertId" | "patientId" | "by" | "known" | "expectedVersion" | "commandId">
  : never;

function buildWard(rule = plain) {
  const patient = buildPatient({ rules: [rule], sources: always });
  let count = 0;
  return {
    ...patient,
    get state() {
      return patient.state;
    },
    alert: () => patient.steps().at(-1)?.alert,
    breach: (at: number, value = "80") => patient.read({ effectiveTime: at, value }),
    good: (at: number) => patient.read({ effectiveTime: at, value: "99" }),
    ask(asked: Asked<AlertCommanded>, overrides: Partial<AlertCommanded> = {}) {
      count += 1;
      const command = {
        schema: 1,
        commandId: `c${String(count)}`,
        alertId: patient.steps()[0]?.alert.id ?? "none",
        patientId: "p1",
        expectedVersion: null,
        known: null,
        by: "nurse",
        ...asked,
        ...overrides,
      } as AlertCommanded;
      return [...patient.put({ kind: "time", now: asked.at }), ...patient.put({ kind: "command", command })];
    },
  };
}

const acknowledge = (at: number) => ({ command: "acknowledge", note: null, at }) as const;
const snooze = (at: number, until: number) => ({ command: "snooze", until, reason: "being seen to", at }) as const;

describe("an alert nobody answers", () => {
  it.each([
    ["HIGH", [120, 240, 360]],
    ["MEDIUM", [600, 1200, 1800]],
    ["LOW", [3600, 7200, 10800]],
    ["INFO", []],
  ] as const)("of priority %s is passed on at %j seconds, and no further", (priority, seconds) => {
    const ward = buildWard(buildRule({ ...plain, priority }));
    ward.breach(0);
    ward.pass(100 * HOUR);
    expect(stepTexts(ward.outputs).slice(1)).toEqual(seconds.map((at) => `ESCALATED ON ${String(at)}`));
    expect(ward.steps().map(({ alert }) => alert.escalationLevel)).toEqual([
      0,
      ...seconds.map((_, index) => index + 1),
    ]);
  });

  it("ends with its condition, also unanswered", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.good(MINUTE);
    ward.pass(HOUR);
    expect(stepTexts(ward.outputs)).toEqual(["RAISED ON 0", "CLEARED OFF 60"]);
  });

  it("goes on calling behind its condition where its rule wants an answer", () => {
    const ward = buildWard(buildRule({ ...plain, latching: true }));
    ward.breach(0);
    ward.good(MINUTE);
    expect(ward.alert()).toMatchObject({ presence: "LATCHED", conditionPresent: false, abatement: MINUTE });
    ward.pass(3 * MINUTE);
    ward.breach(4 * MINUTE);
    expect(ward.alert()).toMatchObject({ presence: "ON", conditionPresent: true, occurrenceCount: 2, abatement: null });
    ward.good(30 * MINUTE);
    ward.ask(acknowledge(31 * MINUTE));
    expect(stepTexts(ward.outputs).filter((text) => !text.startsWith("ESC"))).toEqual([
      ...["RAISED ON 0", "CLEARED LATCHED 60", "RECURRED ON 240", "CLEARED LATCHED 1860", "ACKNOWLEDGED OFF 1860"],
    ]);
    expect(ward.alert()).toMatchObject({ acknowledgedBy: "nurse" });
  });
});

describe("an alert that is acknowledged", () => {
  it("has been answered: it does not go on calling behind its condition", () => {
    const ward = buildWard(buildRule({ ...plain, latching: true }));
    ward.breach(0);
    ward.ask(acknowledge(1));
    ward.good(MINUTE);
    expect(ward.alert()).toMatchObject({ presence: "OFF", conditionPresent: false });
  });

  it("is silenced while its condition is present, names who did it, and ends with it", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.ask({ command: "acknowledge", note: "on my way", at: 30 * SECOND });
    expect(ward.alert()).toMatchObject({
      presence: "ACK",
      conditionPresent: true,
      acknowledgedBy: "nurse",
      acknowledgedAt: 30 * SECOND,
      note: "on my way",
    });
    ward.pass(HOUR);
    ward.good(2 * HOUR);
    expect(stepTexts(ward.outputs)).toEqual(["RAISED ON 0", "ACKNOWLEDGED ACK 30", "CLEARED OFF 7200"]);
  });

  it("calls again when it is worse than when it was acknowledged, not when it is a little worse", () => {
    const ward = buildWard();
    ward.breach(0, "88");
    ward.ask(acknowledge(SECOND));
    ward.breach(MINUTE, "86");
    expect(ward.outputs).toHaveLength(2);
    ward.breach(2 * MINUTE, "85");
    expect(stepTexts(ward.outputs).at(-1)).toBe("WORSENED ON 120");
    expect(ward.alert()).toMatchObject({ value: "85", occurrenceCount: 2, acknowledgedBy: null, escalationLevel: 0 });
    ward.pass(4 * MINUTE);
    expect(stepTexts(ward.outputs).at(-1)).toBe("ESCALATED ON 240");
  });

  it("calls again when its rule says so, each time until somebody answers", () => {
    const ward = buildWard(buildRule({ ...plain, reAlarmMs: HOUR }));
    ward.breach(0);
    ward.ask(acknowledge(MINUTE));
    ward.pass(HOUR + MINUTE);
    expect(stepTexts(ward.outputs).at(-1)).toBe("RE_ALARM ON 3660");
    expect(ward.alert()?.occurrenceCount).toBe(2);
    ward.ask(acknowledge(HOUR + MINUTE + SECOND));
    ward.good(HOUR + 2 * MINUTE);
    ward.pass(10 * HOUR);
    expect(stepTexts(ward.outputs).slice(-2)).toEqual(["ACKNOWLEDGED ACK 3661", "CLEARED OFF 3720"]);
  });

  it("is so once: a second time, or once it is over, is refused with the reason", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.ask(acknowledge(1));
    expect(ward.ask(acknowledge(2))).toMatchObject([{ kind: "refused", code: "CONFLICT", version: 2 }]);
    ward.good(3);
    expect(ward.ask(acknowledge(4))).toMatchObject([
      { kind: "refused", code: "CONFLICT", message: "the alert is over", version: 3 },
    ]);
  });
});

describe("an alert that is snoozed", () => {
  it("calls again when the time is up, and is passed on from then", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.ask(snooze(MINUTE, 6 * MINUTE));
    expect(ward.alert()).toMatchObject({ presence: "ACK", snoozedUntil: 6 * MINUTE, acknowledgedBy: null });
    ward.pass(8 * MINUTE);
    expect(stepTexts(ward.outputs)).toEqual([
      ...["RAISED ON 0", "SNOOZED ACK 60", "SNOOZE_EXPIRED ON 360", "ESCALATED ON 480"],
    ]);
    expect(ward.alert()).toMatchObject({ snoozedUntil: null });
  });

  it.each([
    ["HIGH", 10 * MINUTE],
    ["MEDIUM", HOUR],
    ["LOW", 12 * HOUR],
  ] as const)("of priority %s is so for %d ms at most", (priority, most) => {
    const ward = buildWard(buildRule({ ...plain, priority }));
    ward.breach(0);
    const refused = ward.ask(snooze(SECOND, SECOND + most + 1));
    expect(refused).toMatchObject([{ kind: "refused", code: "BAD_USER_INPUT", version: 1 }]);
    expect(refused[0]).toMatchObject({ message: expect.stringMatching(/^until: expected a time after .* and up to /) });
    expect(ward.ask(snooze(SECOND, SECOND))).toMatchObject([{ kind: "refused", code: "BAD_USER_INPUT" }]);
    expect(ward.ask(snooze(SECOND, SECOND + most))).toMatchObject([{ kind: "changed" }]);
  });

  it("calls when it is worse, when somebody takes the snooze back, and not when it is over", () => {
    const worse = buildWard();
    worse.breach(0, "89");
    worse.ask(snooze(1, MINUTE));
    worse.breach(2, "70");
    expect(worse.alert()).toMatchObject({ presence: "ON", snoozedUntil: null });
    const back = buildWard();
    back.breach(0);
    back.ask(snooze(1, MINUTE));
    back.ask({ command: "unsnooze", at: 2 });
    expect(back.alert()).toMatchObject({ presence: "ON", snoozedUntil: null });
    expect(back.ask({ command: "unsnooze", at: 3 })).toMatchObject([{ kind: "refused", code: "CONFLICT" }]);
    const over = buildWard();
    over.breach(0);
    over.ask(snooze(1, MINUTE));
    over.good(2);
    over.pass(HOUR);
    expect(stepTexts(over.outputs).at(-1)).toBe("CLEARED OFF 0.002");
    expect(over.alert()).toMatchObject({ snoozedUntil: null });
  });
});

describe("an alert that somebody resolved", () => {
  it("is over, and the next condition is another alert", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.ask({ command: "resolve", reason: "probe was off", at: MINUTE });
    expect(ward.alert()).toMatchObject({ presence: "OFF", conditionPresent: true });
    expect(ward.steps().at(-1)?.step).toMatchObject({ reason: "RESOLVED", text: "probe was off", by: "nurse" });
    ward.good(2 * MINUTE);
    ward.breach(HOUR);
    expect(stepTexts(ward.outputs).slice(1)).toEqual(["RESOLVED OFF 60", "CLEARED OFF 120", "RAISED ON 3600"]);
  });

  it("does not call by time where nothing was heard since, but by the next reading that still breaks the limit", () => {
    const patient = buildPatient({ rules: [plain] });
    patient.read({ effectiveTime: 0, value: "80" });
    const alertId = patient.steps()[0]?.alert.id ?? "";
    const base = { schema: 1, commandId: "c", alertId, patientId: "p1", expectedVersion: null, known: null } as const;
    patient.pass(2 * MINUTE);
    patient.put({ kind: "command", command: { ...base, command: "resolve", reason: "seen", by: "n", at: 2 * MINUTE } });
    patient.pass(HOUR);
    expect(patient.steps().at(-1)?.step.reason).toBe("RESOLVED");
    patient.read({ effectiveTime: HOUR, value: "80" });
    expect(patient.steps().at(-1)).toMatchObject({ step: { reason: "RE_ALARM", to: "ON" }, alert: { id: alertId } });
  });

  it("calls again while its condition is still there after as long as it may be silenced, or when it is worse", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.ask({ command: "resolve", reason: "seen", at: MINUTE });
    ward.breach(2 * MINUTE);
    ward.pass(11 * MINUTE - 1);
    expect(ward.outputs).toHaveLength(2);
    ward.pass(11 * MINUTE);
    expect(stepTexts(ward.outputs).at(-1)).toBe("RE_ALARM ON 660");
    const worse = buildWard();
    worse.breach(0, "88");
    worse.ask({ command: "resolve", reason: "seen", at: 1 });
    worse.breach(2, "80");
    expect(stepTexts(worse.outputs).at(-1)).toBe("WORSENED ON 0.002");
  });
});

describe("a command", () => {
  it("that is repeated gets the first answer and makes no step", () => {
    const ward = buildWard();
    ward.breach(0);
    const first = ward.ask(acknowledge(1), { commandId: "same" });
    const before = ward.state;
    ward.good(2);
    expect(ward.ask(acknowledge(3), { commandId: "same" })).toEqual(first);
    expect(ward.alert()).toMatchObject({ version: 2 });
    expect(before?.answers).toHaveLength(1);
    const refused = ward.ask(acknowledge(4), { commandId: "late" });
    expect(ward.ask(acknowledge(5), { commandId: "late" })).toEqual(refused);
  });

  it("for another version than there is, or of no alert, is refused with what there is", () => {
    const ward = buildWard();
    ward.breach(0);
    expect(ward.ask(acknowledge(1), { expectedVersion: 7 })).toEqual([
      expect.objectContaining({ kind: "refused", code: "CONFLICT", version: 1, commandId: "c1" }),
    ]);
    expect(ward.ask(acknowledge(2), { alertId: "nobody" })).toMatchObject([
      { kind: "refused", code: "NOT_FOUND", version: null },
    ]);
    const open = ward.alert() ?? null;
    expect(ward.ask(acknowledge(3), { alertId: "nobody", known: open && { ...open, id: "nobody" } })).toMatchObject([
      { kind: "refused", code: "NOT_FOUND" },
    ]);
    expect(ward.ask(acknowledge(3), { expectedVersion: 1 })).toMatchObject([{ kind: "changed" }]);
  });

  it("assesses an alert while it is open, when it is over, and when it is long forgotten", () => {
    const ward = buildWard();
    ward.breach(0);
    const assess = (at: number, assessment: "ACTIONABLE" | "ARTEFACT") =>
      ({ command: "assess", assessment, at }) as const;
    ward.ask(assess(1, "ACTIONABLE"));
    expect(ward.alert()).toMatchObject({ assessment: "ACTIONABLE", presence: "ON", version: 2 });
    ward.good(2);
    ward.ask(assess(3, "ARTEFACT"));
    expect(ward.alert()).toMatchObject({ assessment: "ARTEFACT", presence: "OFF", version: 4 });
    expect(ward.ask(assess(4, "ARTEFACT"))).toMatchObject([{ kind: "refused", code: "CONFLICT" }]);
    const known = ward.alert() ?? null;
    for (let hour = 1; hour <= 20; hour += 1) {
      ward.breach(hour * HOUR);
      ward.good(hour * HOUR + MINUTE);
    }
    expect(ward.ask(assess(30 * HOUR, "ACTIONABLE"))).toMatchObject([{ kind: "refused", code: "NOT_FOUND" }]);
    expect(ward.ask(assess(31 * HOUR, "ACTIONABLE"), { known })).toMatchObject([
      { kind: "changed", alert: { id: known?.id, version: 5, assessment: "ACTIONABLE" } },
    ]);
    expect(ward.ask(assess(32 * HOUR, "ARTEFACT"), { known })).toMatchObject([
      { kind: "changed", alert: { version: 6 } },
    ]);
  });
});

describe("a signal that flaps", () => {
  it("a thousand times in ten minutes is one alert with a count, at about a step a minute", () => {
    const ward = buildWard();
    for (let flap = 0; flap < 1_000; flap += 1) {
      ward.breach(flap * 600);
      ward.good(flap * 600 + 300);
    }
    const end = 10 * MINUTE;
    ward.pass(end);
    const steps = ward.steps();
    expect(new Set(steps.map(({ alert }) => alert.id)).size).toBe(1);
    // Raised, ended once, back once, three times passed on, and what counts.
    expect(steps.length).toBeLessThanOrEqual(16);
    ward.pass(HOUR);
    expect(ward.alert()).toMatchObject({ presence: "OFF", occurrenceCount: 1_000 });
    expect(stepTexts(ward.outputs).at(-1)).toMatch(/^CLEARED/);
  });

  it.each([61, 75, 90, 120, 200, 299])(
    "every %d s makes no more than a step a minute over an hour, beside its beginning",
    (seconds) => {
      const ward = buildWard(buildRule({ ...plain, priority: "INFO" }));
      for (let at = 0; at < HOUR; at += seconds * SECOND) {
        ward.breach(at);
        ward.good(at + SECOND);
      }
      expect(new Set(ward.steps().map(({ alert }) => alert.id)).size).toBe(1);
      expect(ward.outputs.length).toBeLessThanOrEqual(60 + 3);
    },
  );

  it("is another alert from five minutes after its end on", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.good(MINUTE);
    ward.breach(6 * MINUTE);
    expect(ward.alert()).toMatchObject({ occurrenceCount: 1, version: 1 });
  });

  it("comes back as the same alert within five minutes of its end, later as another", () => {
    const ward = buildWard();
    ward.breach(0);
    ward.good(MINUTE);
    ward.breach(6 * MINUTE - 1);
    expect(ward.alert()).toMatchObject({ occurrenceCount: 2, presence: "ON", version: 3, escalationLevel: 0 });
    ward.good(20 * MINUTE);
    ward.pass(30 * MINUTE);
    ward.breach(40 * MINUTE);
    expect(ward.alert()).toMatchObject({ occurrenceCount: 1, version: 1 });
  });

  it("of a source that is now and then silent does not flap between stale and fresh", () => {
    const patient = buildPatient({ rules: [plain] });
    for (let at = 0; at < HOUR; at += 61 * SECOND) patient.read({ effectiveTime: at, value: "80" });
    const told = stepTexts(patient.outputs).filter((text) => /STALE|FRESH/.test(text));
    expect(told.length).toBeGreaterThan(2);
    expect(told.length).toBeLessThanOrEqual(26);
  });
});
