/** `make bench`: every benchmark that finds its data and its peer; `make bench ARGS=ingest` runs one. */
import { readdirSync } from "node:fs";

const wanted = process.argv.slice(2);
const all = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".bench.mjs"))
  .map((name) => name.replace(".bench.mjs", ""));
for (const name of wanted.length > 0 ? wanted : all) {
  if (!all.includes(name)) {
    console.error(`there is no benchmark ${name}; there are: ${all.join(", ")}`);
    process.exitCode = 2;
  } else {
    const { default: run } = await import(`./${name}.bench.mjs`);
    await run();
  }
}
