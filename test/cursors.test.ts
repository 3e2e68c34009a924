import { randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Clock } from "../src/clock.js";
import { createCursorSealer, type CursorContent } from "../src/cursors.js";

const key = Buffer.alloc(32, 7);
let now = 1_000;
const clock: Clock = { now: () => now, sleep: () => Promise.resolve() };
const sealer = createCursorSealer(key, clock);

function buildContent(overrides: Partial<CursorContent> = {}): CursorContent {
  return {
    kind: "variants",
    tenant: "default",
    queryHash: "q",
    policyHash: "p",
    snapshot: 3,
    position: ["1", 5, "A", "G"],
    expiresAt: 2_000,
    ...overrides,
  };
}

const INVALID = expect.objectContaining({ code: "CURSOR_INVALID" });

describe("a cursor", () => {
  it("gives back what it was made of, whatever the position", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (position, snapshot) => {
        const content = buildContent({ position, snapshot });
        expect(sealer.open(sealer.seal(content), content)).toEqual(JSON.parse(JSON.stringify(content)));
      }),
    );
  });

  it("is refused when any one bit is flipped", () => {
    const bytes = Buffer.from(sealer.seal(buildContent()), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => sealer.open(flipped.toString("base64url"), buildContent())).toThrow(INVALID);
    }
  });

  it("is refused when it is cut, lengthened or spelled in another way", () => {
    const text = sealer.seal(buildContent());
    for (let length = 0; length < text.length; length += 1)
      expect(() => sealer.open(text.slice(0, length), buildContent())).toThrow(INVALID);
    for (const other of [
      `${text}A`,
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      Buffer.from(text, "base64url").toString("base64").concat("="),
    ]) {
      expect(() => sealer.open(other, buildContent())).toThrow(INVALID);
    }
  });

  it("is refused when it is any other text, however long", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "binary" })), (text) => {
        expect(() => sealer.open(text, buildContent())).toThrow(INVALID);
      }),
    );
    expect(() => sealer.open("A".repeat(10_000_000), buildContent())).toThrow(INVALID);
  });

  it.each(["kind", "tenant", "queryHash", "policyHash"] as const)("is refused for another %s", (name) => {
    const text = sealer.seal(buildContent());
    expect(() => sealer.open(text, buildContent({ [name]: "other" }))).toThrow(INVALID);
  });

  it("is refused under another key", () => {
    expect(() => createCursorSealer(randomBytes(32), clock).open(sealer.seal(buildContent()), buildContent())).toThrow(
      INVALID,
    );
  });

  it("tells when it is too old, and only then", () => {
    const text = sealer.seal(buildContent());
    now = 2_000;
    expect(sealer.open(text, buildContent()).snapshot).toBe(3);
    now = 2_001;
    expect(() => sealer.open(text, buildContent())).toThrow(expect.objectContaining({ code: "CURSOR_EXPIRED" }));
    now = 1_000;
  });

  it("shows nothing of its content, and is another text each time", () => {
    const content = buildContent({ position: "a very plain secret" });
    const [first, second] = [sealer.seal(content), sealer.seal(content)];
    expect(first).not.toBe(second);
    expect(Buffer.from(first, "base64url").toString("latin1")).not.toContain("secret");
  });
});

describe("a stable cursor", () => {
  it("is the same text for the same content, another for any other, and opens as every cursor does", () => {
    const content = buildContent();
    expect(sealer.sealStable(content)).toBe(sealer.sealStable(content));
    expect(sealer.sealStable(buildContent({ position: ["1", 6, "A", "G"] }))).not.toBe(sealer.sealStable(content));
    expect(sealer.open(sealer.sealStable(content), content)).toEqual(content);
    expect(() => sealer.open(sealer.sealStable(content), buildContent({ tenant: "other" }))).toThrow(INVALID);
  });
});
