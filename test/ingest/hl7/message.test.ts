import { describe, expect, it } from "@jest/globals";
import { readdirSync } from "node:fs";
import { parseMessages, type Hl7Message } from "../../../src/ingest/hl7/message.js";
import { isoDate, isoTime } from "../../../src/ingest/hl7/time.js";
import { itShared, requireShared } from "../../helpers/shared.js";
import { buildMessage, realMessage } from "./build.js";

function only(text: string): Hl7Message {
  const [message, ...others] = parseMessages(text);
  if (message?.kind !== "message" || others.length > 0) throw new Error(JSON.stringify([message, ...others]));
  return message;
}

describe("a message of HL7 version 2", () => {
  it("says what it is, and its parts are found by number", () => {
    const message = only(buildMessage("ORU^R01^ORU_R01", "PID|1||77^^^H1&1.2.3&ISO^MR~88^^^H2^SS||Doe^J"));
    expect(message).toMatchObject({ type: "ORU", trigger: "R01", controlId: "M1", isTraining: false });
    const [header, person] = message.segments;
    expect([header!.at(3), header!.at(7), header!.at(9, 3)]).toEqual(["LAB", "20260301100000+0100", "ORU_R01"]);
    expect([person!.count(3), person!.at(3), person!.at(3, 4, 0, 2), person!.at(3, 5, 1)]).toEqual([
      2,
      "77",
      "1.2.3",
      "SS",
    ]);
    expect([person!.at(5, 2), person!.at(5, 3), person!.at(40), person!.count(40)]).toEqual(["J", null, null, 0]);
  });

  it.each(["\r", "\n", "\r\n"])("ends its segments in %j", (end) => {
    const text = buildMessage("ORU^R01", "PID|1||77", "OBX|1|NM").replaceAll("\r", end) + end;
    expect(only(text).segments.map(({ name }) => name)).toEqual(["MSH", "PID", "OBX"]);
  });

  it("is one of a batch, or of a stream in frames", () => {
    const [one, two] = [buildMessage("ORU^R01", "PID|1||77"), buildMessage("ADT^A01", "PID|1||88")];
    const batch = `FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r${one}\r${two}\rBTS|2\rFTS|1`;
    const frames = `\u000b${one}\r\u001c\r\u000b${two}\r\u001c\r`;
    for (const text of [batch, frames]) expect(parseMessages(text)).toMatchObject([{ type: "ORU" }, { type: "ADT" }]);
  });

  it("takes the characters it divides with from its own header", () => {
    const message = only("MSH#*!?%#LAB#H1###20260301##ORU*R01#M1#T#2.5\rPID#1##7?F?7*b!8");
    expect(message).toMatchObject({ type: "ORU", trigger: "R01", isTraining: true });
    expect([message.segments[1]!.at(3), message.segments[1]!.at(3, 2), message.segments[1]!.count(3)]).toEqual([
      "7#7",
      "b",
      2,
    ]);
  });

  it.each([
    ["a\\F\\b", "a|b"],
    ["a\\S\\b\\T\\c\\R\\d", "a^b&c~d"],
    ["a\\E\\b", "a\\b"],
    ["one\\.br\\two", "one\ntwo"],
    ["\\H\\loud\\N\\", "loud"],
    ["caf\\XE9\\", "café"],
    ["10\\20", "10\\20"],
    ["\\Zx\\", "\\Zx\\"],
    ["end\\", "end\\"],
    ['""', null],
    ["  ", null],
  ])("reads %j as %j", (field, value) => {
    expect(only(buildMessage("ORU^R01", `NTE|1||${field}`)).segments[1]!.at(3)).toBe(value);
  });

  it.each([
    ["no header", "PID|1||77", "MSH"],
    ["a header that is cut", "MSH", "MSH-2"],
    ["too few characters", "MSH|^~|LAB", "MSH-2"],
    ["a character twice", "MSH|^~\\\\&|LAB||||||ADT^A01", "MSH-2"],
    ["letters for characters", "MSHabcdefa", "MSH-2"],
    ["no type", "MSH|^~\\&|LAB|H1|EHR|H1|20260301||", "MSH-9"],
    ["a line that is no segment", "MSH|^~\\&|LAB|H1|EHR|H1|20260301||ORU^R01\rwhat is this", "segment 2"],
    ["more segments than any has", `MSH|^~\\&|LAB|H1|EHR|H1|20260301||ORU^R01${"\rNTE|1".repeat(5000)}`, "message"],
  ])("with %s cannot be read", (_name, text, field) => {
    expect(parseMessages(text)).toMatchObject([{ kind: "fault", field, text: text.replaceAll("\n", "\r") }]);
  });

  it("of nothing is none", () => {
    expect(parseMessages("")).toEqual([]);
    expect(parseMessages("\uFEFF\r\n\r\n")).toEqual([]);
  });

  itShared("is read from every real file but the one whose header names a character twice", () => {
    const names = readdirSync(requireShared("clinical/hl7v2")).sort();
    const faulty = names.filter((name) => parseMessages(realMessage(name)).some(({ kind }) => kind === "fault"));
    expect(faulty).toEqual(["sample_win.hl7"]);
    expect(names.length).toBe(15);
  });
});

describe("a time of HL7", () => {
  it.each([
    ["20141006083000+0700", "2014-10-06T08:30:00+07:00"],
    ["202603011000", "2026-03-01T10:00:00"],
    ["20260301100000.1234-0530", "2026-03-01T10:00:00.1234-05:30"],
    ["19990702", "19990702"],
    ["2026030110", "2026030110"],
  ])("%s is %s", (text, iso) => {
    expect(isoTime(text)).toBe(iso);
  });

  it.each([
    ["19241010", "1924-10-10"],
    ["198501", "1985-01"],
    ["1985", "1985"],
    ["19850000", "1985"],
    ["19850101000000+0700", "1985-01-01"],
    ["19851399", "1985"],
    ["unknown", null],
  ])("the date in %s is %s", (text, date) => {
    expect(isoDate(text)).toBe(date);
  });
});
