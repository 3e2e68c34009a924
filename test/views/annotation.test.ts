import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Caller } from "../../src/domain/caller.js";
import type { ClinicalStatement } from "../../src/domain/clinical.js";
import type { VariantKey } from "../../src/domain/variant.js";
import { createAnnotationReader, type AnnotationReader } from "../../src/lake/annotation-reader.js";
import { encodeGene, encodeStatement } from "../../src/lake/annotation-row.js";
import { EMPTY_CATALOG, type Catalog, type DataFile } from "../../src/lake/catalog.js";
import {
  buildKeyIndex,
  createBlockCache,
  openKeyIndex,
  type IndexEntry,
  type KeyIndex,
} from "../../src/lake/key-index.js";
import { alleleKey, placePrefix, positionBytes } from "../../src/lake/variant-keys.js";
import { createAnnotationView, type AnnotatedReader } from "../../src/views/annotation.js";

const OWNER: Caller = { subject: "s", role: "owner", tenant: "default", tokenExpiresAt: 0 };

let folder: string;
const open: KeyIndex[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-annotation-"));
});
afterAll(async () => {
  for (const index of open) index.close();
  await rm(folder, { recursive: true });
});

function buildKey(pos: number, overrides: Partial<VariantKey> = {}): VariantKey {
  return { build: "GRCh38", contig: "1", pos, ref: "A", alt: "C", ...overrides };
}

function buildStatement(pos: number): Omit<ClinicalStatement, "source"> {
  return {
    ...buildKey(pos),
    variationId: String(pos),
    kind: "germline",
    significance: "Pathogenic",
    classifications: ["Pathogenic"],
    conflicting: false,
    group: "P/LP",
    reviewStatus: null,
    goldStars: null,
    conditions: [{ system: "MONDO", code: "MONDO:1", display: null }],
    lastEvaluated: null,
    geneSymbols: [],
    evidence: null,
  };
}

async function indexOf(name: string, entries: readonly IndexEntry[]): Promise<KeyIndex> {
  const path = join(folder, `${name}.idx`);
  await buildKeyIndex(
    path,
    (async function* () {
      for (const entry of entries) yield await Promise.resolve(entry);
    })(),
  );
  const index = openKeyIndex(path, createBlockCache(1 << 20));
  open.push(index);
  return index;
}

/** A snapshot with a statement on every even position to 200, and two genes; counts the calls of its index reads. */
async function buildReader(): Promise<{ reader: AnnotatedReader; calls: string[] }> {
  const statements = Array.from({ length: 100 }, (_, at) => buildStatement(2 + at * 2)).map((statement) => ({
    key: Buffer.concat([alleleKey("annotation", statement), Buffer.from(statement.variationId)]),
    value: encodeStatement(statement),
  }));
  const prefix = placePrefix("gene", "GRCh38", "1");
  const genes = [
    { start: 1, end: 100, geneId: "G1", symbol: "ONE" },
    { start: 100, end: 150, geneId: "G2", symbol: "TWO" },
  ].map((gene) => ({
    key: Buffer.concat([prefix, positionBytes(gene.start), Buffer.from(gene.geneId)]),
    value: encodeGene({ ...gene, build: "GRCh38", contig: "1", ensemblId: null, hgncId: null, name: null }),
    prefixLength: prefix.length,
    end: gene.end + 1,
  }));
  const indexes = new Map([
    ["clinvar", await indexOf("clinvar", statements)],
    ["ensembl", await indexOf("ensembl", genes)],
  ]);
  const file = (source: string): DataFile => ({
    path: source,
    rows: 1,
    bytes: 1,
    sha256: "0".repeat(64),
    runId: "r",
    indexes: [],
    meta: { source, version: "1", released: "2026-01-31", build: "GRCh38" },
  });
  const catalog: Catalog = {
    ...EMPTY_CATALOG,
    snapshot: 3,
    tables: { annotations: { files: [file("clinvar")] }, genes: { files: [file("ensembl")] } },
  };
  const whole = createAnnotationReader(catalog, ({ path }) => {
    const index = indexes.get(path);
    return index === undefined ? [] : [index];
  });
  const calls: string[] = [];
  const counted: AnnotationReader = {
    ...whole,
    statementsOf(keys) {
      calls.push(`statements of ${String(keys.length)}`);
      return whole.statementsOf(keys);
    },
    genesOver(keys) {
      calls.push(`genes over ${String(keys.length)}`);
      return whole.genesOver(keys);
    },
  };
  return { reader: { catalog, annotations: counted }, calls };
}

describe("annotations of variants", () => {
  it("are read once for all variants of a page, and once for a variant that is asked for again", async () => {
    const { reader, calls } = await buildReader();
    const view = createAnnotationView(OWNER);
    const page = Array.from({ length: 50 }, (_, at) => ({ key: buildKey(at + 1), reader }));
    const known = await Promise.all([...page, ...page].map((variant) => view.of(variant)));
    expect(calls).toEqual(["statements of 50", "genes over 50"]);
    expect(known.map(({ clinical }) => clinical.length)).toEqual(
      [...page, ...page].map(({ key }) => (key.pos % 2 === 0 ? 1 : 0)),
    );
    await view.of({ key: buildKey(1), reader });
    expect(calls).toHaveLength(2);
  });

  it("are of exactly the allele and the build, with who says so, and genes by overlap of the whole REF", async () => {
    const { reader } = await buildReader();
    const view = createAnnotationView(OWNER);
    const source = { name: "clinvar", version: "1", released: "2026-01-31" };
    const of = async (key: VariantKey): Promise<[number, string]> => {
      const { clinical, genes, sources } = await view.of({ key, reader });
      expect(sources.map(({ name }) => name)).toEqual(["clinvar", "ensembl"]);
      return [clinical.length, genes.map(({ symbol }) => symbol).join(" ")];
    };
    expect(await of(buildKey(100))).toEqual([1, "ONE TWO"]);
    expect(await of(buildKey(100, { alt: "G" }))).toEqual([0, "ONE TWO"]);
    expect(await of(buildKey(100, { ref: "AC" }))).toEqual([0, "ONE TWO"]);
    expect(await of(buildKey(100, { build: "GRCh37" }))).toEqual([0, ""]);
    expect(await of(buildKey(100, { contig: "2" }))).toEqual([0, ""]);
    expect(await of(buildKey(99, { ref: "AC" }))).toEqual([0, "ONE TWO"]);
    expect(await of(buildKey(150))).toEqual([1, "TWO"]);
    expect(await of(buildKey(151))).toEqual([0, ""]);
    expect((await view.of({ key: buildKey(100), reader })).clinical[0]).toEqual({ source, ...buildStatement(100) });
  });

  it("are not shown to a role that may not see them", async () => {
    const { reader } = await buildReader();
    const view = createAnnotationView({ ...OWNER, role: "operator" });
    await expect(view.of({ key: buildKey(2), reader })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});
