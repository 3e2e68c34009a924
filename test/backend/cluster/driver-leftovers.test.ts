import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listLeftovers } from "../../../src/backend/cluster/submit/leftovers.js";

let root: string;
let scratch: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vitalome-leftovers-"));
  scratch = join(root, "spark");
});
afterEach(() => rm(root, { recursive: true }));

describe("what Spark drivers leave on a machine", () => {
  it("is listed by job with its size, and goes with its output, but for what it only points at", async () => {
    await mkdir(join(scratch, "job-a", "blockmgr", "0a"), { recursive: true });
    await writeFile(join(scratch, "job-a", "blockmgr", "0a", "shuffle"), "12345");
    await writeFile(join(root, "elsewhere"), "not ours");
    await symlink(root, join(scratch, "job-a", "link"));
    await writeFile(join(scratch, "job-a.log"), "123");
    await writeFile(join(scratch, "job-a.log.1"), "12");
    await writeFile(join(scratch, "job-b.log"), "1");
    const found = await listLeftovers(scratch);
    expect(found.map(({ jobId, files }) => [jobId, files])).toEqual([
      ["job-a", 4],
      ["job-b", 1],
    ]);
    expect(found[0]?.bytes).toBeGreaterThanOrEqual(10);
    expect(Math.abs(Date.now() - (found[0]?.modifiedAt ?? 0))).toBeLessThan(60_000);
    await found[0]?.remove();
    expect(await readdir(scratch)).toEqual(["job-b.log"]);
    expect((await readdir(root)).sort()).toEqual(["elsewhere", "spark"]);
  });

  it("is nothing where no driver ever ran", async () => {
    expect(await listLeftovers(join(root, "none"))).toEqual([]);
  });
});
