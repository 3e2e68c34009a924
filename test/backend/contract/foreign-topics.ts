import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { ForeignRecord, ForeignTopics } from "../../../src/backend/index.js";

export interface ForeignTopicsUnderTest {
  readonly topics: ForeignTopics;
  /** A topic that is there and empty. */
  readonly topic: string;
  /** Appends records in their order to one partition, as a producer that is not ours. */
  produce(records: readonly (string | Buffer)[]): Promise<void>;
  dispose(): Promise<void>;
}

/** The guarantees of `ForeignTopics`, for every back end. */
export function defineForeignTopicsContract(name: string, create: () => Promise<ForeignTopicsUnderTest>): void {
  describe(`${name}: ForeignTopics`, () => {
    let underTest: ForeignTopicsUnderTest;
    beforeEach(async () => {
      underTest = await create();
    });
    afterEach(() => underTest.dispose());

    /** The next records from a position on. */
    async function next(count: number, from = new Map<number, bigint>()): Promise<readonly ForeignRecord[]> {
      const found: ForeignRecord[] = [];
      const enough = new AbortController();
      for await (const record of underTest.topics.read(underTest.topic, from, enough.signal)) {
        if (record.kind === "gap") throw new Error("a gap");
        found.push(record);
        if (found.length === count) enough.abort();
      }
      return found;
    }

    const texts = (records: readonly ForeignRecord[]): readonly string[] =>
      records.map(({ value }) => Buffer.from(value).toString("latin1"));

    it("gives what there is in its order, then what comes", async () => {
      await underTest.produce(["one", "two"]);
      const reading = next(4);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await underTest.produce(["three", "four"]);
      expect(texts(await reading)).toEqual(["one", "two", "three", "four"]);
    });

    it("goes on behind any record, and gives the same again", async () => {
      await underTest.produce(["one", "two", "three"]);
      const all = await next(3);
      expect(await next(3)).toEqual(all);
      const [first, second] = all.map((record) => new Map([[record.partition, record.next]]));
      expect(texts(await next(2, first))).toEqual(["two", "three"]);
      expect(await next(1, second)).toEqual(all.slice(2));
    });

    it("is not stopped by what is no text", async () => {
      await underTest.produce([Buffer.from([0xff, 0xfe, 0x00]), "{", "two"]);
      expect(texts(await next(3))).toEqual(["\xff\xfe\x00", "{", "two"]);
    });

    it("refuses a topic there is not with NOT_FOUND", async () => {
      const reading = underTest.topics.read("there-is-none", new Map(), new AbortController().signal);
      await expect(reading[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "NOT_FOUND" });
    });

    it("refuses a topic that is shorter than what was read of it with CONFIG_INVALID", async () => {
      await underTest.produce(["one"]);
      const [one] = await next(1);
      const beyond = new Map([[one!.partition, one!.next + 7n]]);
      const reading = underTest.topics.read(underTest.topic, beyond, new AbortController().signal);
      await expect(reading[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    });

    it("ends with the signal", async () => {
      const stop = new AbortController();
      const reading = underTest.topics.read(underTest.topic, new Map(), stop.signal)[Symbol.asyncIterator]();
      const pending = reading.next();
      stop.abort();
      expect((await pending).done).toBe(true);
    });
  });
}
