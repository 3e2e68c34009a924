import { describe, expect, it } from "@jest/globals";
import { decodeFrame, encodeFrame, type Frame } from "../../../src/backend/embedded/log-frame.js";

const FRAME: Frame = {
  at: 7,
  events: [
    { topic: "vitals.accepted.v1", partition: 1, offset: 4, key: "p1", json: '{"text":"Ångström"}' },
    { topic: "alert.transitioned.v1", partition: 1, offset: 0, key: "p1", json: "2" },
  ],
  progress: {
    ...{ consumer: "evaluation", topic: "vitals.accepted.v1", partition: 1, next: 5 },
    state: [
      ["plain", '{"a":"\\"b\\""}'],
      ["gone", null],
      ["wide", '"µg/L"'],
      ["last", "0"],
    ],
  },
};

describe("a frame of the journal", () => {
  it("gives back its events and its state, also where a character has several bytes", () => {
    expect(decodeFrame(encodeFrame(FRAME), null)).toEqual(FRAME);
  });

  it("gives the events of one topic without the state", () => {
    const events = FRAME.events.slice(1);
    expect(decodeFrame(encodeFrame(FRAME), "alert.transitioned.v1")).toEqual({ at: 7, events, progress: null });
  });

  it("holds a value of the state as it is, not as a text in a text", () => {
    const state = [["a", JSON.stringify({ text: '"'.repeat(100) })]] as const;
    const progress = { consumer: "c", topic: "vitals.accepted.v1", partition: 0, next: null, state };
    expect(encodeFrame({ at: 7, events: [], progress }).length).toBeLessThan(400);
  });

  it("is read where an earlier release wrote the state into its head", () => {
    const head = { at: 7, topics: [], events: [], progress: { ...FRAME.progress, state: [["plain", '{"a":1}']] } };
    const text = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    const { progress } = decodeFrame(Buffer.concat([length, text]), null);
    expect(progress?.state).toEqual([["plain", '{"a":1}']]);
  });
});
