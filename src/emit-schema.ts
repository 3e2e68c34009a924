import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { buildApiSchema } from "./resolvers/build.js";
import { printApiSchema } from "./resolvers/print.js";

/** `--write` puts the schema into schema.graphql; `--check` fails when the committed one is stale. */
const path = resolve(import.meta.dirname, "../schema.graphql");
const printed = printApiSchema(await buildApiSchema());
if (process.argv.includes("--write")) {
  await writeFile(path, printed);
} else {
  const committed = await readFile(path, "utf8").catch(() => "");
  if (committed !== printed) {
    process.stderr.write("schema.graphql is stale: run `npm run schema` and commit what changed\n");
    process.exitCode = 1;
  }
}
