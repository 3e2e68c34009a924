import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VitalomeError, systemCodeOf } from "../errors.js";
import { recordsOf } from "./clinical.js";
import { dirtyRecords, dirtyVcfLines } from "./dirty.js";
import { RESOURCE_TYPES } from "./fhir.js";
import { KNOWLEDGE_FILES } from "./knowledge.js";
import { createDemoWriter, type DemoFile, type DemoWriter } from "./files.js";
import { SHEET_HEADER, cohortOf, personAt, sheetLine } from "./people.js";
import { findRegions } from "./regions.js";
import { vcfOf } from "./vcf.js";

export interface DemoRequest {
  readonly directory: string;
  /** Default 500. */
  readonly people?: number;
  /** 0 to 2^32 - 1; default 1. */
  readonly seed?: number;
  /** Names of genes; default all. */
  readonly genes?: readonly string[];
  /** Adds lines that a reader must refuse; default false. */
  readonly isDirty?: boolean;
  readonly signal?: AbortSignal;
  /** Share of the work that is done, 0 to 1, and what is being written. */
  readonly onProgress?: (share: number, path: string) => void;
}

/** What lies in the folder; also the content of its marker file. */
export interface DemoManifest {
  readonly note: string;
  readonly generator: number;
  readonly seed: number;
  readonly people: number;
  readonly genes: readonly string[];
  readonly isDirty: boolean;
  /** The call set the VCF files belong to. */
  readonly callSet: string;
  readonly isComplete: boolean;
  readonly files: readonly DemoFile[];
}

export interface DemoReport extends DemoManifest {
  readonly directory: string;
  /** False where the folder held it already. */
  readonly isNew: boolean;
}

/** Changes whenever the same seed gives other bytes. */
const GENERATOR = 2;
const MARKER = "vitalome-demo.json";
const OURS = ["vcf", "fhir", "annotations", "samples.tsv"] as const;
const NOTE = "SIMULATED: no real person, nothing measured. Research and decision support only.";
const MOST_PEOPLE = 999_999;

/**
 * Writes a simulated cohort: `vcf/*.vcf.gz`, `samples.tsv`, `fhir/*.ndjson`, what is known of its genes and sites as
 * `annotations/*.tsv`, and last the marker that says so. The same request gives the same text. A folder that holds the whole of the same request is left as it is; one that a killed run
 * left behind is written anew; any other that is not empty is CONFLICT. Memory: 28 bytes a person.
 */
export async function writeDemo(request: DemoRequest): Promise<DemoReport> {
  const { directory, signal } = request;
  const regions = findRegions(request.genes ?? []);
  const started: DemoManifest = {
    note: NOTE,
    generator: GENERATOR,
    seed: checked("seed", request.seed ?? 1, 0, 0xffffffff),
    people: checked("people", request.people ?? 500, 1, MOST_PEOPLE),
    genes: regions.map(({ name }) => name),
    isDirty: request.isDirty ?? false,
    callSet: `SIMULATED-${String(request.seed ?? 1)}`,
    isComplete: false,
    files: [],
  };
  const present = await findPresent(directory, started);
  if (present !== null) return { ...present, directory, isNew: false };
  const { seed, people, isDirty } = started;
  try {
    await mkdir(join(directory, "vcf"), { recursive: true });
    await mkdir(join(directory, "fhir"), { recursive: true });
    await mkdir(join(directory, "annotations"), { recursive: true });
    await mark(directory, started);
    const files: DemoFile[] = [];
    const steps = regions.length + 1;
    const cohort = cohortOf(seed, people);
    for (const [index, region] of regions.entries()) {
      const path = `vcf/${started.callSet}.${region.name}.vcf.gz`;
      request.onProgress?.(index / steps, path);
      const writers = { vcf: await createDemoWriter(directory, path, "vcf") };
      const [file] = await finish(writers, async ({ vcf }) => {
        for (const { text, rows } of vcfOf(seed, region, cohort)) {
          signal?.throwIfAborted();
          await vcf.write(text, rows);
        }
        if (!isDirty || index > 0) return;
        for (const line of dirtyVcfLines(region, people)) await vcf.write(Buffer.from(`${line}\n`), 1);
      });
      files.push(file!);
    }
    files.push(...(await writePeople(request, started, regions.length / steps)));
    files.push(...(await writeKnowledge(directory, started.genes)));
    const done = { ...started, isComplete: true, files };
    await mark(directory, done);
    return { ...done, directory, isNew: true };
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (code !== "ENOSPC" && code !== "EDQUOT") throw thrown;
    throw new VitalomeError("STORAGE_FULL", `no room left in ${directory}`, { cause: thrown });
  }
}

/** The sample sheet and the records, person by person. */
async function writePeople(
  { directory, signal, onProgress }: DemoRequest,
  { seed, people, isDirty }: DemoManifest,
  share: number,
): Promise<readonly DemoFile[]> {
  const writers: Record<string, DemoWriter> = { samples: await createDemoWriter(directory, "samples.tsv", "samples") };
  for (const type of RESOURCE_TYPES) {
    writers[type] = await createDemoWriter(directory, `fhir/${type}.ndjson`, "fhir");
  }
  return finish(writers, async () => {
    await writers["samples"]!.write(Buffer.from(`${SHEET_HEADER}\n`), 0);
    for (let index = 0; index < people; index += 1) {
      signal?.throwIfAborted();
      if (index % 100 === 0) onProgress?.(share + ((1 - share) * index) / people, "fhir");
      const person = personAt(seed, index);
      await writers["samples"]!.write(Buffer.from(`${sheetLine(person)}\n`), 1);
      for (const record of recordsOf(seed, person)) {
        await writers[record.resourceType]!.write(Buffer.from(`${JSON.stringify(record)}\n`), 1);
      }
    }
    if (!isDirty) return;
    for (const [type, line] of dirtyRecords(seed)) await writers[type]!.write(Buffer.from(`${line}\n`), 1);
  });
}

async function writeKnowledge(directory: string, genes: readonly string[]): Promise<readonly DemoFile[]> {
  const files: DemoFile[] = [];
  for (const { path, header, rowsOf } of KNOWLEDGE_FILES) {
    const rows = rowsOf(genes);
    const writers = { table: await createDemoWriter(directory, path, "annotations") };
    const text = [header, ...rows].map((cells) => `${cells.join("\t")}\n`).join("");
    files.push(...(await finish(writers, async ({ table }) => table.write(Buffer.from(text), rows.length))));
  }
  return files;
}

/** Ends every writer after the work, or lets go of all. */
async function finish<T extends Readonly<Record<string, DemoWriter>>>(
  writers: T,
  work: (writers: T) => Promise<void>,
): Promise<readonly DemoFile[]> {
  try {
    await work(writers);
    const files: DemoFile[] = [];
    for (const writer of Object.values(writers)) files.push(await writer.end());
    return files;
  } catch (thrown) {
    await Promise.allSettled(Object.values(writers).map((writer) => writer.abandon()));
    throw thrown;
  }
}

/** The manifest where the folder holds all of it; null where it is empty or has just been emptied of a half-written one. */
async function findPresent(directory: string, wanted: DemoManifest): Promise<DemoManifest | null> {
  const names = await readdir(directory).catch((thrown: unknown) => {
    if (systemCodeOf(thrown) === "ENOENT") return [] as string[];
    throw thrown;
  });
  if (names.length === 0) return null;
  const found = names.includes(MARKER) ? await readMarker(directory) : null;
  if (found === null) throw conflict(directory, "holds other files");
  if (identity(found) !== identity(wanted)) {
    const { seed, people } = found;
    throw conflict(directory, `holds another simulation (seed ${String(seed)}, ${String(people)} people)`);
  }
  if (!found.isComplete) {
    for (const name of OURS) await rm(join(directory, name), { recursive: true, force: true });
    return null;
  }
  for (const { path, bytes } of found.files) {
    const size = await stat(join(directory, path)).then(
      (stats) => stats.size,
      () => null,
    );
    if (size !== bytes) throw conflict(directory, `no longer holds ${path} as it was written`);
  }
  return found;
}

async function readMarker(directory: string): Promise<DemoManifest | null> {
  try {
    return JSON.parse(await readFile(join(directory, MARKER), "utf8")) as DemoManifest;
  } catch {
    return null;
  }
}

async function mark(directory: string, manifest: DemoManifest): Promise<void> {
  const temporary = join(directory, `.${MARKER}.part`);
  await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  await rename(temporary, join(directory, MARKER));
}

function identity({ generator, seed, people, genes, isDirty }: DemoManifest): string {
  return JSON.stringify([generator, seed, people, genes, isDirty]);
}

function conflict(directory: string, what: string): VitalomeError {
  return new VitalomeError("CONFLICT", `${directory} ${what}: name an empty folder`);
}

function checked(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const expected = `a whole number from ${String(min)} to ${String(max)}`;
  throw new VitalomeError("BAD_USER_INPUT", `${field}: expected ${expected}, found ${String(value)}`, {
    details: { field, expected },
  });
}
