import { describe, expect, it } from "@jest/globals";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { isVitalomeError } from "../../src/errors.js";
import {
  EMPTY_CATALOG,
  catalogPath,
  filesOf,
  parseCatalog,
  serialiseCatalog,
  snapshotOfPath,
  type Catalog,
} from "../../src/lake/catalog.js";
import { buildAddedFile } from "./build.js";

function buildCatalog(overrides: Partial<Catalog> = {}): Catalog {
  const { table, ...file } = buildAddedFile("variants", "runs/one/data/variants.parquet", {
    meta: { callSets: ["α"] },
  });
  const index = {
    name: "variants",
    path: "runs/one/data/variants.idx",
    bytes: 9,
    sha256: "0".repeat(64),
    entries: 3,
    minKey: "01",
    maxKey: null,
  };
  return {
    ...EMPTY_CATALOG,
    snapshot: 7,
    parent: 6,
    createdAt: 1,
    cause: { jobId: "one", kind: "ingest-variants" },
    tables: { [table]: { files: [{ ...file, runId: "one", indexes: [index] }] } },
    ...overrides,
  };
}

const codeOf = (bytes: Buffer, snapshot = 7): string => {
  try {
    parseCatalog(bytes, snapshot);
    return "fine";
  } catch (thrown) {
    return isVitalomeError(thrown) ? thrown.code : String(thrown);
  }
};

/** Bytes with a checksum that is right, whatever they say. */
function seal(catalog: unknown): Buffer {
  const body = JSON.stringify(catalog);
  return Buffer.from(`{"checksum":"${createHash("sha256").update(body).digest("hex")}","catalog":${body}}\n`);
}

describe("catalog", () => {
  it("reads back what it wrote", () => {
    const catalog = buildCatalog();
    expect(parseCatalog(serialiseCatalog(catalog), 7)).toEqual(catalog);
    expect(filesOf(catalog, "variants")).toHaveLength(1);
    expect(filesOf(catalog, "none")).toEqual([]);
  });

  it("of the format before holds nothing of the log", () => {
    const { horizon: _, ...before } = buildCatalog({ formatVersion: 1 });
    expect(parseCatalog(seal(before), 7)).toEqual({ ...before, horizon: {} });
    for (const wrong of [{ t: "1" }, { t: ["-1"] }, { t: [1] }, []])
      expect(codeOf(seal({ ...before, horizon: wrong }))).toBe("STORAGE_CORRUPT");
  });

  it("is named by its number, padded so that names sort as numbers do", () => {
    expect(catalogPath(7)).toBe("snapshots/000000000007.json");
    expect(snapshotOfPath(catalogPath(123_456))).toBe(123_456);
    for (const path of ["snapshots/7.json", "snapshots/000000000007.json.tmp", "runs/000000000007.json"]) {
      expect(snapshotOfPath(path)).toBeNull();
    }
  });

  it("is STORAGE_CORRUPT after any change of its bytes, never another catalog", () => {
    const bytes = serialiseCatalog(buildCatalog());
    const position = fc.nat(bytes.length - 1);
    const damage = fc.oneof(
      fc.tuple(position, fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ mask;
        return flipped;
      }),
      position.map((length) => bytes.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => Buffer.concat([bytes, more])),
      fc.tuple(position, position).map(([from, to]) => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])),
      fc.uint8Array().map((random) => Buffer.from(random)),
    );
    fc.assert(
      fc.property(damage, (damaged) => {
        if (!damaged.equals(bytes)) expect(codeOf(damaged)).toBe("STORAGE_CORRUPT");
      }),
      { numRuns: 500 },
    );
  });

  it("is STORAGE_CORRUPT under another number's name", () => {
    expect(codeOf(serialiseCatalog(buildCatalog()), 8)).toBe("STORAGE_CORRUPT");
  });

  it("is STORAGE_NEWER when a later release wrote it, whatever else it holds", () => {
    expect(codeOf(seal({ formatVersion: 3, snapshot: 7, shards: [] }))).toBe("STORAGE_NEWER");
  });

  it("is STORAGE_CORRUPT when its parts are not of their kind, even under a right checksum", () => {
    const catalog = buildCatalog();
    const [file] = filesOf(catalog, "variants");
    const withFile = (change: object): unknown => ({
      ...catalog,
      tables: { variants: { files: [{ ...file, ...change }] } },
    });
    expect(codeOf(seal(withFile({})))).toBe("fine");
    const paths = ["/etc/passwd", "../x", "a/../b", "a/..", ".", "a//b", "a\\b", ""];
    const wrong = [
      null,
      1,
      [],
      { ...catalog, extra: 1 },
      { ...catalog, parent: -1 },
      withFile({ rows: "1" }),
      withFile({ bytes: 1.5 }),
      withFile({ sha256: "x" }),
    ];
    for (const value of [...wrong, ...paths.map((path) => withFile({ path }))])
      expect(codeOf(seal(value))).toBe("STORAGE_CORRUPT");
    const sealedText = Buffer.from(`{"checksum":"${createHash("sha256").update("{").digest("hex")}","catalog":{}\n`);
    expect(codeOf(sealedText)).toBe("STORAGE_CORRUPT");
    for (const path of ["a/..b", "a/b..", "a/.b", "runs/ü/x.parquet"])
      expect(codeOf(seal(withFile({ path })))).toBe("fine");
  });
});
