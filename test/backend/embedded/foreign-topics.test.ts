import { describe, expect, it } from "@jest/globals";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmbeddedForeignTopics } from "../../../src/backend/embedded/foreign-topics.js";
import { systemClock } from "../../../src/clock.js";
import { defineForeignTopicsContract } from "../contract/foreign-topics.js";

async function open(longestLine = 1_000) {
  const directory = await mkdtemp(join(tmpdir(), "vitalome-foreign-"));
  const topics = createEmbeddedForeignTopics({ directory, clock: systemClock, longestLine });
  const file = join(directory, "ward.ndjson");
  await writeFile(file, "");
  const append = (text: string | Buffer): Promise<void> => appendFile(file, text);
  return { topics, append, dispose: () => rm(directory, { recursive: true, force: true }) };
}

defineForeignTopicsContract("embedded", async () => {
  const { topics, append, dispose } = await open();
  return {
    ...{ topics, dispose, topic: "ward" },
    async produce(records) {
      for (const record of records) await append(Buffer.concat([Buffer.from(record), Buffer.from("\n")]));
    },
  };
});

describe("a file that foreign producers append to", () => {
  it("gives a line when its end has come, cut where it is too long, and no empty one", async () => {
    const { topics, append, dispose } = await open(4);
    await append("\nab\n123456789\nhal");
    const found: (readonly [string, bigint])[] = [];
    const enough = new AbortController();
    for await (const record of topics.read("ward", new Map(), enough.signal)) {
      if (record.kind === "gap") continue;
      found.push([Buffer.from(record.value).toString(), record.next]);
      if (found.length === 2) await append("f\n");
      if (found.length === 3) enough.abort();
    }
    expect(found).toEqual([
      ["ab", 4n],
      ["12345", 14n],
      ["half", 19n],
    ]);
    await dispose();
  });
});
