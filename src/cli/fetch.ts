import { basename, join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../clock.js";
import { canonicalContig, type Build } from "../domain/contig.js";
import { isVitalomeError } from "../errors.js";
import {
  FETCH_SOURCES,
  KNOWN_GENES,
  checkRegion,
  createHttp,
  fetchSlice,
  fetchWhole,
  fileOf,
  findSource,
  parseRegion,
  regionOfGene,
  type FetchSource,
  type Region,
  type RemoteTools,
  type SourceFile,
} from "../fetch/index.js";
import { assemblyOf } from "./assembly.js";
import { sizeText } from "./ingest-report.js";
import { EXIT, createProgress, failure, outputMode, print, say, type OutputMode } from "./output.js";

interface FetchOptions {
  readonly gene?: readonly string[];
  readonly region?: readonly string[];
  readonly out: string;
  readonly assembly?: string;
  readonly url?: string;
  readonly indexUrl?: string;
  readonly baseUrl?: string;
  readonly checksumUrl?: string;
  readonly checksum: boolean;
  readonly force?: boolean;
  readonly output?: string;
}

/** One file to write. */
interface Wanted {
  readonly name: string;
  readonly file: SourceFile;
  /** Null takes the whole file. */
  readonly region: Region | null;
}

const CACHE = ".fetch-cache";
const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function addFetch(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  program
    .command("fetch")
    .description("Fetch public data, whole or the slice you need. Without a source: list the sources.")
    .argument("[source]", [...new Set(FETCH_SOURCES.map(({ id }) => id))].join(", "))
    .option("--gene <symbol>", "a pharmacogene with 3,000 bases around it, GRCh38; repeatable", repeated)
    .option("--region <region>", "contig:start-end, 1-based, both ends inside; repeatable", repeated)
    .option("--out <folder>", "where files go", ".")
    .option("--assembly <build>", "GRCh38 or GRCh37 (default: GRCh38)")
    .option("--url <url>", "any bgzip VCF with an index (with --region), or any file, instead of a source")
    .option("--index-url <url>", "the index of --url, where it is not that address with .tbi or .csi")
    .option("--base-url <url>", "a mirror that has the source's files under this address")
    .option("--checksum-url <url>", "digests of what --url names: md5, or sha256 where the address says so")
    .option("--no-checksum", "do not ask for the digests the source publishes")
    .option("--force", "replace files that are there")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
A slice reads the remote index and only the blocks it names; cut connections go on where they broke.
Files appear whole or not at all. Written and tested against a local server;
NOT YET TRIED against the real hosts, whose addresses may have moved.
Ends with 0, 1 (refused, damaged, not found), 2 (usage), 4 (server out of reach), 130 (interrupted).

Examples:
  vitalome fetch 1000genomes --gene CYP2C19 --gene VKORC1 --out slices
  vitalome fetch clinvar --assembly GRCh37 --region 7:117120017-117308718
  vitalome fetch --url https://example.org/cohort.vcf.gz --region chr10:94761900-94855547`,
    )
    .action(async (id: string | undefined, options: FetchOptions) => {
      end(await runFetch(id, options, signal));
    });
}

async function runFetch(id: string | undefined, options: FetchOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const build = assemblyOf(options.assembly) ?? "GRCh38";
  if (id !== undefined && options.url !== undefined) throw failure(EXIT.usage, "name a source or --url, not both");
  if (options.url === undefined && (options.indexUrl ?? options.checksumUrl) !== undefined) {
    throw failure(EXIT.usage, "--index-url and --checksum-url go with --url");
  }
  try {
    if (id === undefined && options.url === undefined) return list(mode);
    const source = id === undefined ? null : findSource(id, build);
    const wanted = plan(source, options, build);
    if (source !== null && !source.tried && options.baseUrl === undefined) {
      say(`vitalome: fetching from ${new URL(source.base).host} has not yet been tried; its terms: ${source.terms}`);
    }
    for (const one of wanted) await fetchOne(one, source, build, options, mode, signal);
    return EXIT.ok;
  } catch (thrown) {
    throw translate(thrown, signal);
  }
}

function list(mode: OutputMode): number {
  for (const source of FETCH_SOURCES) {
    const { id, assembly, title, terms, base, whole, tried } = source;
    if (mode === "json") print(JSON.stringify({ source: id, assembly, title, base, terms, whole, tried }));
    else print(`${id.padEnd(16)} ${(assembly ?? "both").padEnd(7)} ${title} (${terms})`);
  }
  if (mode === "text") print(`genes: ${KNOWN_GENES.join(", ")}`);
  return EXIT.ok;
}

/** What is to be written, checked before anything is fetched. */
function plan(source: FetchSource | null, options: FetchOptions, build: Build): readonly Wanted[] {
  const places = [
    ...(options.gene ?? []).map((gene) => ({ label: gene.toUpperCase(), region: regionOfGene(gene, build) })),
    ...(options.region ?? []).map((text) => {
      const region = parseRegion(text);
      return { label: `${canonicalContig(region.contig)}_${String(region.start)}-${String(region.end)}`, region };
    }),
  ];
  const fileFor = (region: Region | null): SourceFile =>
    source === null
      ? { url: options.url ?? "", checksum: digestsAt(options.checksumUrl) }
      : fileOf(source, region?.contig ?? null, options.baseUrl);
  if (places.length === 0) {
    if (source !== null && !source.whole) {
      throw failure(EXIT.usage, `${source.id}: name --gene or --region; whole files are many gigabytes`);
    }
    const file = fileFor(null);
    const name = source?.kind === "vcf" ? `${source.id}.${build}.vcf.gz` : nameOf(file.url);
    return [{ name, file, region: null }];
  }
  if (source?.kind === "file") throw failure(EXIT.usage, `${source.id}: has no index; leave out --gene and --region`);
  return places.map(({ label, region }) => {
    const file = fileFor(region);
    if (source !== null) checkRegion(region, build);
    const stem = source === null ? nameOf(file.url).replace(/\.vcf\.b?gz$/, "") : `${source.id}.${build}`;
    return { name: `${stem}.${label}.vcf.gz`, file, region };
  });
}

function digestsAt(url: string | undefined): SourceFile["checksum"] {
  return url === undefined ? null : { algorithm: /sha-?256/i.test(url) ? "sha256" : "md5", url };
}

function nameOf(url: string): string {
  const name = URL.canParse(url) ? basename(new URL(url).pathname) : "";
  if (name === "") throw failure(EXIT.usage, `--url: expected the address of a file, found ${url}`);
  return name;
}

async function fetchOne(
  { name, file, region }: Wanted,
  source: FetchSource | null,
  build: Build,
  options: FetchOptions,
  mode: OutputMode,
  signal: AbortSignal,
): Promise<void> {
  const path = join(options.out, name);
  const progress = createProgress();
  let received = 0;
  let total: number | null = null;
  const tools: RemoteTools = {
    http: createHttp(),
    clock: systemClock,
    signal,
    onBytes: (bytes) => {
      received += bytes;
      progress.show(`${name}  ${sizeText(received)}${total === null ? "" : ` of ${sizeText(total)}`}`);
    },
  };
  const checksum = options.checksum ? file.checksum : null;
  const common = { url: file.url, path, force: options.force === true, checksum };
  const head = { file: path, source: source?.id ?? null, assembly: source === null ? null : (source.assembly ?? null) };
  try {
    if (region === null) {
      const onSize = (bytes: number | null): void => {
        total = bytes;
      };
      const { path: _path, ...report } = await fetchWhole(tools, { ...common, onSize });
      progress.end();
      const checked = report.isVerified ? "checksum holds" : "no checksum to hold it against";
      print(
        mode === "json"
          ? JSON.stringify({ ...head, ...report, received })
          : `${path}: ${sizeText(report.bytes)}, ${checked}`,
      );
    } else {
      const cacheFolder = join(options.out, CACHE);
      const slice = { ...common, region, cacheFolder, indexUrl: options.indexUrl };
      const { path: _path, ...report } = await fetchSlice(tools, slice);
      progress.end();
      print(
        mode === "json"
          ? JSON.stringify({ ...head, ...report, received })
          : `${path}: ${String(report.records)} records of ${report.region}, ${sizeText(received)} read`,
      );
      if (mode === "text") say(`next: vitalome ingest ${path} --assembly ${build}`);
    }
  } finally {
    progress.end();
  }
}

function translate(thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return failure(EXIT.interrupted, "interrupted; the file under way was left out");
  if (!isVitalomeError(thrown)) return thrown;
  const code =
    thrown.code === "BACKEND_UNAVAILABLE" ? EXIT.unreachable : thrown.code === "BAD_USER_INPUT" ? EXIT.usage : null;
  return code === null ? thrown : failure(code, `${thrown.code}: ${thrown.message}`);
}
