import { transformFile } from "@swc/core";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Compiles these sources and all they import, for child processes that have no loader; answers the folder that stands
 * for `src`. It lies below `node_modules`, so that packages resolve.
 */
export async function compileSources(name: string, entries: readonly string[]): Promise<string> {
  const out = join(ROOT, "node_modules/.cache/vitalome", `${name}-${String(process.pid)}`);
  const seen = new Set<string>();
  const queue = entries.map((entry) => join(ROOT, "src", entry));
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "package.json"), '{ "type": "module" }');
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    if (seen.has(source)) continue;
    seen.add(source);
    const { code } = await transformFile(source, {
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
      module: { type: "es6" },
    });
    const target = join(out, relative(join(ROOT, "src"), source).replace(/\.ts$/, ".js"));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
    for (const [, path = ""] of code.matchAll(/from "(\.[^"]+)\.js"/g)) {
      const imported = join(dirname(source), `${path}.ts`);
      if (!existsSync(imported)) throw new Error(`${source} imports ${path}`);
      queue.push(imported);
    }
  }
  return out;
}
