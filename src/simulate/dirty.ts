import { SAMPLE_SYSTEM } from "../domain/sample.js";
import { SIMULATED_META, SYSTEMS, concept, quantity, reference, type ResourceType } from "./fhir.js";
import { personAt } from "./people.js";
import type { SimulatedRegion } from "./regions.js";

/** Records a careful reader refuses, for the end of a region's file. Each is one line; none has its newline. */
export function dirtyVcfLines({ contig, end }: SimulatedRegion, people: number): readonly string[] {
  const genotypes = (text: string): string => Array.from({ length: people }, () => text).join("\t");
  const line = (pos: string, ref: string, alt: string, genotype: string): string =>
    `chr${contig}\t${pos}\t.\t${ref}\t${alt}\t.\tPASS\t.\tGT\t${genotypes(genotype)}`;
  return [
    line(String(end + 1), "A?", "G", "0|0"),
    line(String(end + 2), "A", "G", "0|7"),
    line("#REF!", "A", "G", "0|0"),
    `chr${contig}\t${String(end + 3)}\t.\tA\tG`,
  ];
}

/** Lines of FHIR files with the faults of real exports: cells of a spreadsheet, negative results, lost people. */
export function dirtyRecords(seed: number): readonly (readonly [type: ResourceType, line: string])[] {
  const person = personAt(seed, 0);
  const subject = reference("Patient", person.patientId);
  const of = (resourceType: ResourceType, kind: string, elements: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ resourceType, id: `dirty-${String(seed)}-${kind}`, meta: SIMULATED_META, ...elements });
  const creatinine = { code: concept({ system: SYSTEMS.loinc, code: "2160-0", display: "Creatinine" }) };
  const hypertension = concept({ system: SYSTEMS.icd10cm, code: "I10" });
  const measured = { status: "final", ...creatinine, effectiveDateTime: "2024-06-01T09:30:00Z" };
  return [
    ["Patient", of("Patient", "birth-date", { gender: "female", birthDate: "#REF!" })],
    ["Patient", `{"resourceType":"Patient","id":"dirty-${String(seed)}-cut`],
    // A second claim on the sample of the first person: the link is ambiguous from here on.
    ["Patient", of("Patient", "twin", { identifier: [{ system: SAMPLE_SYSTEM, value: person.sampleId }] })],
    ["Condition", of("Condition", "lost", { code: hypertension, subject: reference("Patient", "nobody") })],
    ["Observation", of("Observation", "negative", { ...measured, subject, valueQuantity: quantity(-0.18, "mg/dL") })],
    ["Observation", of("Observation", "unit", { ...measured, subject, valueQuantity: quantity(0.9, "furlong") })],
  ];
}
