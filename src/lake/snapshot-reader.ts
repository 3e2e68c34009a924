import type { CallSetKind } from "../domain/call-set.js";
import type { Build } from "../domain/contig.js";
import type { SampleFlag, SampleGroup, Sex } from "../domain/sample.js";
import type { VariantKey } from "../domain/variant.js";
import type { Region } from "../domain/variant-filter.js";
import type { Engine } from "../engine/duckdb.js";
import { parquetRows } from "../engine/parquet.js";
import { createAnnotationReader, type AnnotationReader } from "./annotation-reader.js";
import { decodeBlock, type ReferenceBlock } from "./block-row.js";
import { decodeCalls, type CallRow } from "./call-row.js";
import { createLoggedReader, type LoggedReader } from "./logged-reader.js";
import { createPeopleReader, type PeopleReader } from "./people-reader.js";
import { createCallSetDirectory, type CallSetDirectory, type CallSetFacts } from "./call-sets.js";
import { filesOf, type Catalog, type DataFile } from "./catalog.js";
import type { FileCache } from "./file-cache.js";
import { openKeyIndex, type BlockCache, type KeyIndex } from "./key-index.js";
import {
  afterPrefix,
  alleleKey,
  callSetAlleleKey,
  idPrefix,
  placePrefix,
  positionBytes,
  sectionEnd,
  sectionStart,
} from "./variant-keys.js";
import { decodeVariantRow, type VariantRow } from "./variant-row.js";

/** Points, regions and the genotypes of one allele, straight from the key indexes of one snapshot. */
export interface SnapshotReader {
  readonly catalog: Catalog;
  readonly callSets: CallSetDirectory;
  /** Genes and clinical statements. */
  readonly annotations: AnnotationReader;
  readonly people: PeopleReader;
  /** What came from the log: readings, windows, alerts, jobs. */
  readonly logged: LoggedReader;
  /** What each call set says about one allele. */
  rowsOf(key: VariantKey): readonly VariantRow[];
  /** Rows whose REF overlaps the region, in key order: the rows of one allele are neighbours. */
  rowsIn(region: Region, after: VariantKey | null): Generator<VariantRow>;
  /** All rows in key order. */
  allRows(after: VariantKey | null): Generator<VariantRow>;
  /** Rows of alleles that begin at one 1-based position. */
  rowsAt(build: Build, contig: string, pos: number): readonly VariantRow[];
  /** Rows with an alias such as an rsID. */
  rowsNamed(name: string): readonly VariantRow[];
  callsOf(row: VariantRow): readonly CallRow[];
  /** Reference intervals that cover a 1-based position. */
  blocksAt(build: Build, contig: string, pos: number): readonly ReferenceBlock[];
}

export interface SnapshotReaders {
  open(catalog: Catalog): Promise<SnapshotReader>;
  close(): void;
}

export interface SnapshotReadersOptions {
  /** Where index files and the small tables that describe call sets are read. */
  readonly copies: FileCache;
  /** Reads what `copies` brings. */
  readonly engine: Engine;
  readonly cache: BlockCache;
}

const OPEN_READERS = 16;

/**
 * Index files never change, so one descriptor serves every snapshot that holds the file. It is closed once no reader is in use
 * that has it: tables that are written again every ten minutes would else use up all there are.
 */
export function createSnapshotReaders({ copies, engine, cache }: SnapshotReadersOptions): SnapshotReaders {
  const indexes = new Map<string, WeakRef<KeyIndex>>();
  const readers = new Map<number, Promise<SnapshotReader>>();

  /** Opens what the snapshot holds and no earlier one did. What is open stays readable when its copy goes. */
  async function openIndexes(catalog: Catalog): Promise<ReadonlyMap<string, KeyIndex>> {
    for (const [path, index] of indexes) if (index.deref() === undefined) indexes.delete(path);
    const files = Object.values(catalog.tables).flatMap((table) => table.files.flatMap((file) => file.indexes));
    const opened = new Map<string, KeyIndex>();
    const opening = files.map(async (file) => {
      const known = indexes.get(file.path)?.deref();
      if (known !== undefined) opened.set(file.path, known);
      else {
        await copies.hold([file], ([path = ""]) => {
          const index = indexes.get(file.path)?.deref() ?? openKeyIndex(path, cache);
          indexes.set(file.path, new WeakRef(index));
          opened.set(file.path, index);
          return Promise.resolve();
        });
      }
    });
    await Promise.all(opening);
    return opened;
  }

  async function create(catalog: Catalog): Promise<SnapshotReader> {
    const opened = await openIndexes(catalog);
    const indexesOfFile = (file: DataFile): readonly KeyIndex[] =>
      file.indexes.map(({ path }) => {
        const index = opened.get(path);
        if (index === undefined) throw new TypeError("an index of the snapshot is not open");
        return index;
      });
    const indexesOf = (of: Catalog, table: string): readonly KeyIndex[] => filesOf(of, table).flatMap(indexesOfFile);
    const variants = indexesOf(catalog, "variants");
    const calls = indexesOf(catalog, "calls");
    const blocks = indexesOf(catalog, "reference_blocks");
    const callSets = await readCallSets(engine, copies, catalog);

    function rowsWithin(from: Buffer, to: Buffer): readonly VariantRow[] {
      return variants.flatMap((index) => [...index.scan(from, to)].map((entry) => decodeVariantRow(entry.value)));
    }

    return {
      catalog,
      callSets,
      annotations: createAnnotationReader(catalog, indexesOfFile),
      people: createPeopleReader((table) => indexesOf(catalog, table)),
      logged: createLoggedReader(catalog, indexesOfFile),
      rowsOf(key) {
        const from = alleleKey("variant", key);
        return rowsWithin(from, afterPrefix(from));
      },
      *rowsIn({ build, contig, start0, end0 }, after) {
        const prefix = placePrefix("variant", build, contig);
        const sources = variants.map((index) => {
          if (after === null) return index.overlapping(prefix, start0 + 1, end0 + 1);
          return overlappingFrom(
            index,
            afterAllele(after),
            Buffer.concat([prefix, positionBytes(end0 + 1)]),
            start0 + 1,
          );
        });
        for (const value of mergeByKey(sources)) yield decodeVariantRow(value);
      },
      *allRows(after) {
        const from = after === null ? sectionStart("variant") : afterAllele(after);
        const sources = variants.map((index) => index.scan(from, sectionEnd("variant")));
        for (const value of mergeByKey(sources)) yield decodeVariantRow(value);
      },
      rowsAt(build, contig, pos) {
        const from = Buffer.concat([placePrefix("variant", build, contig), positionBytes(pos)]);
        return rowsWithin(from, afterPrefix(from));
      },
      rowsNamed(name) {
        const from = idPrefix(name);
        const rows: VariantRow[] = [];
        for (const index of variants) {
          for (const { value } of index.scan(from, afterPrefix(from))) {
            const found = index.get(value);
            if (found !== null) rows.push(decodeVariantRow(found));
          }
        }
        return rows;
      },
      callsOf(row) {
        const key = callSetAlleleKey("call", row, row.callSetId);
        for (const index of calls) {
          const found = index.get(key);
          if (found !== null) return decodeCalls(found);
        }
        return [];
      },
      blocksAt(build, contig, pos) {
        const prefix = placePrefix("block", build, contig);
        return blocks.flatMap((index) =>
          [...index.overlapping(prefix, pos, pos + 1)].map((entry) => decodeBlock(entry.value)),
        );
      },
    };
  }

  return {
    open(catalog) {
      let reader = readers.get(catalog.snapshot);
      if (reader === undefined) {
        reader = create(catalog);
        readers.set(catalog.snapshot, reader);
        reader.catch(() => readers.delete(catalog.snapshot));
        for (const oldest of readers.keys()) {
          if (readers.size <= OPEN_READERS) break;
          readers.delete(oldest);
        }
      }
      return reader;
    },
    close() {
      for (const index of indexes.values()) index.deref()?.close();
      indexes.clear();
      readers.clear();
    },
  };
}

function afterAllele(key: VariantKey): Buffer {
  return afterPrefix(alleleKey("variant", key));
}

/** The rest of an overlap query: positions only grow, so what begins later and reaches the start belongs to it. */
function* overlappingFrom(index: KeyIndex, from: Buffer, to: Buffer, start: number): Generator<Keyed> {
  if (Buffer.compare(from, to) >= 0) return;
  for (const entry of index.scan(from, to)) if (entry.end > start) yield entry;
}

interface Keyed {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Merges sorted sources; there are as many as data files, so the smallest is found by looking at each. */
function* mergeByKey(sources: readonly Generator<Keyed>[]): Generator<Buffer> {
  const heads: { entry: Keyed; source: Generator<Keyed> }[] = [];
  for (const source of sources) {
    const next = source.next();
    if (next.done !== true) heads.push({ entry: next.value, source });
  }
  while (heads.length > 0) {
    let least = 0;
    for (let index = 1; index < heads.length; index += 1) {
      const candidate = heads[index];
      const current = heads[least];
      if (
        candidate !== undefined &&
        current !== undefined &&
        Buffer.compare(candidate.entry.key, current.entry.key) < 0
      )
        least = index;
    }
    const head = heads[least];
    if (head === undefined) return;
    yield head.entry.value;
    const next = head.source.next();
    if (next.done === true) heads.splice(least, 1);
    else head.entry = next.value;
  }
}

async function readCallSets(engine: Engine, copies: FileCache, catalog: Catalog): Promise<CallSetDirectory> {
  const rowsOf = async (table: string, order: string): Promise<Record<string, unknown>[]> => {
    const files = filesOf(catalog, table);
    if (files.length === 0) return [];
    return copies.hold(files, (paths) => engine.rows(`SELECT * FROM ${parquetRows(paths)} ORDER BY ${order}`));
  };
  const files = await rowsOf("call_sets", "call_set_id, file, sha256");
  const samples = await rowsOf("samples", "call_set_id, sample_index, in_sheet");
  const groupRows = await rowsOf("sample_groups", "groups_id, group_index");
  const groups = new Map<string, SampleGroup[]>();
  for (const row of groupRows) {
    const id = String(row["groups_id"]);
    const list = groups.get(id) ?? [];
    list[Number(row["group_index"])] = {
      population: row["population"] as string | null,
      sex: row["sex"] as Sex | null,
    };
    groups.set(id, list);
  }
  const callSets = new Map<string, Record<string, unknown>[]>();
  for (const row of files) {
    const id = String(row["call_set_id"]);
    callSets.set(id, [...(callSets.get(id) ?? []), row]);
  }
  const facts = [...callSets].map(([id, rows]) =>
    callSetOf(
      id,
      rows,
      samples.filter((row) => row["call_set_id"] === id),
    ),
  );
  return createCallSetDirectory(facts, groups);
}

const KIND_ORDER: readonly CallSetKind[] = ["GVCF", "FORCED_SITES", "COHORT_VARIANTS_ONLY", "SINGLE_VARIANTS_ONLY"];

function callSetOf(
  id: string,
  files: readonly Record<string, unknown>[],
  sampleRows: readonly Record<string, unknown>[],
): CallSetFacts {
  const samples: string[] = [];
  const facts = new Map<string, CallSetFacts["facts"] extends ReadonlyMap<string, infer F> ? F : never>();
  const flags = new Map<string, SampleFlag>();
  const list = (value: unknown): string[] => (typeof value === "string" && value !== "" ? value.split(",") : []);
  for (const row of sampleRows) {
    const sampleId = String(row["sample_id"]);
    samples[Number(row["sample_index"])] = sampleId;
    if (row["in_sheet"] === true) {
      facts.set(sampleId, {
        sampleId,
        sex: row["sex"] as Sex | null,
        populations: list(row["populations"]),
        superpopulations: list(row["superpopulations"]),
      });
    }
    if (typeof row["flags"] === "string") {
      for (const flag of JSON.parse(row["flags"]) as Omit<SampleFlag, "sampleId">[]) {
        flags.set(`${sampleId} ${flag.flag}`, { sampleId, ...flag });
      }
    }
  }
  const [first] = files;
  const kinds = files.map((row) => row["kind"] as CallSetKind);
  return {
    id,
    name: (first?.["name"] ?? null) as string | null,
    build: first?.["build"] as Build,
    kind: KIND_ORDER.find((kind) => kinds.includes(kind)) ?? "COHORT_VARIANTS_ONLY",
    caller: (files.find((row) => row["caller"] !== null)?.["caller"] ?? null) as string | null,
    files: [...new Set(files.map((row) => String(row["file"])))],
    samples,
    sites: files.reduce((sum, row) => sum + Number(row["sites"]), 0),
    facts,
    flags: [...flags.values()],
  };
}
