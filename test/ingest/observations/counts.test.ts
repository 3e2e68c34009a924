import { describe, expect, it } from "@jest/globals";
import { countVerdicts, judge, type Judged } from "../../../src/ingest/observations/index.js";
import { START, buildFacts, buildObserved, buildRecord, createState, iso } from "./build.js";

describe("counts of a stretch", () => {
  it("say for each source and submission what became of its readings, and where the stretch ended", () => {
    const state = createState();
    const take = (record: unknown, offset: number, source: string, submission: string | null): Judged => {
      const observed = buildObserved(record, { source, submission, receivedAt: START + 400_000 });
      const place = { key: "p1", input: { topic: "vitals.observed.v1", partition: 2, offset: String(offset) } };
      return { observed, place, verdicts: judge(observed, place, state, buildFacts()) };
    };
    const old = buildRecord();
    const counted = countVerdicts([
      take(buildRecord({ eventTime: iso(START + 300_000) }), 3, "ward-7", null),
      take(old, 4, "ward-7", null),
      take(old, 5, "ward-7", null),
      take(buildRecord({ unit: "furlong" }), 6, "ward-7", null),
      take("HR=72", 7, "ward-7", "s1"),
      take("HR=73", 8, "ward-7", "s1"),
      take(buildRecord({ value: 80, eventTime: iso(START + 300_000) }), 9, "ward-8", "s1"),
    ]);
    expect(counted.map(({ counted: { schema: _schema, input, ...sum } }) => [sum, input.offset])).toEqual([
      [
        {
          ...{ source: "ward-7", submission: null, read: 4, accepted: 2, late: 1, duplicates: 1 },
          rejected: { UNKNOWN_UNIT: 1 },
        },
        "6",
      ],
      [
        { source: "ward-7", submission: "s1", read: 2, accepted: 0, late: 0, duplicates: 0, rejected: { JSON: 2 } },
        "8",
      ],
      [{ source: "ward-8", submission: "s1", read: 1, accepted: 1, late: 0, duplicates: 0, rejected: {} }, "9"],
    ]);
  });
});
