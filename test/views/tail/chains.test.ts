import { describe, expect, it } from "@jest/globals";
import { chainsOf, type Correction } from "../../../src/views/tail/chains.js";

const corrected = (eventId: string, replaces: string): Correction => ({ eventId, replaces, status: "corrected" });
const withdrawn = (eventId: string, replaces: string): Correction => ({
  eventId,
  replaces,
  status: "entered-in-error",
});

function fates(corrections: readonly Correction[], ...ids: readonly string[]): readonly string[] {
  const chains = chainsOf(corrections);
  return ids.map((id) => {
    const { fate, revision } = chains.stateOf(id);
    return `${id} ${fate} ${String(revision)}`;
  });
}

describe("corrections", () => {
  it("leave everything else as it is", () => {
    expect(fates([], "a")).toEqual(["a stands 0"]);
    expect(fates([corrected("b", "a")], "c")).toEqual(["c stands 0"]);
  });

  it("follow each other, whichever link of a chain they name", () => {
    const chain = [corrected("b", "a"), corrected("c", "b"), corrected("d", "a")];
    expect(fates(chain, "a", "b", "c", "d")).toEqual(["a replaced 3", "b replaced 3", "c replaced 3", "d stands 3"]);
  });

  it("take a reading back: the last that stood is in error, and what took it back is nothing by itself", () => {
    expect(fates([withdrawn("x", "a")], "a", "x")).toEqual(["a error 0", "x replaced 0"]);
    const chain = [corrected("b", "a"), withdrawn("x", "a")];
    expect(fates(chain, "a", "b", "x")).toEqual(["a replaced 1", "b error 1", "x replaced 1"]);
    expect(fates([...chain, corrected("c", "b")], "b", "c")).toEqual(["b replaced 2", "c stands 2"]);
  });

  it("count once, however often they come", () => {
    const again = corrected("b", "a");
    expect(fates([again, corrected("c", "b"), again], "b", "c")).toEqual(["b replaced 2", "c stands 2"]);
  });
});
