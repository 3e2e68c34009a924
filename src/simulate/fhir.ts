/** Small parts of FHIR R4 resources. */
export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface Resource {
  readonly resourceType: ResourceType;
  readonly id: string;
  readonly [element: string]: unknown;
}

export const RESOURCE_TYPES = [
  "Patient",
  "Encounter",
  "Condition",
  "MedicationRequest",
  "Consent",
  "Observation",
] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

export const TAG_SYSTEM = "https://vitalome.org/tag";
/** Consent provisions that FHIR has no code for; `secondary-findings`: the person wants to be told of them. */
export const CONSENT_SYSTEM = "https://vitalome.org/consent";

const TERMINOLOGY = "http://terminology.hl7.org/CodeSystem";
export const SYSTEMS = {
  actCode: `${TERMINOLOGY}/v3-ActCode`,
  atc: "http://www.whocc.no/atc",
  consentCategory: `${TERMINOLOGY}/consentcategorycodes`,
  consentScope: `${TERMINOLOGY}/consentscope`,
  conditionClinical: `${TERMINOLOGY}/condition-clinical`,
  conditionVerification: `${TERMINOLOGY}/condition-ver-status`,
  duo: "http://purl.obolibrary.org/obo/duo.owl",
  icd10cm: "http://hl7.org/fhir/sid/icd-10-cm",
  loinc: "http://loinc.org",
  observationCategory: `${TERMINOLOGY}/observation-category`,
  rxnorm: "http://www.nlm.nih.gov/research/umls/rxnorm",
  ucum: "http://unitsofmeasure.org",
} as const;

/** On every resource: FHIR's own mark of test data, and ours. */
export const SIMULATED_META = {
  tag: [
    { system: `${TERMINOLOGY}/v3-ActReason`, code: "HTEST", display: "test health data" },
    { system: TAG_SYSTEM, code: "SIMULATED", display: "simulated, no real person" },
  ],
} as const;

export function concept(...coding: readonly Coding[]): { readonly coding: readonly Coding[] } {
  return { coding };
}

export function quantity(value: number, unit: string): Readonly<Record<string, unknown>> {
  return { value, unit, system: SYSTEMS.ucum, code: unit };
}

export function reference(type: ResourceType, id: string): { readonly reference: string } {
  return { reference: `${type}/${id}` };
}
