import { describe, expect, it } from "@jest/globals";
import type { ObservedMessage } from "../../../src/domain/events/observation.js";
import { countVerdicts, judge, type Verdict } from "../../../src/ingest/observations/index.js";
import { buildFacts, buildObserved, createState, START } from "./build.js";

function openStation() {
  const state = createState();
  let offset = 0;
  return (message: ObservedMessage, receivedAt = START): Verdict => {
    offset += 1;
    const place = { key: "p1", input: { topic: "labs.observed.v1", partition: 0, offset: String(offset) } };
    const observed = buildObserved("MSH|^~\\&|", { message, receivedAt, source: "lab" });
    const [verdict, ...others] = judge(observed, place, state, buildFacts());
    expect(others).toEqual([]);
    const read = { schema: 1, source: "lab", submission: null, read: 1 };
    expect(countVerdicts([{ observed, place, verdicts: [verdict!] }])).toMatchObject([{ counted: read }]);
    return verdict!;
  };
}

const moved = (controlId: string | null, content: string): ObservedMessage => ({ kind: "moved", controlId, content });

describe("a message that gives no reading", () => {
  it("is refused by segment and field, with its text", () => {
    const verdict = openStation()({ kind: "refused", field: "MSH-9", found: "ORM^O01", expected: "ORU^R01 or ADT" });
    expect(verdict).toMatchObject({
      kind: "rejected",
      rejection: {
        ...{ rule: "MESSAGE", field: "MSH-9", found: '"ORM^O01"', expected: "ORU^R01 or ADT" },
        raw: "MSH|^~\\&|",
      },
    });
  });

  it("is noted once: the same again is a duplicate, for a day", () => {
    const take = openStation();
    expect(take(moved("M1", "a")).kind).toBe("noted");
    expect(take(moved("M1", "a")).kind).toBe("duplicate");
    expect(take(moved("M1", "b")).kind).toBe("noted");
    expect(take(moved("M2", "a")).kind).toBe("noted");
    expect(take(moved("M2", "a"), START + 25 * 3_600_000).kind).toBe("noted");
    expect([take(moved(null, "a")).kind, take(moved(null, "a")).kind]).toEqual(["noted", "noted"]);
  });
});
