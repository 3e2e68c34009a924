/**
 * Reads VCF files with the compiled TypeScript reader and stager and prints what came of each, as JSON lines: for the
 * PySpark twin to be compared with. Cases come as JSON lines; long columns of integers and texts are printed as digests.
 */
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const DIST = resolve(import.meta.dirname, "../../../dist");
const { readVcf } = await import(join(DIST, "ingest/sources/vcf/index.js"));
const { openFasta } = await import(join(DIST, "ingest/sources/fasta.js"));
const { parseSampleSheet } = await import(join(DIST, "ingest/sources/sample-sheet.js"));
const { createCallSetDraft } = await import(join(DIST, "jobs/ingest-variants/call-set-draft.js"));
const { ingestFile } = await import(join(DIST, "jobs/ingest-variants/ingest-file.js"));
const { VARIANT_COLUMNS, STRUCTURAL_COLUMNS, BLOCK_COLUMNS } = await import(
  join(DIST, "jobs/ingest-variants/staging.js")
);

const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const int32 = (value) => new Int32Array([value])[0];

function digest(...parts) {
  const hash = createHash("sha1");
  for (const part of parts) {
    if (part === null) hash.update("-");
    else if (ArrayBuffer.isView(part)) hash.update(Int32Array.from(part));
    else hash.update(JSON.stringify(part));
    hash.update("\n");
  }
  return hash.digest("hex");
}

function readerRecord({ genotypes, ...fixed }) {
  const { texts, base, count, sample, code, dp, gq, minDp, ad, ps, filters } = genotypes;
  const cut = (column) => (column === null ? null : column.slice(0, count));
  return {
    ...fixed,
    base: texts[base]?.text ?? null,
    count,
    genotypes: digest(
      cut(sample),
      [...cut(code)].map((one) => texts[one].text),
      cut(dp),
      cut(gq),
      cut(minDp),
      ad === null ? null : ad.values.slice(0, count * ad.alleles),
      cut(ps),
      cut(filters),
    ),
  };
}

/** What the embedded tables would hold: 32-bit columns wrap around. */
function tableRow(columns, row) {
  const named = {};
  Object.entries(columns).forEach(([name, type], index) => {
    const value = row[index] ?? null;
    if (name === "vi" || name === "file_index") return;
    if (value === null) named[name] = null;
    else if (type === "integer") named[name] = int32(value);
    else if (type === "integers") named[name] = digest(value);
    else named[name] = typeof value === "bigint" ? String(value) : value;
  });
  return named;
}

function createStaging() {
  const dictionary = () => {
    const codes = new Map();
    const texts = [];
    const code = (text) => {
      if (!codes.has(text)) codes.set(text, texts.push(text) - 1);
      return codes.get(text);
    };
    return { texts, code };
  };
  const genotypes = dictionary();
  const texts = dictionary();
  const rows = { variants: [], structural: [], blocks: [] };
  const calls = new Map();
  const columns = Array.from({ length: 9 }, () => new Int32Array(1));
  const appender = (table, names) => ({
    append: (row) => rows[table].push([row[0], tableRow(names, row)]),
    flush() {},
  });
  return {
    variants: appender("variants", VARIANT_COLUMNS),
    structural: appender("structural", STRUCTURAL_COLUMNS),
    blocks: appender("blocks", BLOCK_COLUMNS),
    calls: {
      columns,
      length: 0,
      advance() {
        const row = columns.map((column) => column[0]);
        const known = calls.get(row[0]);
        if (known === undefined) calls.set(row[0], [row]);
        else known.push(row);
      },
      flush() {},
    },
    genotypeCode: genotypes.code,
    textCode: texts.code,
    flush() {},
    *tables() {
      for (const [vi, row] of rows.variants) {
        const listed = calls.get(vi) ?? [];
        const column = (index) => Int32Array.from(listed, (call) => call[index]);
        const text = (index, of) => listed.map((call) => (call[index] < 0 ? null : of[call[index]]));
        const numbers = [1, 3, 4, 5, 6].map(column);
        yield [
          "variants",
          { ...row, calls: digest(...numbers, text(2, genotypes.texts), text(7, texts.texts), text(8, texts.texts)) },
        ];
      }
      for (const [, row] of rows.structural) yield ["structural", row];
      for (const [, row] of rows.blocks) yield ["blocks", row];
    },
  };
}

function printHeader(header) {
  const definitions = (map) => Object.fromEntries([...map].map(([id, { number, type }]) => [id, [number, type]]));
  const filters = Object.fromEntries([...header.filters].map(([id, { description }]) => [id, description]));
  const { infos, formats, ...plain } = header;
  print({ kind: "header", ...plain, filters, infos: definitions(infos), formats: definitions(formats) });
}

async function readAll(bytes, { assemblyId }) {
  const chunks = async function* () {
    yield bytes;
  };
  const sink = {
    header: printHeader,
    record: (record) => print({ kind: "record", ...readerRecord(record) }),
    reject: (rejection) => print({ kind: "reject", ...rejection }),
    async flush() {},
  };
  const summary = await readVcf(chunks(), sink, { build: assemblyId });
  print({ kind: "summary", ...summary, bytes: 0 });
}

async function stageAll(testCase, folder) {
  const { path, name, assemblyId, callSet, sheet, reference, filters } = testCase;
  const staging = createStaging();
  const facts = sheet === null ? new Map() : parseSampleSheet(readFileSync(sheet, "utf8"), "sheet.tsv");
  const fasta = reference === null ? null : openFasta(reference, "reference.fa");
  const context = {
    quarantineDirectory: folder,
    files: { read: () => createReadStream(path), stat: async () => ({ bytes: statSync(path).size }) },
    signal: new AbortController().signal,
  };
  let nextRow = 0;
  const file = await ingestFile(context, {
    fileIndex: 0,
    uri: `raw:${"0".repeat(64)}/${name}`,
    parameters: { assemblyId, ...filters },
    reference: fasta,
    engine: { async run() {} },
    staging,
    nextRow: () => nextRow++,
    callSetFor: (build, columns) => createCallSetDraft(build, columns, callSet, null, facts),
    progressOf: () => {},
  });
  fasta?.close();
  if (file.status === "refused") return print({ kind: "refused", ...file.refusal });
  for (const [table, row] of staging.tables()) print({ kind: table, ...row });
  const { grouping, flags, facts: known, samples, ...draft } = file.callSet;
  print({ kind: "call_set", ...draft, samples: digest(samples), flags, known: known.size, groups: grouping.groups });
  const lines = file.quarantine.count === 0 ? "" : readFileSync(file.quarantinePath, "utf8");
  const { byRule, samples: kept } = file.quarantine;
  print({ kind: "staged", caller: file.caller, tally: file.tally, quarantine: lines, byRule, kept });
}

const refusalOf = ({ code, message, details }) => ({
  code,
  message,
  line: details?.line ?? null,
  field: details?.field ?? null,
  expected: details?.expected ?? null,
});

for await (const line of createInterface({ input: process.stdin })) {
  const testCase = JSON.parse(line);
  const folder = mkdtempSync(join(tmpdir(), "vitalome-twin-"));
  try {
    await readAll(readFileSync(testCase.path), testCase).catch((thrown) =>
      print({ kind: "fault", ...refusalOf(thrown) }),
    );
    await stageAll(testCase, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  print({ kind: "end" });
}
