import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { QuarantinedRecord } from "../../../src/domain/ledger.js";
import { openQuarantine } from "../../../src/jobs/ingest-variants/quarantine.js";
import { removeFolder } from "../../helpers/service.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-quarantine-"));
});
afterAll(async () => {
  await removeFolder(folder);
});

function buildRecord(line: number, overrides: Partial<QuarantinedRecord> = {}): QuarantinedRecord {
  return {
    source: "cohort.vcf",
    position: `line ${String(line)}`,
    line,
    field: "POS",
    rule: "POS_SYNTAX",
    expected: "an integer of at least 0",
    found: "x",
    raw: "chr1\tx\t.\tA\tG",
    ...overrides,
  };
}
async function recordsIn(path: string): Promise<readonly QuarantinedRecord[]> {
  const lines = (await readFile(path, "utf8")).split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line) as QuarantinedRecord);
}

describe("quarantine", () => {
  it("keeps every record in full and in order, one JSON text a line, with a few of them at hand", async () => {
    const path = join(folder, "many.ndjson");
    const quarantine = openQuarantine(path);
    const records = Array.from({ length: 5_000 }, (_, index) =>
      buildRecord(index + 1, {
        rule: index % 3 === 0 ? "ALT_SYNTAX" : "POS_SYNTAX",
        raw: `${"A".repeat(300)}\n\u2028"`,
      }),
    );
    for (const record of records) {
      quarantine.add(record);
      await quarantine.drained();
    }
    await quarantine.close();
    expect(await recordsIn(path)).toEqual(records);
    expect(quarantine.samples).toEqual(records.slice(0, 20));
    expect(quarantine.byRule).toEqual({ ALT_SYNTAX: 1667, POS_SYNTAX: 3333 });
    expect(quarantine.count).toBe(5_000);
  });

  it("shortens the raw text of a sample, never that of the file", async () => {
    const path = join(folder, "long.ndjson");
    const quarantine = openQuarantine(path);
    quarantine.add(buildRecord(1, { raw: "G".repeat(60_000) }));
    await quarantine.close();
    expect(quarantine.samples[0]?.raw).toBe("G".repeat(2_000));
    expect((await recordsIn(path))[0]?.raw).toHaveLength(60_000);
  });

  it("goes on where another left off, so that a second pass over a file adds to the first", async () => {
    const path = join(folder, "twice.ndjson");
    for (const line of [1, 2]) {
      const quarantine = openQuarantine(path);
      quarantine.add(buildRecord(line));
      await quarantine.close();
      expect(quarantine.count).toBe(1);
    }
    expect((await recordsIn(path)).map(({ line }) => line)).toEqual([1, 2]);
  });

  it("without a record leaves no file", async () => {
    const path = join(folder, "none.ndjson");
    const quarantine = openQuarantine(path);
    await quarantine.drained();
    await quarantine.close();
    expect(existsSync(path)).toBe(false);
    expect(quarantine).toMatchObject({ count: 0, byRule: {}, samples: [] });
  });

  it("that cannot be written says so when it is closed, right away", async () => {
    const quarantine = openQuarantine(join(folder, "absent", "file.ndjson"));
    quarantine.add(buildRecord(1));
    await expect(quarantine.close()).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("that failed a while ago says so when it is waited for and when it is closed, and neither hangs", async () => {
    const quarantine = openQuarantine(join(folder, "absent", "file.ndjson"));
    quarantine.add(buildRecord(1));
    const failed = async (): Promise<boolean> =>
      quarantine.drained().then(
        () => false,
        () => true,
      );
    for (let tries = 0; tries < 1_000 && !(await failed()); tries += 1) await wait(1);
    await wait(5);
    await expect(quarantine.drained()).rejects.toMatchObject({ code: "ENOENT" });
    await expect(Promise.race([quarantine.close(), wait(2_000, "hangs")])).rejects.toMatchObject({ code: "ENOENT" });
  });
});
