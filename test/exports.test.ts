import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createEmbeddedFiles } from "../src/backend/embedded/files.js";
import type { Files } from "../src/backend/index.js";
import type { Caller } from "../src/domain/caller.js";
import type { JobRecord, RunState } from "../src/domain/job.js";
import { createExports } from "../src/exports.js";
import { resultPath } from "../src/jobs/run.js";
import type { Exports } from "../src/server/exports.js";

const PATH = "exports/job-1/variants.csv";
const OWNER: Caller = { subject: "somebody else", role: "owner", tenant: "default", tokenExpiresAt: 0 };

let folder: string;
let files: Files;
let exports: Exports;
let jobs: Map<string, JobRecord>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-exports-"));
  files = await createEmbeddedFiles({ root: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function write(path: string, text: string): Promise<unknown> {
  return files.write(path, Readable.from([Buffer.from(text)]));
}

function put(kind: string, state: RunState): void {
  jobs.set("job-1", { id: "job-1", kind, state, submittedBy: "somebody" } as unknown as JobRecord);
}

beforeEach(async () => {
  jobs = new Map();
  exports = createExports({ files, fold: { jobs } });
  await write(PATH, "0123456789");
  const file = { path: PATH, format: "CSV", rows: 1, bytes: 10, sha256: "ab" };
  await write(resultPath("job-1"), JSON.stringify({ jobId: "job-1", export: file }));
});

describe("the file of an export", () => {
  it("is there once its job is complete, and named for it", async () => {
    put("export", "COMPLETE");
    const file = await exports.open("job-1", OWNER);
    expect(file).toMatchObject({ name: "variants-job-1.csv", bytes: 10, sha256: "ab" });
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.read({ offset: 2, length: 3 })) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("234");
  });

  it.each(["QUEUED", "RUNNING", "CANCELING", "CANCELED", "EXECUTOR_ERROR"] as const)(
    "is not there while its job is %s, whatever lies in the store",
    async (state) => {
      put("export", state);
      await expect(exports.open("job-1", OWNER)).rejects.toMatchObject({ code: "NOT_FOUND" });
    },
  );

  it("is not there for a job of another kind, or for none", async () => {
    put("ingest-variants", "COMPLETE");
    for (const id of ["job-1", "job-2", "../job-1"])
      await expect(exports.open(id, OWNER)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("is no longer there once it was cleaned up", async () => {
    put("export", "COMPLETE");
    await files.remove("exports/job-1");
    await expect(exports.open("job-1", OWNER)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("no longer kept"),
    });
  });

  it("of another length than was written is a damage, not an answer", async () => {
    put("export", "COMPLETE");
    await write(PATH, "012345678");
    await expect(exports.open("job-1", OWNER)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  });

  it("is for nobody who may not read variants, not even for who submitted it", async () => {
    put("export", "COMPLETE");
    const submitter: Caller = { subject: "somebody", role: "operator", tenant: "default", tokenExpiresAt: 0 };
    await expect(exports.open("job-1", submitter)).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});
