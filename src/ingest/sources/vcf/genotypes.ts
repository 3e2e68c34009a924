import type { FormatPlan, KeptField, PlannedField } from "./format-plan.js";
import type { GenotypeBuffers, GenotypeTexts } from "./genotype-buffers.js";
import type { RecordFault, RecordGenotypes, VcfHeader } from "./types.js";
import { expectedCount, hasType, isSampleCount, wholeNumber } from "./values.js";

export type GenotypesRead = { readonly genotypes: RecordGenotypes } | { readonly fault: RecordFault };

/** Reads the sample columns of a record as text, and tells what is wrong with them. */
export interface GenotypeReader {
  /** `from` is the first byte of the first sample, `to` one past the line's last. */
  read(text: Buffer, from: number, to: number, plan: FormatPlan, alternates: number): GenotypesRead;
}

export function createGenotypeReader(
  header: VcfHeader,
  texts: GenotypeTexts,
  buffers: GenotypeBuffers,
): GenotypeReader {
  const samples = header.samples.length;

  function takeGenotype(column: number, gt: string, alternates: number): RecordFault | null {
    const name = header.samples[column] ?? "";
    const code = texts.codeOf(gt);
    if (code < 0) {
      return { field: `FORMAT/GT of ${name}`, rule: code === -1 ? "GENOTYPE_SYNTAX" : "GENOTYPE_VARIETY", found: gt };
    }
    if ((texts.greatest[code] ?? 0) > alternates) {
      return {
        field: `FORMAT/GT of ${name}`,
        rule: "ALLELE_RANGE",
        found: gt,
        expected: `alleles 0 to ${String(alternates)}`,
      };
    }
    buffers.codes[column] = code;
    return null;
  }

  function takeSample(column: number, text: string, plan: FormatPlan, alternates: number): RecordFault | null {
    const name = header.samples[column] ?? "";
    const isGenotypeAlone = plan.hasGenotype && plan.fields.length === 1;
    if (isGenotypeAlone && !text.includes(":")) return takeGenotype(column, text, alternates);
    const values = text.split(":");
    if (values.length > plan.fields.length) return { field: name, rule: "SAMPLE_SYNTAX", found: text };
    let ploidy = 2;
    if (plan.hasGenotype) {
      const fault = takeGenotype(column, values[0] ?? "", alternates);
      if (fault !== null) return fault;
      ploidy = texts.texts[buffers.codes[column] ?? 0]?.alleles.length ?? 2;
    }
    for (let index = plan.hasGenotype ? 1 : 0; index < values.length; index += 1) {
      const value = values[index] ?? "";
      const field = plan.fields[index];
      if (field === undefined || value === "." || value === "") continue;
      const fault = checkField(name, field, value, alternates, ploidy);
      if (fault !== null) return fault;
      if (field.kept !== null) keep(field.kept, column, value, alternates);
    }
    return null;
  }

  function keep(field: KeptField, column: number, value: string, alternates: number): void {
    switch (field) {
      case "dp":
      case "gq":
      case "minDp":
        buffers.scalars[field][column] = wholeNumber(value);
        return;
      case "ps":
      case "ft":
        buffers[field][column] = value;
        return;
      case "ad": {
        const values = value.split(",");
        if (values.length !== alternates + 1) return;
        values.forEach((depth, allele) => {
          buffers.depths[column * (alternates + 1) + allele] = wholeNumber(depth);
        });
      }
    }
  }

  return {
    read(text, from, to, plan, alternates) {
      buffers.begin(plan, alternates);
      const values = text.toString("utf8", from, to).split("\t");
      const columns = Math.min(values.length, samples);
      for (let column = 0; column < columns; column += 1) {
        const fault = takeSample(column, values[column] ?? "", plan, alternates);
        if (fault !== null) return { fault };
      }
      if (values.length !== samples) return { fault: columnFault(samples, values.length) };
      return { genotypes: plan.hasGenotype ? buffers.list(plan, alternates) : buffers.none() };
    },
  };
}

function columnFault(wanted: number, found: number): RecordFault {
  return {
    field: "columns",
    rule: "COLUMN_COUNT",
    found: `${String(found)} sample columns`,
    expected: `${String(wanted)} sample columns`,
  };
}

function checkField(
  name: string,
  { key, definition }: PlannedField,
  value: string,
  alternates: number,
  ploidy: number,
): RecordFault | null {
  if (definition === undefined) return null;
  const field = `FORMAT/${key} of ${name}`;
  const values = value.split(",");
  const wrong = values.find((item) => !hasType(item, definition.type));
  if (wrong !== undefined)
    return { field, rule: "SAMPLE_TYPE", found: wrong, expected: `a value of type ${definition.type}` };
  if (isSampleCount(definition, values.length, alternates, ploidy)) return null;
  const wanted = expectedCount(definition, alternates, ploidy);
  return {
    field,
    rule: "SAMPLE_NUMBER",
    found: value,
    expected: `${String(wanted)} values (Number=${String(definition.number)})`,
  };
}
