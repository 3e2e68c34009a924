import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VitalomeError } from "../../errors.js";

/** The configuration that is shared with the images: deploy/local of this checkout or installation. */
export const TEMPLATES = resolve(import.meta.dirname, "../../../deploy/local");

/** Fills in `{{name}}` in each file of a folder of templates; a name without a value is a fault of ours. */
export async function renderAll(
  folder: string,
  names: readonly string[],
  target: string,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const name of names) {
    const text = await readFile(join(TEMPLATES, folder, name), "utf8");
    // Two parts share files, and one may read them already: each appears whole.
    const temporary = join(target, `${name}.${randomUUID()}`);
    await writeFile(temporary, fill(text, values));
    await rename(temporary, join(target, name));
  }
}

export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new VitalomeError("INTERNAL_SERVER_ERROR", `the template asks for ${name}`);
    return String(value);
  });
}
