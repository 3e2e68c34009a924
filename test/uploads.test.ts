import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createEmbeddedFiles } from "../src/backend/embedded/files.js";
import type { Files } from "../src/backend/index.js";
import type { Caller } from "../src/domain/caller.js";
import type { Uploads } from "../src/server/http.js";
import { createUploads } from "../src/uploads.js";
import { chunksOf } from "./backend/contract/files.js";

const owner: Caller = { subject: "owner", role: "owner", tenant: "default", tokenExpiresAt: 0 };
const sha256 = createHash("sha256").update("one two").digest("hex");

/** Both ways into a store: by renaming what lies on its own disk, and by sending it. */
describe.each([
  ["on the store's own disk", true],
  ["into a store elsewhere", false],
])("uploads %s", (_, isLocal) => {
  let folder = "";
  let root = "";
  let scratch = "";
  let files: Files;
  let written: string[] = [];
  let uploads: Uploads;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "vitalome-uploads-"));
    root = join(folder, "store");
    scratch = join(folder, "scratch");
    await mkdir(root);
    const store = await createEmbeddedFiles({ root });
    written = [];
    files = {
      ...store,
      write: async (path, content) => {
        written.push(path);
        return store.write(path, content);
      },
    };
    uploads = createUploads({ files, scratch, root: isLocal ? root : null });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const stored = async (): Promise<string> => readFile(join(root, "raw", sha256, "data.vcf.gz"), "utf8");

  it("lie under their SHA-256 with the extension they came with, and nothing is left in the scratch folder", async () => {
    expect(await uploads.put(chunksOf("one ", "two"), "Cohort 1.VCF.gz", owner)).toEqual({
      id: `raw:${sha256}/Cohort 1.VCF.gz`,
      bytes: 7,
      sha256,
    });
    expect(await stored()).toBe("one two");
    expect(await readdir(scratch)).toEqual([]);
    expect(written).toHaveLength(isLocal ? 0 : 1);
  });

  it("are stored once however often the same bytes come", async () => {
    await uploads.put(chunksOf("one two"), "a.vcf.gz", owner);
    await uploads.put(chunksOf("one ", "two"), "b.vcf.gz", owner);
    expect(await stored()).toBe("one two");
    expect(written).toHaveLength(isLocal ? 0 : 1);
    expect(await readdir(scratch)).toEqual([]);
  });

  it("replace a file of another length, which a start before left half-way", async () => {
    const path = join(root, "raw", sha256, "data.vcf.gz");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "one");
    await uploads.put(chunksOf("one two"), "a.vcf.gz", owner);
    expect(await stored()).toBe("one two");
  });

  it("leave nothing when the sender breaks off", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* chunksOf("one");
      throw Object.assign(new Error("closed"), { code: "ERR_STREAM_PREMATURE_CLOSE" });
    }
    await expect(uploads.put(broken(), "a.vcf.gz", owner)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect(await readdir(scratch)).toEqual([]);
    expect(await readdir(root)).toEqual([".scratch"]);
  });
});

it("an upload whose bytes changed on the way into the store is not kept", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-uploads-"));
  const store = await createEmbeddedFiles({ root: folder });
  const uploads = createUploads({
    files: { ...store, write: async (path) => store.write(path, chunksOf("one twO")) },
    scratch: join(folder, "spool"),
    root: null,
  });
  await expect(uploads.put(chunksOf("one two"), "a.vcf.gz", owner)).rejects.toMatchObject({
    code: "BACKEND_UNAVAILABLE",
  });
  expect(await store.stat(`raw/${sha256}/data.vcf.gz`)).toBeNull();
  await rm(folder, { recursive: true });
});
