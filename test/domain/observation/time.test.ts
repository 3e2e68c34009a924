import { describe, expect, it } from "@jest/globals";
import { isZone, parseTime } from "../../../src/domain/observation/time.js";

const RECEIVED = Date.parse("2026-03-01T12:00:00Z");

function at(text: string, zone: string | null = null, receivedAt = RECEIVED): string {
  const parsed = parseTime(text, zone, receivedAt);
  return parsed.kind === "time" ? new Date(parsed.at).toISOString() : parsed.kind;
}

describe("the time of a reading", () => {
  it.each([
    ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000Z"],
    ["2026-03-01T10:00Z", "2026-03-01T10:00:00.000Z"],
    ["2026-03-01 10:00:00.5+02:00", "2026-03-01T08:00:00.500Z"],
    ["2014-12-05T09:30:10+0100", "2014-12-05T08:30:10.000Z"],
    ["2026-03-01T10:00:00,123456789-05:30", "2026-03-01T15:30:00.123Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    "",
    "yesterday",
    "2026",
    "2026-03-01",
    "2026-02-29T10:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T10:60:00Z",
    "2026-03-01T10:00:61Z",
    "2026-13-01T10:00:00Z",
    "2026-03-01T10:00:00+15:00",
    "2026-03-01T10:00:00 Europe/Berlin",
    "20260301T100000Z",
    "1772359200000",
    `2026-03-01T10:00:00.${"0".repeat(1000)}Z`,
  ])("is not read from %j", (text) => {
    expect(at(text, "UTC")).toBe("syntax");
  });

  it("without an offset is read in the zone of its source, and without that not at all", () => {
    expect(at("2026-03-01T10:00:00")).toBe("zone");
    expect(at("2026-03-01T10:00:00", "Europe/Berlin")).toBe("2026-03-01T09:00:00.000Z");
    expect(at("2026-07-01T10:00:00", "Europe/Berlin")).toBe("2026-07-01T08:00:00.000Z");
    expect(at("2026-03-01T10:00:00", "Atlantis/Center")).toBe("zone");
    expect([isZone("America/New_York"), isZone("Atlantis/Center")]).toEqual([true, false]);
  });

  it("with an offset says the same in any zone", () => {
    expect(at("2025-10-26T02:30:00+02:00", "Europe/Berlin")).toBe("2025-10-26T00:30:00.000Z");
    expect(at("2025-10-26T02:30:00+01:00", "Europe/Berlin")).toBe("2025-10-26T01:30:00.000Z");
  });

  it("in the hour that comes twice is the one that had come when it was received", () => {
    const first = Date.parse("2025-10-26T00:30:05Z");
    const second = Date.parse("2025-10-26T01:30:05Z");
    expect(at("2025-10-26T02:30:00", "Europe/Berlin", first)).toBe("2025-10-26T00:30:00.000Z");
    expect(at("2025-10-26T02:30:00", "Europe/Berlin", second)).toBe("2025-10-26T01:30:00.000Z");
    // A clock that is some seconds ahead is in its own hour still.
    expect(at("2025-10-26T02:30:00", "Europe/Berlin", second - 35_000)).toBe("2025-10-26T01:30:00.000Z");
  });

  it("in the hour that is left out is what a clock nobody has set shows", () => {
    expect(at("2026-03-29T02:30:00", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
  });
});
