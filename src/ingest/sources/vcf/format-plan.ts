import type { FieldDefinition, RecordFault, VcfHeader } from "./types.js";
import { valueKind, type ValueKind } from "./value-scan.js";

/** Fields whose values are kept beside the genotype; everything else is checked and left. */
export type KeptField = "dp" | "gq" | "minDp" | "ad" | "ps" | "ft";

const KEPT: ReadonlyMap<string, KeptField> = new Map<string, KeptField>([
  ["DP", "dp"],
  ["GQ", "gq"],
  ["MIN_DP", "minDp"],
  ["AD", "ad"],
  ["PS", "ps"],
  ["FT", "ft"],
]);

export interface PlannedField {
  readonly key: string;
  readonly definition: FieldDefinition | undefined;
  readonly kind: ValueKind;
  readonly kept: KeptField | null;
}

/** What one FORMAT text says about the fields of every sample. */
export interface FormatPlan {
  readonly fields: readonly PlannedField[];
  /** GT can only be the first field. */
  readonly hasGenotype: boolean;
  readonly kept: ReadonlySet<KeptField>;
}

const KEY = /^[A-Za-z_][0-9A-Za-z_.]*$/;

export function planFormat(format: string, header: VcfHeader): FormatPlan | RecordFault {
  const keys = format.split(":");
  if (!keys.every((key) => KEY.test(key)) || new Set(keys).size !== keys.length) {
    return { field: "FORMAT", rule: "FORMAT_SYNTAX", found: format };
  }
  if (keys.indexOf("GT") > 0)
    return { field: "FORMAT", rule: "FORMAT_SYNTAX", found: format, expected: "GT as the first key" };
  const fields = keys.map((key) => {
    const definition = header.formats.get(key);
    return { key, definition, kind: valueKind(definition), kept: KEPT.get(key) ?? null };
  });
  return {
    fields,
    hasGenotype: keys[0] === "GT",
    kept: new Set(fields.flatMap(({ kept }) => (kept === null ? [] : [kept]))),
  };
}
