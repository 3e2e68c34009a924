import { describe, expect, it } from "@jest/globals";
import { dirname } from "node:path";
import { createLineReader } from "../../src/domain/observation/lines.js";
import { readRecord, type Verdict } from "../../src/ingest/observations/index.js";
import { vitalsOf, type VitalsRequest } from "../../src/simulate/monitor/index.js";
import { replayOf, readRecordings } from "../../src/simulate/replay/index.js";
import { itShared, requireShared } from "../helpers/shared.js";
import { openWard, rulesOf } from "../ingest/observations/build.js";

const START = Date.parse("2026-03-01T08:00:00Z");

function recordOf(line: string): unknown {
  const [read] = createLineReader(65_536).take(Buffer.from(`${line}\n`));
  return read?.record;
}

interface Judged {
  readonly verdicts: readonly Verdict[];
  /** How many of each fault were sent; of none: "sound". */
  readonly sent: Readonly<Record<string, number>>;
}

/** What the service makes of a simulation, in its order, as a worker would judge it. */
function judged(overrides: Partial<VitalsRequest>): Judged {
  const ward = openWard();
  const beds = ["p1", "p2"].map((patientId) => ({ patientId }));
  const sent: Record<string, number> = {};
  const verdicts: Verdict[] = [];
  for (const { line, fault, deliverAfterMs } of vitalsOf({
    seed: 3,
    beds,
    start: START,
    seconds: 900,
    rate: 0.2,
    ...overrides,
  })) {
    sent[fault ?? "sound"] = (sent[fault ?? "sound"] ?? 0) + 1;
    verdicts.push(...ward.take(recordOf(line), { receivedAt: START + deliverAfterMs }));
  }
  return { verdicts, sent };
}

const count = (verdicts: readonly Verdict[], kind: Verdict["kind"]): number =>
  verdicts.filter((verdict) => verdict.kind === kind).length;

describe("the service", () => {
  it("accepts every simulated record once, drops what comes twice, and rejects all that is poisonous and nothing else", () => {
    const { verdicts, sent } = judged({ late: 0.1, duplicates: 0.1, poison: 0.2 });
    expect(count(verdicts, "accepted")).toBe(sent["sound"]! + sent["late"]!);
    expect(count(verdicts, "duplicate")).toBe(sent["duplicate"]);
    expect(count(verdicts, "rejected")).toBe(sent["poison"]);
    expect(new Set(rulesOf(verdicts)).size).toBeGreaterThanOrEqual(9);
  });

  it("knows all of it as simulated, with nothing to remark where nothing is wrong", () => {
    const { verdicts } = judged({});
    for (const verdict of verdicts) {
      if (verdict.kind !== "accepted") throw new Error(verdict.kind);
      expect(verdict.reading).toMatchObject({ simulated: true, quality: ["simulated"], flags: [], late: false });
    }
  });

  it("sees a clock that is ahead, a heart rate of 0, and a reboot that repeats no reading", () => {
    const { verdicts } = judged({
      episodes: [
        { kind: "clock-fast", patientId: "p1", seconds: 120 },
        { kind: "sensor-zero", patientId: "p2", seconds: 60 },
        { kind: "reboot", patientId: "p2", fromSeconds: 200 },
      ],
    });
    expect(count(verdicts, "accepted")).toBe(verdicts.length);
    const flags = new Set(verdicts.flatMap((verdict) => (verdict.kind === "accepted" ? verdict.reading.flags : [])));
    expect(flags).toEqual(new Set(["CLOCK_FAST", "EXTREME"]));
  });

  itShared("knows every code and unit of recorded stays; what it refuses of them cannot be", async () => {
    const folders = [
      "physionet-2019/p100003.psv",
      "physionet-2012/set-a/132577.txt",
      "wfdb/s00001/s00001-2896-10-10-00-31n.hea",
    ];
    const rules = new Map<string, number>();
    let read = 0;
    for (const file of folders) {
      const { recordings } = await readRecordings(dirname(requireShared(`clinical/${file}`)));
      const some = recordings.slice(0, 20).map((recording) => ({ recording, patientId: "p1" }));
      for (const { line } of replayOf({ stays: some, start: START })) {
        read += 1;
        for (const reading of readRecord(recordOf(line)).readings)
          if (reading.kind === "refusal") rules.set(reading.rule, (rules.get(reading.rule) ?? 0) + 1);
      }
    }
    expect(read).toBeGreaterThan(15_000);
    expect([...rules.keys()].filter((rule) => rule !== "IMPOSSIBLE")).toEqual([]);
  });
});
