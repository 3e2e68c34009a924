import type { Sex } from "../domain/sample.js";
import type { Cohort } from "./mosaic.js";
import { createRandom } from "./random.js";
import { POPULATIONS } from "./regions.js";

export interface Person {
  /** From 0; the same number is the same person in any cohort of one seed. */
  readonly index: number;
  readonly sampleId: string;
  readonly patientId: string;
  readonly sex: Sex;
  /** Index into POPULATIONS. */
  readonly population: number;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  /** Whole years on the day the records end. */
  readonly age: number;
}

/** The day the simulated records end. */
export const LAST_DAY = "2025-01-01";

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.25;
const YOUNGEST = 18;
const AGES = 72;
const NAMES: Readonly<Record<(typeof POPULATIONS)[number], string>> = {
  AFR: "African Ancestry",
  AMR: "American Ancestry",
  EAS: "East Asian Ancestry",
  EUR: "European Ancestry",
  SAS: "South Asian Ancestry",
};

/** Super-populations take turns; sexes are drawn; ages are even from 18 to 89. */
export function personAt(seed: number, index: number): Person {
  const random = createRandom(seed, "person", index);
  const number = String(index + 1).padStart(6, "0");
  const sex = random.unit() < 0.5 ? "female" : "male";
  const days = Math.ceil((YOUNGEST + random.unit() * AGES) * YEAR_DAYS);
  return {
    index,
    sampleId: `SIM${String(seed)}-${number}`,
    patientId: `simulated-${String(seed)}-${number}`,
    sex,
    population: index % POPULATIONS.length,
    birthDate: dayBefore(days),
    age: Math.floor(days / YEAR_DAYS),
  };
}

/** The day that lies `days` before the last one, YYYY-MM-DD. */
export function dayBefore(days: number): string {
  return new Date(Date.parse(`${LAST_DAY}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
}

export function cohortOf(seed: number, size: number): Cohort {
  const population = new Uint8Array(size);
  const isMale = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) {
    const person = personAt(seed, index);
    population[index] = person.population;
    isMale[index] = person.sex === "male" ? 1 : 0;
  }
  return { size, population, isMale };
}

/** The columns of the IGSR sheet. */
export const SHEET_HEADER = [
  "Sample name",
  "Sex",
  "Biosample ID",
  "Population code",
  "Population name",
  "Superpopulation code",
  "Superpopulation name",
  "Population elastic ID",
  "Data collections",
].join("\t");

export function sheetLine({ sampleId, sex, population }: Person): string {
  const code = POPULATIONS[population]!;
  const own = `SIM-${code}`;
  return [sampleId, sex, "", own, `Simulated, frequencies of ${code}`, code, NAMES[code], own, "SIMULATED"].join("\t");
}
