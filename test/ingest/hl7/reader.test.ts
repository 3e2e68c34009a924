import { describe, expect, it } from "@jest/globals";
import { readHl7 } from "../../../src/ingest/hl7/index.js";
import { createMessageReader, type ReadMessage } from "../../../src/ingest/hl7/reader.js";
import { createRandom } from "../../helpers/random.js";
import { buildMessage } from "./build.js";

const MOST = 2_000;

function readAll(pieces: readonly Uint8Array[], longest = MOST): readonly ReadMessage[] {
  const reader = createMessageReader(longest);
  return [...pieces.flatMap((piece) => [...reader.take(piece)]), ...reader.end()];
}

const bytesOf = (text: string): Buffer => Buffer.from(text, "utf8");
const one = buildMessage("ORU^R01", "PID|1||p1", "OBX|1|NM|2823-3^K^LN||4.1|mmol/L|||||F");
const two = buildMessage("ADT^A04", "PID|1||p2^^^H1^MR||Müller^J");

describe("a stream of HL7", () => {
  it.each([
    ["lines of CR", `${one}\r${two}`],
    ["lines of LF", `${one}\n${two}\n`.replaceAll("\r", "\n")],
    ["a file of Windows with a mark", `\uFEFF${one}\r\n${two}\r\n`.replaceAll(/\r\n?/g, "\r\n")],
    ["frames", `\u000b${one}\r\u001c\r\u000b${two}\r\u001c\r`],
    ["a batch", `FHS|^~\\&|A\rBHS|^~\\&|A\r${one}\r${two}\rBTS|2\rFTS|1\r`],
  ])("in %s gives the same messages, wherever its pieces end", (_name, text) => {
    const bytes = bytesOf(text);
    const whole = readAll([bytes]);
    expect(whole.map(({ content }) => content)).toEqual(readHl7(`${one}\r${two}`));
    const random = createRandom(3);
    for (let round = 0; round < 50; round += 1) {
      const cuts = [0, random.below(bytes.length), random.below(bytes.length), bytes.length].sort((a, b) => a - b);
      expect(readAll(cuts.slice(1).map((cut, at) => bytes.subarray(cuts[at], cut)))).toEqual(whole);
    }
    expect(readAll([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it("says in which line each message begins", () => {
    const text = `\r\n${one.replaceAll("\r", "\r\n")}\r\n\r\n${two}\rZZZ|1`;
    expect(readAll([bytesOf(text)]).map(({ line }) => line)).toEqual([2, 6]);
  });

  it("that is not UTF-8 is read as Latin-1", () => {
    const [message] = readAll([Buffer.from(two, "latin1")]);
    expect(message?.content).toMatchObject({ kind: "movements", text: two });
  });

  it("refuses a message that is longer than any may be, and reads the next", () => {
    const long = `${one}\rNTE|1||${"x".repeat(MOST)}\rNTE|2||${"y".repeat(MOST)}`;
    const found = readAll([bytesOf(`${long}\r${two}\r${"z".repeat(3 * MOST)}\r${one}`)]);
    expect(found).toMatchObject([
      { line: 1, content: { kind: "refused", field: "message", expected: "at most 2000 bytes" } },
      { line: 6, content: { kind: "refused", field: "message" } },
      { line: 9, content: { kind: "results" } },
    ]);
  });

  it("refuses what stands before the first message, and of nothing is nothing", () => {
    expect(readAll([bytesOf(`hello\r${one}`)])).toMatchObject([
      { line: 1, content: { kind: "refused", field: "MSH", text: "hello" } },
      { line: 2, content: { kind: "results" } },
    ]);
    expect(readAll([bytesOf("\uFEFF\r\n\u000b\u001c\r\n")])).toEqual([]);
  });
});
