import table from "../../reference/simulated-clinical.json" with { type: "json" };
import type { Sex } from "../domain/sample.js";
import { SYSTEMS, concept, quantity } from "./fhir.js";
import type { Random } from "./random.js";

interface ObservationRow {
  readonly code: string;
  /** A second LOINC code for the same thing. */
  readonly alias?: string;
  readonly display: string;
  readonly unit: string;
  readonly category: string;
  /** Female, male. */
  readonly mean: readonly number[];
  readonly spread: number;
  /** Default 0. */
  readonly decimals?: number;
  /** Measured at the first visit alone. */
  readonly isOnce?: boolean;
  /** Measured where this condition is confirmed. */
  readonly forCondition?: string;
}

export interface Circumstances {
  readonly sex: Sex;
  readonly isFirst: boolean;
  /** Codes of confirmed conditions. */
  readonly confirmed: ReadonlySet<string>;
}

const ROWS: readonly ObservationRow[] = table.observations;
const PRESSURE = [
  { code: "8480-6", display: "Systolic blood pressure", values: table.bloodPressure.systolic },
  { code: "8462-4", display: "Diastolic blood pressure", values: table.bloodPressure.diastolic },
] as const;
const LEAST_PULSE_PRESSURE = 20;

/** Category, code and value of what is measured at one visit; blood pressure is one observation of two components. */
export function observationsAt(
  random: Random,
  { sex, isFirst, confirmed }: Circumstances,
): readonly Readonly<Record<string, unknown>>[] {
  const single = ROWS.flatMap((row) => {
    const value = rounded(row.mean[sex === "female" ? 0 : 1]! + row.spread * random.normal(), row.decimals ?? 0);
    if (row.isOnce === true && !isFirst) return [];
    if (row.forCondition !== undefined && !confirmed.has(row.forCondition)) return [];
    const codes = [row.code, ...(row.alias === undefined ? [] : [row.alias])];
    return [
      {
        category: category(row.category),
        code: concept(...codes.map((code) => ({ system: SYSTEMS.loinc, code, display: row.display }))),
        valueQuantity: quantity(value, row.unit),
      },
    ];
  });
  const [systolic = 0, diastolic = 0] = PRESSURE.map(({ values: [mean = 0, spread = 0] }) =>
    Math.round(mean + spread * random.normal()),
  );
  const values = [systolic, Math.min(diastolic, systolic - LEAST_PULSE_PRESSURE)];
  const component = PRESSURE.map(({ code, display }, index) => ({
    code: concept({ system: SYSTEMS.loinc, code, display }),
    valueQuantity: quantity(values[index]!, "mm[Hg]"),
  }));
  const panel = concept({ system: SYSTEMS.loinc, code: "85354-9", display: "Blood pressure panel" });
  return [...single, { category: category("vital-signs"), code: panel, component }];
}

function category(code: string): readonly unknown[] {
  return [concept({ system: SYSTEMS.observationCategory, code })];
}

function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
