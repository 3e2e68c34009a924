import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import reference from "../../../reference/replay-columns.json" with { type: "json" };
import { planOf, readRecordings, replayOf, type ReplayRequest } from "../../../src/simulate/replay/index.js";
import { itShared, requireShared } from "../../helpers/shared.js";

const START = Date.parse("2026-03-01T08:00:00Z");
const PSV = "HR|O2Sat|FiO2|SaO2|Weird|ICULOS\n72|97|0.4|95|1|3\nNaN|NaN|NaN|NaN|NaN|4\n74|NaN|NaN|NaN|2|6\n";
const SET_A = "Time,Parameter,Value\n00:00,RecordID,1\n00:00,Weight,-1\n00:07,NISysABP,121\n26:07,SysABP,118.5\n";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-replay-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function stays(name: string, text: string, patientId = "p1"): Promise<ReplayRequest["stays"]> {
  const path = join(folder, name);
  await writeFile(path, text);
  return (await readRecordings(path)).recordings.map((recording) => ({ recording, patientId }));
}

describe("a replay", () => {
  it("sends the values of a stay at their distances from the start, with code and unit, and says what it replays", async () => {
    const all = [...replayOf({ stays: await stays("p9.psv", PSV), start: START })];
    expect(all.map(({ record }) => [record?.eventTime, record?.code, record?.value, record?.unit])).toEqual([
      ["2026-03-01T08:00:00.000Z", "8867-4", 72, "/min"],
      ["2026-03-01T08:00:00.000Z", "59408-5", 97, "%"],
      ["2026-03-01T08:00:00.000Z", "3150-6", 0.4, "1"],
      ["2026-03-01T11:00:00.000Z", "8867-4", 74, "/min"],
    ]);
    expect(all.map(({ record }) => record?.sequence)).toEqual([1, 2, 3, 4]);
    for (const { line, record } of all) {
      expect(record).toMatchObject({ patientId: "p1", deviceId: "replay-physionet-2019-p9", simulated: true });
      expect(record?.quality[0]).toBe("replayed:physionet-2019");
      expect(JSON.parse(line)).toEqual(record);
    }
    expect([...replayOf({ stays: await stays("p9.psv", PSV), start: START })]).toEqual(all);
  });

  it("accounts for every value: replayed, or skipped with the reason", async () => {
    const [stay] = await stays("p9.psv", PSV);
    expect(planOf(stay!.recording)).toEqual({
      replayed: { HR: 2, O2Sat: 1, FiO2: 1 },
      skipped: [
        { column: "SaO2", values: 1, reason: expect.stringContaining("blood gas") },
        { column: "Weird", values: 2, reason: "not in the table of columns" },
        { column: "ICULOS", values: 3, reason: "the hour of the row" },
      ],
    });
    expect(stay!.recording.absent).toBe(8);
  });

  it("tells two ways of measuring one thing apart, and leaves out what the data set marks as unknown", async () => {
    const own = await stays("1.txt", SET_A);
    const all = [...replayOf({ stays: own, start: START })];
    expect(all.map(({ record, deliverAfterMs }) => [deliverAfterMs, record?.code, record?.quality[1]])).toEqual([
      [7 * 60_000, "8480-6", "column:NISysABP"],
      [(26 * 60 + 7) * 60_000, "8480-6", "column:SysABP"],
    ]);
    expect(own[0]?.recording.absent).toBe(1);
  });

  it("runs faster when asked, and says when each is received when asked", async () => {
    const all = [...replayOf({ stays: await stays("p9.psv", PSV), start: START, squeeze: 600, statesReceipt: true })];
    expect(all.at(-1)).toMatchObject({ deliverAfterMs: 18_000, record: { eventTime: "2026-03-01T08:00:18.000Z" } });
    expect(all.every(({ record }) => record?.receivedAt === record?.eventTime)).toBe(true);
  });

  it("of several stays is in order of time, each under its own patient", async () => {
    const both = [...(await stays("a.psv", PSV, "p1")), ...(await stays("b.psv", PSV, "p2"))];
    const all = [...replayOf({ stays: both, start: START })];
    expect(
      all.map(({ record, deliverAfterMs }) => `${String(deliverAfterMs / 3_600_000)} ${record?.patientId ?? ""}`),
    ).toEqual([...["0 p1", "0 p1", "0 p1", "0 p2", "0 p2", "0 p2"], ...["3 p1", "3 p2"]]);
  });
});

describe("a recorded stay", () => {
  it.each([
    ["p.psv", "HR|ICULOS\n72|1\n73\n", "p.psv, line 3: expected 2 cells, found 1"],
    ["p.psv", "HR|ICULOS\n72|1\nfast|2\n", "p.psv, line 3: HR: expected a number or NaN, found fast"],
    ["p.psv", "HR|ICULOS\n72|2\n72|2\n", "p.psv, line 3: ICULOS: expected a later hour, found 2"],
    ["p.psv", "HR|O2Sat\n72|97\n", "p.psv, line 1: expected a column ICULOS"],
    ["p.psv", "HR|ICULOS\n", "p.psv: expected rows"],
    ["1.txt", "Time,Parameter,Value\n1:00,HR,72\n", "1.txt, line 2: expected hh:mm"],
    ["1.txt", "Time,Parameter,Value\n01:00,HR,72\n00:59,HR,72\n", "1.txt, line 3: expected a time that is not before"],
    ["1.txt", "Time,Parameter,Value\n01:00,HR,\n", "1.txt, line 2: HR: expected a number"],
    ["1.txt", "Time,Parameter,Value\n01:00,HR,72,3\n", "1.txt, line 2: expected hh:mm, a name and a value"],
  ])("that is broken (%s %j) is refused by file and line", async (name, text, message) => {
    await writeFile(join(folder, name), text);
    await expect(readRecordings(join(folder, name))).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining(message),
    });
  });

  it("that is broken is passed over in a folder, and named; a folder without any is refused", async () => {
    await writeFile(join(folder, "a.psv"), PSV);
    await writeFile(join(folder, "b.psv"), "HR|ICULOS\n72\n");
    await writeFile(join(folder, "readme.md"), "nothing");
    const { recordings, passedOver } = await readRecordings(folder);
    expect(recordings.map(({ stay }) => stay)).toEqual(["a"]);
    expect(passedOver).toEqual([expect.stringContaining("b.psv, line 2")]);
    await rm(join(folder, "a.psv"));
    await expect(readRecordings(folder)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(readRecordings(join(folder, "nowhere"))).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("the public stays", () => {
  itShared("of the challenge of 2019 are 160, and 4,432 hours", async () => {
    const { recordings, passedOver } = await readRecordings(
      dirname(requireShared("clinical/physionet-2019/p100003.psv")),
    );
    expect(passedOver).toEqual([]);
    expect(recordings).toHaveLength(160);
    const count = (column: string): number =>
      recordings.flatMap(({ values }) => values).filter((row) => row.column === column).length;
    expect(count("ICULOS")).toBe(4_432);
    expect(count("FiO2")).toBe(150);
    // Every column of the files is in the table: nothing is skipped for want of a row.
    expect(
      recordings
        .flatMap((recording) => planOf(recording).skipped)
        .filter(({ reason }) => reason.includes("not in the table")),
    ).toEqual([]);
  });

  itShared("of the challenge of 2012 are 200", async () => {
    const { recordings, passedOver } = await readRecordings(
      dirname(requireShared("clinical/physionet-2012/set-a/132577.txt")),
    );
    expect(passedOver).toEqual([]);
    expect(recordings).toHaveLength(200);
    expect(recordings.flatMap(({ values }) => values).filter(({ column }) => column === "HR")).toHaveLength(11_406);
    expect(
      recordings
        .flatMap((recording) => planOf(recording).skipped)
        .filter(({ reason }) => reason.includes("not in the table")),
    ).toEqual([]);
  });
});

describe("the table of columns", () => {
  it("gives each column a code and a unit, or a reason", () => {
    for (const { columns } of Object.values(reference.datasets)) {
      for (const row of Object.values(columns) as { code?: string; unit?: string; skipped?: string }[])
        expect((row.code !== undefined && row.unit !== undefined) !== (row.skipped !== undefined)).toBe(true);
    }
  });
});
