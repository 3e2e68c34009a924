import { describe, expect, it } from "@jest/globals";
import { ESLint } from "eslint";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** Each offends one row of the import table; the file exists, so that its place in the tree is real. */
const OFFENCES: readonly (readonly [file: string, text: string, rule: string])[] = [
  [
    "src/domain/ledger.ts",
    'import { sql } from "../backend/sql.js";\nexport const x = sql;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/engine/parquet.ts",
    'import { publishRun } from "../lake/publish.js";\nexport const x = publishRun;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/lake/publish.ts",
    'import { JOBS } from "../jobs/index.js";\nexport const x = JOBS;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/views/page.ts",
    'import { startJobWorker } from "../worker/job-worker.js";\nexport const x = startJobWorker;',
    "import-x/no-restricted-paths",
  ],
  ["src/jobs/run.ts", 'import { Job } from "../schema/job.js";\nexport const x = Job;', "import-x/no-restricted-paths"],
  [
    "src/ingest/streams/job.ts",
    'import { JOBS } from "../../jobs/index.js";\nexport const x = JOBS;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/schema/cost.ts",
    'import { JobResolver } from "../resolvers/job.js";\nexport const x = JobResolver;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/resolvers/service.ts",
    'import { createEmbeddedFiles } from "../backend/embedded/files.js";\nexport const x = createEmbeddedFiles;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/fetch/slice.ts",
    'import { publishRun } from "../lake/publish.js";\nexport const x = publishRun;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/simulate/demo.ts",
    'import { publishRun } from "../lake/publish.js";\nexport const x = publishRun;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/views/page.ts",
    'import { follow } from "../../clients/js/src/index.js";\nexport const x = follow;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/bgzf.ts",
    'import { messageOf } from "./errors.js";\nexport const x = messageOf;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/cli/token.ts",
    'import { startServer } from "../server.js";\nexport const x = startServer;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/server.ts",
    'import { createEmbeddedFiles } from "./backend/embedded/files.js";\nexport const x = createEmbeddedFiles;',
    "import-x/no-restricted-paths",
  ],
  [
    "src/views/page.ts",
    'import { DuckDBInstance } from "@duckdb/node-api";\nexport const x = DuckDBInstance;',
    "no-restricted-imports",
  ],
  ["src/engine/parquet.ts", 'import { open } from "lmdb";\nexport const x = open;', "no-restricted-imports"],
  ["src/lake/catalog.ts", 'import { Kafka } from "kafkajs";\nexport const x = Kafka;', "no-restricted-imports"],
  ["src/views/page.ts", "export const x = process.env;", "no-restricted-syntax"],
  ["src/views/page.ts", "export function x(): void {\n  process.exit(1);\n}", "no-restricted-syntax"],
  ["src/main.ts", "export const x = process.env;", "no-restricted-syntax"],
  ["src/config.ts", "export function x(): void {\n  process.exit(1);\n}", "no-restricted-syntax"],
  ["src/views/page.ts", "export default 1;", "import-x/no-default-export"],
  [
    "src/views/page.ts",
    "export function x(): void {\n  Promise.resolve(1);\n}",
    "@typescript-eslint/no-floating-promises",
  ],
];

describe("the import table and the house rules", () => {
  const eslint = new ESLint({ cwd: ROOT });

  it.each(OFFENCES)("%s may not hold %j: %s fires", async (file, text, rule) => {
    const [result] = await eslint.lintText(`${text}\n`, { filePath: resolve(ROOT, file) });
    expect(result?.messages.map(({ ruleId }) => ruleId)).toContain(rule);
  });

  it("names every folder and file below src, but for the composition roots", async () => {
    const config = (await eslint.calculateConfigForFile(resolve(ROOT, "src/app.ts"))) as {
      rules: Record<string, [number, { zones: { target: string }[] }]>;
    };
    const zones = config.rules["import-x/no-restricted-paths"]?.[1].zones ?? [];
    const named = new Set(zones.map(({ target }) => target.replace("./src/", "")));
    const found = readdirSync(resolve(ROOT, "src")).flatMap((name) =>
      name === "backend" ? readdirSync(resolve(ROOT, "src/backend")).map((inner) => `backend/${inner}`) : [name],
    );
    expect(found.filter((name) => !named.has(name)).sort()).toEqual(["app", "app.ts", "thread.ts"]);
  });
});
