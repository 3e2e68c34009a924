import type { Command } from "commander";
import { isVitalomeError } from "../errors.js";
import { SIMULATED_REGIONS, writeDemo, type DemoReport, type DemoRequest } from "../simulate/index.js";
import { sizeText } from "./ingest-report.js";
import { EXIT, createProgress, failure, outputMode, print, say } from "./output.js";

interface DemoOptions {
  readonly out: string;
  readonly people: string;
  readonly seed: string;
  readonly genes?: string;
  readonly dirty?: boolean;
  readonly output?: string;
}

export function addDemo(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  program
    .command("demo")
    .description("Write a simulated cohort: VCF, a sample sheet, FHIR records. Labelled SIMULATED; no real person.")
    .requiredOption("--out <folder>", "an empty folder, or one that holds the same simulation")
    .option("--people <number>", "how many people", "500")
    .option("--seed <number>", "the same seed gives the same people", "1")
    .option("--genes <list>", `comma-separated, of ${SIMULATED_REGIONS.map(({ name }) => name).join(", ")}`)
    .option("--dirty", "add lines with the faults of real exports")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
Known sites have real positions, alleles, frequencies and haplotypes of five super-populations;
the sites between them are drawn. Conditions are drawn without regard to genotype.
Ends with 0, 1 (the folder holds something else), 2 (usage), 130 (interrupted).

Examples:
  vitalome demo --out demo
  vitalome demo --out demo --people 2000 --seed 7 --genes CYP2C19,CYP2C9,VKORC1
  vitalome demo --out demo --dirty --output json`,
    )
    .action(async (options: DemoOptions) => {
      end(await demo(options, signal));
    });
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const mode = outputMode(options.output);
  const progress = createProgress();
  const request: DemoRequest = {
    directory: options.out,
    people: whole("people", options.people),
    seed: whole("seed", options.seed),
    genes: (options.genes ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()])),
    isDirty: options.dirty === true,
    signal,
    onProgress: (share, path) => {
      progress.show(`${String(Math.round(share * 100))} %  ${path}`);
    },
  };
  try {
    const report = await writeDemo(request);
    progress.end();
    if (mode === "json") print(JSON.stringify(report));
    else printText(report);
    return EXIT.ok;
  } catch (thrown) {
    if (signal.aborted) throw failure(EXIT.interrupted, "interrupted; run again to write it whole");
    if (isVitalomeError(thrown) && thrown.code === "BAD_USER_INPUT") throw failure(EXIT.usage, `--${thrown.message}`);
    throw thrown;
  } finally {
    progress.end();
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw failure(EXIT.usage, `--${name}: expected a whole number, found ${text}`);
}

function printText({ directory, isNew, people, callSet, files }: DemoReport): void {
  for (const { path, rows, bytes } of files)
    print(`${path.padEnd(36)} ${String(rows).padStart(8)} rows  ${sizeText(bytes)}`);
  print(`${String(people)} simulated people ${isNew ? "written to" : "are already in"} ${directory}`);
  const options = `--samples ${directory}/samples.tsv --call-set ${callSet} --call-set-kind FORCED_SITES`;
  say(`next: vitalome ingest ${directory}/vcf/*.vcf.gz ${options}`);
}
