import { describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { callSetId } from "../../src/domain/call-set.js";

describe("the id of a call set", () => {
  it("is the same for the same build and people, so that slices of one cohort are one call set", () => {
    expect(callSetId("GRCh38", ["HG00096", "HG00097"], null)).toBe(callSetId("GRCh38", ["HG00096", "HG00097"], null));
  });

  it("is the first 64 bits of SHA-256 over build, name and samples, a line each, in every release", () => {
    const digest = createHash("sha256").update("GRCh38\n\nHG00096\nHG00097\n").digest("hex");
    expect(callSetId("GRCh38", ["HG00096", "HG00097"], null)).toBe(`cs-${digest.slice(0, 16)}`);
    expect(callSetId("GRCh38", [], "sites")).toMatch(/^cs-[0-9a-f]{16}$/);
  });

  it("differs by build, by name, and by any sample", () => {
    const ids = [
      callSetId("GRCh38", ["A", "B"], null),
      callSetId("GRCh37", ["A", "B"], null),
      callSetId("GRCh38", ["A", "B"], "first"),
      callSetId("GRCh38", ["A", "B"], "second"),
      callSetId("GRCh38", ["A"], null),
      callSetId("GRCh38", ["B"], "A"),
      callSetId("GRCh38", ["AB"], null),
      callSetId("GRCh38", ["A", "B", "C"], null),
      callSetId("GRCh38", [], null),
      callSetId("GRCh38", [""], null),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
