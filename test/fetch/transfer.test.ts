import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fetchWhole, type WholeReport, type WholeRequest } from "../../src/fetch/index.js";
import { parseChecksums } from "../../src/fetch/checksum.js";
import { waitBefore } from "../../src/fetch/retry.js";
import { PATH, createSetting, positions, type Setting } from "./setting.js";

const REGION = "chr10:94760000-94760200";
const WIDE = "chr10:94700000-94899999";
let setting: Setting;
beforeEach(async () => {
  setting = await createSetting();
});
afterEach(() => setting.close());

const requests = (path: string): typeof setting.server.asked => setting.server.asked.filter((one) => one.path === path);

describe("a connection that is cut", () => {
  it("goes on where it broke, with If-Range, and brings every byte once", async () => {
    await setting.slice(WIDE);
    const expected = await setting.text();
    setting.server.asked.length = 0;
    setting.server.cuts.set(PATH, [Infinity, 1_000, 1, 0, 5_000]);
    await setting.slice(WIDE);
    expect(await setting.text()).toBe(expected);
    const [, first, ...resumed] = requests(PATH);
    const from = (range: string | null | undefined): number => Number(/=(\d+)-/.exec(range ?? "")?.[1]);
    const resumedAt = resumed.map(({ range }) => from(range) - from(first?.range));
    // What was on its way when the connection broke may be asked for again.
    expect(resumedAt).toHaveLength(4);
    expect(resumedAt).toEqual([...resumedAt].sort((a, b) => a - b));
    expect(resumedAt[3]).toBeGreaterThan(0);
    expect(resumedAt[3]).toBeLessThanOrEqual(6_001);
    expect(resumed.every(({ ifRange, status }) => ifRange === '"data-1"' && status === 206)).toBe(true);
    expect(setting.waits).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it("again and again ends as BACKEND_UNAVAILABLE and leaves nothing behind", async () => {
    setting.server.cuts.set(PATH, [Infinity, ...Array.from({ length: 50 }, () => 0)]);
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    expect(setting.waits).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
    expect(await setting.outputs()).toEqual([]);
  });
});

describe("a server", () => {
  it("that ignores ranges is taken at its word for a small file", async () => {
    setting.server.files.get(PATH)!.ignoresRanges = true;
    expect(await setting.slice(REGION)).toMatchObject({ records: 7 });
    expect(positions(await setting.text())).toHaveLength(7);
  });

  it("that ignores ranges of a huge file is refused before the file is read", async () => {
    let sent = 0;
    setting.server.troubles.set(PATH, (_request, response) => {
      response.writeHead(200, { etag: '"data-1"', "content-length": 1 << 30 });
      const more = (): void => {
        sent += 1 << 16;
        if (!response.destroyed && sent < 1 << 30) response.write(Buffer.alloc(1 << 16), more);
      };
      more();
      return true;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: expect.stringContaining("ignores byte ranges"),
      details: { max: 64 << 20, actual: 1 << 30 },
    });
    expect(sent).toBeLessThan(32 << 20);
    expect(await setting.outputs()).toEqual([]);
  });

  it("that ignores ranges and does not say how much there is, is refused too", async () => {
    setting.server.troubles.set(PATH, (_request, response) => {
      response.writeHead(200).end("some");
      return true;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("that answers another range than was asked for is refused", async () => {
    setting.server.troubles.set(PATH, (_request, response, count) => {
      if (count === 1) return false;
      const size = setting.server.files.get(PATH)!.bytes.length;
      response.writeHead(206, { "content-range": `bytes 0-9/${String(size)}` }).end("0123456789");
      return true;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("whose file changes between index and data is a CONFLICT, and nothing is written", async () => {
    const file = setting.server.files.get(PATH)!;
    setting.server.troubles.set(`${PATH}.tbi`, () => {
      file.etag = '"data-2"';
      return false;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code: "CONFLICT", canRetry: true });
    expect(requests(PATH).at(-1)).toMatchObject({ ifRange: '"data-1"', status: 200 });
    expect(await setting.outputs()).toEqual([]);
  });

  it("whose file grows without any ETag is a CONFLICT too", async () => {
    const file = setting.server.files.get(PATH)!;
    file.etag = null;
    setting.server.troubles.set(`${PATH}.tbi`, () => {
      file.bytes = Buffer.concat([file.bytes, Buffer.alloc(10)]);
      return false;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("that is busy is asked again when it says", async () => {
    const date = new Date(Date.parse("2026-01-01T00:00:07Z")).toUTCString();
    const answers = [
      ["503", "3"],
      ["429", date],
      ["502", null],
    ] as const;
    setting.server.troubles.set(PATH, (_request, response, count) => {
      const [status, retryAfter] = answers[count - 1] ?? [null, null];
      if (status === null) return false;
      response.writeHead(Number(status), retryAfter === null ? {} : { "retry-after": retryAfter }).end("busy");
      return true;
    });
    expect(await setting.slice(REGION)).toMatchObject({ records: 7 });
    expect(setting.waits).toEqual([3_000, 7_000, 2_000]);
  });

  it("that asks for an hour is left alone", async () => {
    setting.server.troubles.set(PATH, (_request, response) => {
      response.writeHead(503, { "retry-after": "3600" }).end();
      return true;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      message: expect.stringContaining("3600 s"),
    });
    expect(requests(PATH)).toHaveLength(1);
  });

  it.each([
    [404, "NOT_FOUND"],
    [403, "FORBIDDEN"],
    [400, "BAD_REQUEST"],
  ])("that answers %i is not asked again: %s", async (status, code) => {
    setting.server.troubles.set(PATH, (_request, response) => {
      response.writeHead(status).end();
      return true;
    });
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code });
    expect(requests(PATH)).toHaveLength(1);
  });

  it("that is not there ends as BACKEND_UNAVAILABLE", async () => {
    await expect(setting.slice(REGION, { url: "http://127.0.0.1:9/x.vcf.gz" })).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
    });
  });

  it("that redirects is followed, in a circle not for long", async () => {
    setting.server.troubles.set("/old.vcf.gz", (_request, response) => {
      response.writeHead(302, { location: PATH }).end();
      return true;
    });
    const indexUrl = `${setting.server.url}${PATH}.tbi`;
    expect(await setting.slice(REGION, { url: `${setting.server.url}/old.vcf.gz`, indexUrl })).toMatchObject({
      records: 7,
    });
    setting.server.troubles.set("/circle.vcf.gz", (_request, response) => {
      response.writeHead(302, { location: "/circle.vcf.gz" }).end();
      return true;
    });
    await expect(setting.slice(REGION, { url: `${setting.server.url}/circle.vcf.gz` })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    expect(requests("/circle.vcf.gz")).toHaveLength(6);
  });
});

describe("a file that is not what it should be", () => {
  it("with a broken block is refused, however well it was sent", async () => {
    const file = setting.server.files.get(PATH)!;
    const bytes = Buffer.from(file.bytes);
    const at = bytes.indexOf(Buffer.from([31, 139, 8, 4]), Math.floor(bytes.length / 2));
    bytes[at + 30] = (bytes[at + 30] ?? 0) ^ 0xff;
    file.bytes = bytes;
    await expect(setting.slice(WIDE)).rejects.toMatchObject({ code: "INGEST_REJECTED" });
    expect(await setting.outputs()).toEqual([]);
  });

  it("that ends before where its index points is refused", async () => {
    const file = setting.server.files.get(PATH)!;
    file.bytes = file.bytes.subarray(0, Math.floor(file.bytes.length / 2));
    await expect(setting.slice("chr10:94899000-94899900")).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("that is empty has no header", async () => {
    setting.server.files.set(PATH, { bytes: Buffer.alloc(0) });
    await expect(setting.slice(REGION)).rejects.toMatchObject({ code: "INGEST_REJECTED" });
  });

  it("in plain gzip cannot be sliced", async () => {
    const { gzipSync } = await import("node:zlib");
    setting.server.files.set(PATH, { bytes: gzipSync("##fileformat=VCFv4.3\n".repeat(50)) });
    await expect(setting.slice(REGION)).rejects.toMatchObject({
      code: "INGEST_REJECTED",
      message: expect.stringContaining("bgzip"),
    });
  });

  it("with an index whose digest the source lists otherwise is refused", async () => {
    const index = setting.server.files.get(`${PATH}.tbi`)!.bytes;
    const md5 = createHash("md5").update(index).digest("hex");
    const manifest = `other.vcf.gz ${"0".repeat(32)}\ncohort.vcf.gz.tbi ${md5}\n`;
    const checksum = { algorithm: "md5", url: `${setting.server.url}/manifest.txt` };
    setting.server.files.set("/manifest.txt", { bytes: Buffer.from(manifest) });
    expect(await setting.slice(REGION, { checksum })).toMatchObject({ isIndexVerified: true });
    setting.server.files.set("/manifest.txt", { bytes: Buffer.from(manifest.replace(md5, "1".repeat(32))) });
    await expect(setting.slice(REGION, { checksum })).rejects.toMatchObject({ code: "INGEST_REJECTED" });
  });
});

describe("a whole file", () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7_919) % 251));
  const md5 = createHash("md5").update(bytes).digest("hex");
  const whole = (overrides?: Partial<WholeRequest>): Promise<WholeReport> => {
    const { url } = setting.server;
    const checksum = { algorithm: "md5", url: `${url}/table.txt.gz.md5` };
    const path = join(setting.folder, "table.txt.gz");
    return fetchWhole(setting.tools, { url: `${url}/table.txt.gz`, path, force: false, checksum, ...overrides });
  };
  beforeEach(() => {
    setting.server.files.set("/table.txt.gz", { bytes });
    setting.server.files.set("/table.txt.gz.md5", { bytes: Buffer.from(`${md5}  /made/here/table_20260226.txt.gz\n`) });
  });

  it("arrives as it is, its published digest held against it", async () => {
    expect(await whole()).toMatchObject({ bytes: bytes.length, isVerified: true });
    expect((await readFile(join(setting.folder, "table.txt.gz"))).equals(bytes)).toBe(true);
  });

  it("is held against its own digest where many are listed, and refused where its own is not", async () => {
    const others = `${"0".repeat(32)}  other.gz\n${"1".repeat(32)}  more.gz\n`;
    setting.server.files.set("/table.txt.gz.md5", { bytes: Buffer.from(`${others}${md5}  table.txt.gz\n`) });
    expect(await whole()).toMatchObject({ isVerified: true });
    setting.server.files.set("/table.txt.gz.md5", { bytes: Buffer.from(others) });
    await expect(whole({ force: true })).rejects.toMatchObject({ code: "INGEST_REJECTED" });
  });

  it("is resumed where it was cut, also by a server that ignores ranges", async () => {
    setting.server.cuts.set("/table.txt.gz", [100_000, 70_000]);
    expect(await whole()).toMatchObject({ bytes: bytes.length, isVerified: true });
    expect(requests("/table.txt.gz").map(({ status }) => status)).toEqual([200, 206, 206]);
    expect(requests("/table.txt.gz").every(({ ifRange, range }) => range === null || ifRange !== null)).toBe(true);
    setting.server.files.get("/table.txt.gz")!.ignoresRanges = true;
    setting.server.cuts.set("/table.txt.gz", [100_000]);
    expect(await whole({ force: true })).toMatchObject({ bytes: bytes.length, isVerified: true });
  });

  it("with another digest than published is refused and leaves nothing behind", async () => {
    setting.server.files.set("/table.txt.gz.md5", { bytes: Buffer.from(`${"0".repeat(32)}  table.txt.gz\n`) });
    await expect(whole()).rejects.toMatchObject({ code: "INGEST_REJECTED", message: expect.stringContaining(md5) });
    expect(await setting.outputs()).toEqual([]);
  });

  it("that is canceled leaves nothing behind", async () => {
    setting.server.cuts.set("/table.txt.gz", [1_000]);
    const onSize = (): void => {
      setting.canceler.abort(new Error("enough"));
    };
    await expect(whole({ onSize })).rejects.toThrow("enough");
    expect(await setting.outputs()).toEqual([]);
  });
});

describe("digests that sources publish", () => {
  const hex = "0123456789abcdef0123456789ABCDEF";

  it.each([
    [`${hex}  a.gz`],
    [`${hex} *a.gz\n`],
    [`a.gz ${hex}`],
    [`MD5 (a.gz) = ${hex}`],
    [`${hex}\t/panfs/made/a.gz`],
  ])("are read from %j", (line) => {
    expect(parseChecksums(line, "md5")?.of("a.gz")).toBe(hex.toLowerCase());
  });

  it("are none where no line holds one", () => {
    expect(parseChecksums("<html>moved</html>\n", "md5")).toBeNull();
    expect(parseChecksums(`${hex}  a\n`, "sha256")).toBeNull();
    expect(parseChecksums(`${hex}  a\n${hex}  b\n`, "md5")).toMatchObject({ only: null });
  });
});

describe("the wait before another attempt", () => {
  it("doubles from half a second, and what a server asks for goes before it", () => {
    expect([1, 2, 3, 9].map((attempt) => waitBefore(attempt, null, 0, "x"))).toEqual([500, 1_000, 2_000, 60_000]);
    expect(waitBefore(3, "0", 0, "x")).toBe(0);
    expect(waitBefore(1, "soon", 0, "x")).toBe(500);
  });
});
