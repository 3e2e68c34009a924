import { VitalomeError } from "../../errors.js";
import type { SampleFacts, Sex } from "../../domain/sample.js";

/**
 * A tab-separated sample sheet with a header line: the 1000 Genomes (IGSR) sheet, the phase 3 panel, or any
 * sheet with a sample column. Two ancestries in one cell are separated by a comma.
 */
const COLUMNS = {
  sampleId: ["Sample name", "sample", "Sample", "sample_id", "SampleID"],
  sex: ["Sex", "sex", "gender", "Gender"],
  population: ["Population code", "pop", "population", "Population"],
  superpopulation: ["Superpopulation code", "super_pop", "superpopulation", "Superpopulation"],
} as const;

/** INGEST_REJECTED names the line and the column of the first fault. */
export function parseSampleSheet(text: string, file: string): ReadonlyMap<string, SampleFacts> {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const header = (lines[0] ?? "").split("\t").map((name) => name.trim());
  const at = (names: readonly string[]): number => header.findIndex((name) => names.includes(name));
  const sampleAt = at(COLUMNS.sampleId);
  if (sampleAt < 0) {
    throw rejected(file, 1, "header", `a tab-separated header with one of: ${COLUMNS.sampleId.join(", ")}`);
  }
  const sexAt = at(COLUMNS.sex);
  const populationAt = at(COLUMNS.population);
  const superpopulationAt = at(COLUMNS.superpopulation);
  const facts = new Map<string, SampleFacts>();
  lines.slice(1).forEach((line, index) => {
    if (line.trim() === "") return;
    const cells = line.split("\t");
    const cell = (column: number): string => (column < 0 ? "" : (cells[column] ?? "").trim());
    const sampleId = cell(sampleAt);
    const lineNumber = index + 2;
    if (sampleId === "") throw rejected(file, lineNumber, header[sampleAt] ?? "sample", "a sample name");
    if (facts.has(sampleId)) throw rejected(file, lineNumber, header[sampleAt] ?? "sample", "each sample once");
    facts.set(sampleId, {
      sampleId,
      sex: parseSex(cell(sexAt), file, lineNumber, header[sexAt] ?? "sex"),
      populations: codes(cell(populationAt)),
      superpopulations: codes(cell(superpopulationAt)),
    });
  });
  return facts;
}

function codes(cell: string): readonly string[] {
  return cell
    .split(",")
    .map((code) => code.trim())
    .filter((code) => code !== "");
}

/** Words and the PED codes (1 male, 2 female); empty and `0` mean unknown. */
function parseSex(cell: string, file: string, line: number, field: string): Sex | null {
  switch (cell.toLowerCase()) {
    case "female":
    case "f":
    case "2":
      return "female";
    case "male":
    case "m":
    case "1":
      return "male";
    case "":
    case "0":
    case "unknown":
    case ".":
      return null;
    default:
      throw rejected(file, line, field, "male, female, M, F, 1, 2 or empty");
  }
}

function rejected(file: string, line: number, field: string, expected: string): VitalomeError {
  return new VitalomeError(
    "INGEST_REJECTED",
    `sample sheet ${file}, line ${String(line)}, ${field}: expected ${expected}`,
    {
      details: { file, line, field, expected },
    },
  );
}
