/**
 * Reads files of knowledge and of people with the compiled TypeScript sources and prints each outcome, as JSON lines: for
 * the PySpark twin to be compared with. Cases come as JSON lines.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const DIST = resolve(import.meta.dirname, "../../../dist");
const { readAnnotations } = await import(join(DIST, "ingest/sources/annotations/index.js"));
const { readClinical } = await import(join(DIST, "ingest/sources/clinical/index.js"));

const RAW_UNITS = 64 << 10;
const out = [];
const print = (value) => {
  out.push(JSON.stringify(value));
  if (out.length > 1000) flush();
};
const flush = () => process.stdout.write(out.length === 0 ? "" : `${out.splice(0).join("\n")}\n`);

async function annotations(open, { build }) {
  const { recordsRead, ...head } = await readAnnotations(
    open,
    {
      record: (record, line) => print({ kind: "record", line, record }),
      filter: (rule) => print({ kind: "filter", rule }),
      reject: (rejection) => print({ kind: "reject", ...rejection }),
      flush: async () => {},
    },
    { build },
  );
  print({ kind: "summary", recordsRead, ...head });
}

async function clinical(open, { sampleSystems, known }) {
  const { recordsRead } = await readClinical(
    open,
    {
      record: ({ raw, ...record }) => print({ kind: "record", ...record, raw: raw.slice(0, RAW_UNITS) }),
      filter: (rule) => print({ kind: "filter", rule }),
      reject: ({ raw, ...rejection }) => print({ kind: "reject", ...rejection, raw: raw.slice(0, RAW_UNITS) }),
      flush: async () => {},
    },
    {
      sampleSystems,
      knownBy: known === null ? null : (subject) => (Object.hasOwn(known, subject) ? known[subject] : []),
    },
  );
  print({ kind: "summary", recordsRead });
}

for await (const line of createInterface({ input: process.stdin })) {
  const testCase = JSON.parse(line);
  const bytes = readFileSync(testCase.path);
  const open = async function* () {
    for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16));
  };
  try {
    await (testCase.source === "annotations" ? annotations : clinical)(open, testCase);
  } catch (thrown) {
    const { code, message, details } = thrown;
    if (code === undefined) print({ kind: "crash", message });
    else {
      const { line: at = null, field = null, expected = null } = details;
      print({ kind: "refused", code, message, line: at, field, expected });
    }
  }
  print({ kind: "end" });
}
flush();
