import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createEmbeddedFiles } from "../../src/backend/embedded/files.js";
import { createEmbeddedTables, type ClosableTables } from "../../src/backend/embedded/tables.js";
import { significanceToken } from "../../src/domain/clinical.js";
import { variantId } from "../../src/domain/variant.js";
import type { NumberRange, Predicate } from "../../src/domain/variant-filter.js";
import { ZYGOSITIES } from "../../src/domain/zygosity.js";
import { openEngine, type Engine } from "../../src/engine/duckdb.js";
import { createBlockCache } from "../../src/lake/key-index.js";
import { createFileCache } from "../../src/lake/file-cache.js";
import { createSnapshotReaders, type SnapshotReader, type SnapshotReaders } from "../../src/lake/snapshot-reader.js";
import { openSnapshots } from "../../src/lake/snapshots.js";
import { createLog } from "../../src/log.js";
import { countFacets, FACET_FIELDS } from "../../src/views/variant-facets.js";
import { createVariantListing, VARIANT_ORDERS, type VariantListing } from "../../src/views/variant-list.js";
import { buildClinVar } from "../helpers/clinvar.js";
import { removeFolder, startService } from "../helpers/service.js";
import { STACK_TIMEOUT_MS } from "../helpers/stack.js";
import { buildVcf, generateVcf, writeVcf } from "../helpers/vcf.js";
import { openSparkTwin, type SparkTwin } from "./spark-twin.js";

const SHEET = [
  "sample\tpop\tsuper_pop\tgender",
  ...Array.from({ length: 8 }, (_, index) => {
    const place = index % 2 === 0 ? "GBR\tEUR" : "CHB\tEAS";
    return `S${String(index).padStart(4, "0")}\t${place}\t${index % 3 === 0 ? "male" : "female"}`;
  }),
  "",
].join("\n");
const MITOCHONDRIAL = buildVcf(
  ["73 rs3087742;mt73 A G 90 PASS . GT 1 0 0/1", "263 . A G . . . GT . 1 1", "310 . T C,TC 9 q10;lowdp . GT 2 1 0"],
  ["M1", "M2", "S0001"],
  ["##contig=<ID=chrM,length=16569>", '##FILTER=<ID=q10,Description="low">', '##FILTER=<ID=lowdp,Description="depth">'],
).replaceAll("chr1\t", "chrM\t");
const SITES = buildVcf(["1007 rs9 A C . . .", "1014 . G T 3 PASS ."], []);

/** Statements on two of three alleles of a file, some with another kind, a conflict or no review status beside them. */
const STATEMENTS = generateVcf(300, 8, 7)
  .split("\n")
  .filter((line) => line.startsWith("chr1"))
  .flatMap((line, at) => {
    const [, pos = "", , ref = "", alt = ""] = line.split("\t");
    const significance = [
      "Pathogenic/Likely_pathogenic|drug_response",
      "Benign;ONC=Oncogenic;ONCREVSTAT=criteria_provided,_single_submitter",
      "Conflicting_classifications_of_pathogenicity;CLNSIGCONF=Pathogenic(1)|Benign(1)",
      "Pathogenic",
    ][at % 4];
    const status = ["practice_guideline", "no_assertion_provided", "unheard_of", "criteria_provided,_single_submitter"];
    const of = at % 7 === 0 ? "" : `;CLNREVSTAT=${status[at % 5] ?? "reviewed_by_expert_panel"}`;
    return at % 3 === 0 ? [] : [`${pos} ${String(at)} ${ref} ${alt} CLNSIG=${significance ?? ""}${of}`];
  });

/** Statements of Spark take a second where those of DuckDB take milliseconds; many seconds where much else runs. */
const SPARK_ROUNDS = 12;
const SPARK_MS = 240_000;

let stop: () => Promise<number | null>;
let directory: string;
let engine: Engine;
let tables: ClosableTables;
let readers: SnapshotReaders;
let reader: SnapshotReader;
/** Looks at every allele, and at none. */
let looking: VariantListing;
let asking: VariantListing;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-listing-"));
  const service = await startService();
  ({ directory } = service);
  stop = () => service.stop();
  const sheet = await writeVcf(folder, "sheet.tsv", SHEET);
  const inputs: readonly (readonly [string, string, readonly string[]])[] = [
    ["a.vcf", generateVcf(300, 8, 7), ["--samples", sheet, "--call-set", "first"]],
    ["b.vcf", generateVcf(200, 5, 11), ["--call-set", "second"]],
    ["mt.vcf", MITOCHONDRIAL, ["--call-set", "mitochondria"]],
    ["sites.vcf", SITES, ["--call-set", "sites"]],
    ["old.vcf", generateVcf(40, 3, 13), ["--assembly", "GRCh37", "--call-set", "old"]],
  ];
  for (const [name, text, options] of inputs) {
    const content = name === "old.vcf" ? text.replace(/^##contig.*\n/m, "") : text;
    const run = await service.cli("ingest", await writeVcf(folder, name, content), ...options, "--output", "json");
    if (run.code !== 0) throw new Error(`${name}: ${run.stdout}${run.stderr}`);
  }
  const clinvar = await writeVcf(folder, "clinvar.vcf", buildClinVar(STATEMENTS));
  const run = await service.cli("ingest-annotations", clinvar, "--source", "clinvar", "--release", "1");
  if (run.code !== 0) throw new Error(run.stdout + run.stderr);
  expect(await stop()).toBe(0);
  await removeFolder(folder);

  await mkdir(join(directory, "scratch"), { recursive: true });
  const files = await createEmbeddedFiles({ root: directory });
  const snapshots = await openSnapshots(files, createLog("silent"));
  engine = await openEngine({
    database: ":memory:",
    directories: [join(directory, "runs")],
    spillDirectory: null,
    memoryLimit: "512MB",
    threads: 2,
  });
  tables = createEmbeddedTables({
    copies: await createFileCache({ files, directory: directory, maxBytes: 0, direct: directory }),
    snapshots,
    directories: [directory],
    spillDirectory: join(directory, "scratch", "tables"),
    memoryLimit: "512MB",
    threads: 2,
  });
  readers = createSnapshotReaders({
    copies: await createFileCache({ files, directory, maxBytes: 0, direct: directory }),
    engine,
    cache: createBlockCache(1 << 24),
  });
  reader = await readers.open(await snapshots.refresh());
  const { signal } = new AbortController();
  looking = createVariantListing({ reader, tables, signal, budget: Infinity });
  asking = createVariantListing({ reader, tables, signal, budget: 0 });
}, 300_000);

afterAll(async () => {
  await stop();
  readers.close();
  await tables.close();
  engine.close();
  await removeFolder(directory);
});

let state = 20_260_101;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
}
function pick<T>(values: readonly T[]): T {
  return values[random(values.length)] as T;
}
function some<T>(values: readonly T[]): readonly T[] {
  return Array.from({ length: random(4) }, () => pick(values));
}
function range(scale: number): NumberRange {
  const bound = (): number | null => (random(2) === 0 ? null : random(100) / scale);
  return { gt: bound(), gte: bound(), lt: bound(), lte: bound(), includeMissing: random(3) === 0 };
}

function anyPredicate(depth: number): Predicate {
  const kinds = [
    ...(["regions", "genes", "clinical", "types", "ids", "record", "frequency", "samples"] as const),
    ...(["and", "or", "not"] as const),
  ];
  const kind = pick(depth > 0 ? kinds : kinds.slice(0, 8));
  switch (kind) {
    case "and":
    case "or":
      return { kind, parts: Array.from({ length: random(4) }, () => anyPredicate(depth - 1)) };
    case "not":
      return { kind, part: anyPredicate(depth - 1) };
    case "clinical": {
      const tokens = [
        "pathogenic",
        "P/LP",
        "Benign",
        "drug response",
        "VUS+conflicting",
        "Oncogenic",
        "pathogenic|benign",
      ];
      return {
        kind,
        significances: random(3) === 0 ? null : some(tokens).map(significanceToken),
        minStars: random(2) === 0 ? null : random(5),
      };
    }
    case "genes":
    case "regions": {
      const regions = Array.from({ length: 1 + random(2) }, () => {
        const contig = pick(["1", "1", "1", "MT", "X"]);
        const start0 = contig === "MT" ? random(400) : 900 + random(2000);
        return { build: pick(["GRCh38", "GRCh38", "GRCh37"] as const), contig, start0, end0: start0 + 1 + random(700) };
      });
      return kind === "genes" ? { kind, names: [], regions } : { kind, regions };
    }
    case "types":
      return { kind, types: some(["SNV", "insertion", "deletion", "delins", "MNV"] as const) };
    case "ids":
      return { kind, keys: some([...reader.allRows(null)].map(variantId)), names: some(["rs9", "rs3087742", "rs1"]) };
    case "record": {
      const filters = random(2) === 0 ? null : some(["PASS", "q10", "lowdp", "q1"]);
      return { kind, qual: random(2) === 0 ? null : range(1), filters, passOnly: random(3) === 0 };
    }
    case "frequency": {
      const source = pick([null, null, "first", "second", "sites", "nobody"]);
      return {
        kind,
        source,
        population: pick([null, "GBR", "EAS", "XYZ"]),
        sex: pick([null, "FEMALE"]),
        af: range(100),
      };
    }
    case "samples": {
      const samples = some(["S0000", "S0001", "S0004", "S0007", "M1", "M2", "S9999"]);
      return { kind, samples, callSet: pick([null, null, "first", "mitochondria"]), zygosities: some(ZYGOSITIES) };
    }
  }
}

function ids(entries: Awaited<ReturnType<VariantListing["list"]>>): readonly unknown[] {
  return entries.map(({ group, position }) => [variantId(group.rows[0]), position.value, group.rows.length]);
}

describe("the two ways to list variants", () => {
  it("the store holds every kind of row the predicates are about", () => {
    const rows = [...reader.allRows(null)];
    expect(rows.length).toBeGreaterThan(500);
    expect(new Set(rows.map((row) => row.contig))).toEqual(new Set(["1", "MT"]));
    expect(rows.some((row) => row.filters === null) && rows.some((row) => row.qual === null)).toBe(true);
  });

  it("looking at each allele and asking the query engine give the same lists, pages and counts", async () => {
    let listed = 0;
    for (let round = 0; round < 120; round += 1) {
      const predicate = anyPredicate(2);
      const order = pick(VARIANT_ORDERS);
      const whole = await looking.list(predicate, order, null, 10_000);
      const after = whole.length === 0 ? null : (whole[random(whole.length)]?.position ?? null);
      const same = (left: unknown, right: unknown): void => {
        if (isDeepStrictEqual(left, right)) return;
        throw new Error(JSON.stringify({ order, predicate, after, left, right }));
      };
      same(ids(await asking.list(predicate, order, null, 10_000)), ids(whole));
      same(ids(await asking.list(predicate, order, after, 7)), ids(await looking.list(predicate, order, after, 7)));
      same(await asking.count(predicate), whole.length);
      listed += whole.length;
    }
    expect(listed).toBeGreaterThan(3_000);
  }, 120_000);

  it("a list that begins by looking and goes on by asking has every match once", async () => {
    const { signal } = new AbortController();
    const all: Predicate = { kind: "and", parts: [] };
    const half = createVariantListing({ reader, tables, signal, budget: 100 });
    expect(ids(await half.list(all, "POSITION", null, 400))).toEqual(
      ids(await looking.list(all, "POSITION", null, 400)),
    );
  });
});

describe("Spark SQL", () => {
  let twin: SparkTwin;
  beforeAll(async () => {
    twin = await openSparkTwin(directory, reader.catalog);
  }, STACK_TIMEOUT_MS);
  afterAll(() => twin.close());

  it(
    "gives the same lists, pages, counts and facets as DuckDB, whatever is asked",
    async () => {
      const { signal } = new AbortController();
      const sparkling = createVariantListing({ reader, tables: twin.tables, signal, budget: 0 });
      const facets = FACET_FIELDS.map((field) => ({ field, size: 5 }));
      const startedAt = Date.now();
      let listed = 0;
      for (let round = 0; round < SPARK_ROUNDS && Date.now() - startedAt < SPARK_MS; round += 1) {
        const predicate = anyPredicate(2);
        const order = pick(VARIANT_ORDERS);
        const whole = await asking.list(predicate, order, null, 10_000);
        const after = whole.length === 0 ? null : (whole[random(whole.length)]?.position ?? null);
        const same = (left: unknown, right: unknown): void => {
          if (isDeepStrictEqual(left, right)) return;
          throw new Error(JSON.stringify({ order, predicate, after, left, right }));
        };
        same(ids(await sparkling.list(predicate, order, null, 10_000)), ids(whole));
        same(ids(await sparkling.list(predicate, order, after, 7)), ids(await asking.list(predicate, order, after, 7)));
        same(await sparkling.count(predicate), whole.length);
        if (round % 4 === 0)
          same(
            await countFacets(reader, twin.tables, predicate, facets, signal),
            await countFacets(reader, tables, predicate, facets, signal),
          );
        listed += whole.length;
      }
      expect(listed).toBeGreaterThan(0);
    },
    STACK_TIMEOUT_MS,
  );
});
