import codes from "../../../../reference/fhir-value-sets.json" with { type: "json" };
import type { ClinicalRow } from "../../../lake/clinical-tables.js";
import { ABSENT } from "../../../domain/person.js";
import { fault, type StagedRow } from "./types.js";
import {
  booleanAt,
  codeAt,
  codedCells,
  codingsOf,
  dateAt,
  firstCode,
  isObject,
  listAt,
  numberAt,
  objectAt,
  referencedId,
  textAt,
  type Json,
} from "./values.js";

export interface ResourceContext {
  /** `fullUrl` of each entry of a Bundle to `Type/id`. */
  readonly entries: ReadonlyMap<string, string>;
  /** Identifier systems whose values are names of samples. */
  readonly sampleSystems: readonly string[];
}

/** The rows one resource gives, or null for a kind that is not kept. Throws a fault for a broken rule. Source: FHIR R4. */
export function rowsOfResource(resource: Json, context: ResourceContext): readonly StagedRow[] | null {
  const type = textAt(resource, "resourceType");
  if (type === null) throw fault("resourceType", "RESOURCE_TYPE", resource["resourceType"]);
  const convert = Object.hasOwn(CONVERTERS, type) ? CONVERTERS[type] : undefined;
  return convert === undefined ? null : convert(resource, context);
}

type Converter = (resource: Json, context: ResourceContext) => readonly StagedRow[];

const CONVERTERS: Readonly<Partial<Record<string, Converter>>> = {
  Patient(resource, context) {
    const id = idOf(resource);
    const identifiers = listAt(resource, "identifier").flatMap((identifier, index) => {
      const value = textAt(identifier, "value", `identifier[${String(index)}].value`);
      const system = textAt(identifier, "system", `identifier[${String(index)}].system`);
      return value === null ? [] : [{ system: system ?? "", value }];
    });
    const deceasedAt = dateAt(resource, "deceasedDateTime");
    const birthDate = dateAt(resource, "birthDate");
    const row = {
      patient_id: id,
      id,
      gender: codeAt(resource, "gender", codes.gender) ?? coreSex(resource),
      birth_date: birthDate,
      birth_date_absent: birthDate === null ? absentReason(resource, "_birthDate") : null,
      deceased: deceasedAt === null ? booleanAt(resource, "deceasedBoolean") : true,
      deceased_at: deceasedAt,
      identifiers: identifiers.length === 0 ? null : JSON.stringify(identifiers),
      active: booleanAt(resource, "active"),
    };
    return [{ table: "patients", row }, ...linksOf(id, identifiers, "Patient.identifier", context)];
  },

  Specimen(resource, context) {
    const patient = patientOf(resource, "subject", context);
    const identifiers = listAt(resource, "identifier").map((identifier) => ({
      system: textAt(identifier, "system") ?? "",
      value: textAt(identifier, "value") ?? "",
    }));
    return linksOf(patient, identifiers, "Specimen.identifier", context);
  },

  Condition(resource, context) {
    const row = {
      ...owned(resource, "subject", context),
      ...codedCells(objectAt(resource, "code"), "code"),
      clinical_status: oneOf("clinicalStatus", firstCode(resource, "clinicalStatus"), codes.conditionClinical),
      verification_status: oneOf(
        "verificationStatus",
        firstCode(resource, "verificationStatus"),
        codes.conditionVerification,
      ),
      onset: dateAt(resource, "onsetDateTime") ?? startOf(resource, "onsetPeriod"),
      recorded: dateAt(resource, "recordedDate"),
      encounter_id: referencedId(resource, "encounter", "Encounter", context.entries),
    };
    return [{ table: "conditions", row }];
  },

  MedicationRequest(resource, context) {
    const dosages = listAt(resource, "dosageInstruction").flatMap((dosage) => textAt(dosage, "text") ?? []);
    const row = {
      ...owned(resource, "subject", context),
      ...codedCells(objectAt(resource, "medicationCodeableConcept"), "medicationCodeableConcept"),
      status: required(resource, "status", codeAt(resource, "status", codes.medicationRequestStatus)),
      intent: required(resource, "intent", textAt(resource, "intent")),
      authored_on: dateAt(resource, "authoredOn"),
      dosage: dosages.length === 0 ? null : dosages.join("; "),
      encounter_id: referencedId(resource, "encounter", "Encounter", context.entries),
    };
    return [{ table: "medications", row }];
  },

  Encounter(resource, context) {
    const [place] = listAt(resource, "location");
    const location = place === undefined ? null : objectAt(place, "location", "location[0].location");
    const kind = objectAt(resource, "class");
    const row = {
      ...owned(resource, "subject", context),
      status: required(resource, "status", codeAt(resource, "status", codes.encounterStatus)),
      class: kind === null ? null : textAt(kind, "code", "class.code"),
      start_at: startOf(resource, "period"),
      end_at: endOf(resource, "period"),
      location: location === null ? null : (textAt(location, "display") ?? textAt(location, "reference")),
    };
    return [{ table: "encounters", row }];
  },

  Consent(resource, context) {
    const provision = objectAt(resource, "provision");
    const row = {
      ...owned(resource, "patient", context),
      status: required(resource, "status", codeAt(resource, "status", codes.consentStatus)),
      scope: firstCode(resource, "scope"),
      decision: provision === null ? null : codeAt(provision, "type", codes.consentDecision),
      policy: firstCode(resource, "policyRule"),
      date_time: dateAt(resource, "dateTime"),
      provisions: provision === null ? null : JSON.stringify(provision),
    };
    return [{ table: "consents", row }];
  },

  Observation(resource, context) {
    const period = objectAt(resource, "effectivePeriod");
    const row = {
      ...owned(resource, "subject", context),
      ...codedCells(objectAt(resource, "code"), "code"),
      status: required(resource, "status", codeAt(resource, "status", codes.observationStatus)),
      category:
        listAt(resource, "category")
          .flatMap((concept, index) => codingsOf(concept, `category[${String(index)}]`).map(({ code }) => code))
          .join(",") || null,
      effective_at:
        dateAt(resource, "effectiveDateTime") ??
        dateAt(resource, "effectiveInstant") ??
        (period === null ? null : dateAt(period, "start", "effectivePeriod.start")),
      effective_end: period === null ? null : dateAt(period, "end", "effectivePeriod.end"),
      issued: dateAt(resource, "issued"),
      ...valueCells(resource, ""),
      components: componentsOf(resource),
      data_absent_reason: firstCode(resource, "dataAbsentReason"),
      encounter_id: referencedId(resource, "encounter", "Encounter", context.entries),
    };
    return [{ table: "observations", row }];
  },
};

function idOf(resource: Json): string {
  const id = textAt(resource, "id");
  if (id === null || !/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw fault("id", "ID", resource["id"]);
  return id;
}

function patientOf(resource: Json, field: string, context: ResourceContext): string {
  const patient = referencedId(resource, field, "Patient", context.entries);
  if (patient === null) throw fault(field, "REFERENCE", resource[field]);
  return patient;
}

function owned(
  resource: Json,
  field: string,
  context: ResourceContext,
): { readonly patient_id: string; readonly id: string } {
  return { patient_id: patientOf(resource, field, context), id: idOf(resource) };
}

function required(resource: Json, field: string, value: string | null): string {
  if (value === null) throw fault(field, "CODE", resource[field]);
  return value;
}

function oneOf(field: string, value: string | null, allowed: readonly string[]): string | null {
  if (value !== null && !allowed.includes(value)) throw fault(field, "CODE", value);
  return value;
}

function startOf(resource: Json, field: string): string | null {
  const period = objectAt(resource, field);
  return period === null ? null : dateAt(period, "start", `${field}.start`);
}

function endOf(resource: Json, field: string): string | null {
  const period = objectAt(resource, field);
  return period === null ? null : dateAt(period, "end", `${field}.end`);
}

/** Records without `gender` may state the sex as an extension: US Core's, by its last path segment. */
function coreSex(resource: Json): string | null {
  for (const extension of listAt(resource, "extension")) {
    if (/\/StructureDefinition-?\/?us-core-sex(?:\.html)?$/.test(textAt(extension, "url") ?? "")) {
      const value = textAt(extension, "valueString") ?? textAt(extension, "valueCode");
      if (value === "male" || value === "female") return value;
    }
  }
  return null;
}

function linksOf(
  patient: string,
  identifiers: readonly { readonly system: string; readonly value: string }[],
  statedBy: string,
  { sampleSystems }: ResourceContext,
): readonly StagedRow[] {
  const names = new Map(
    identifiers.filter(({ system }) => sampleSystems.includes(system)).map((one) => [one.value, one]),
  );
  return [...names.values()]
    .filter(({ value }) => value !== "")
    .map(({ system, value }) => ({
      table: "links",
      row: { patient_id: patient, id: value, system, stated_by: statedBy },
    }));
}

/** The reason a record states for a value it lacks, by the extension of FHIR; unknown where it states none. */
function absentReason(resource: Json, field: string): string {
  const element = objectAt(resource, field);
  const stated = element === null ? [] : listAt(element, "extension", `${field}.extension`);
  const reason = stated.find((one) => one["url"] === "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
  return (reason === undefined ? null : textAt(reason, "valueCode")) ?? ABSENT.unknown;
}

/** valueQuantity, valueInteger, valueCodeableConcept, valueString or valueBoolean. */
function valueCells(parent: Json, at: string): ClinicalRow {
  const quantity = objectAt(parent, "valueQuantity", `${at}valueQuantity`);
  const concept = objectAt(parent, "valueCodeableConcept", `${at}valueCodeableConcept`);
  const boolean = booleanAt(parent, "valueBoolean", `${at}valueBoolean`);
  return {
    value:
      quantity === null
        ? numberAt(parent, "valueInteger", `${at}valueInteger`)
        : numberAt(quantity, "value", `${at}valueQuantity.value`),
    comparator: quantity === null ? null : textAt(quantity, "comparator", `${at}valueQuantity.comparator`),
    unit: quantity === null ? null : textAt(quantity, "unit", `${at}valueQuantity.unit`),
    unit_code: quantity === null ? null : textAt(quantity, "code", `${at}valueQuantity.code`),
    unit_system: quantity === null ? null : textAt(quantity, "system", `${at}valueQuantity.system`),
    value_code: concept === null ? null : JSON.stringify(codingsOf(concept, `${at}valueCodeableConcept`)),
    value_text:
      textAt(parent, "valueString", `${at}valueString`) ??
      (boolean === null ? null : String(boolean)) ??
      (concept === null ? null : textAt(concept, "text")),
  };
}

function componentsOf(resource: Json): string | null {
  const components = listAt(resource, "component").map((component, index) => {
    const at = `component[${String(index)}].`;
    const code = objectAt(component, "code", `${at}code`);
    return {
      codings: codingsOf(code, `${at}code`),
      ...valueCells(component, at),
      data_absent_reason: firstCode(component, "dataAbsentReason"),
    };
  });
  return components.length === 0 ? null : JSON.stringify(components);
}

/** Whether the source labels a record as test data: HTEST, or a tag of its own that says SIMULATED. */
export function isSimulated(resource: Json): boolean {
  const meta = resource["meta"];
  if (!isObject(meta)) return false;
  return [...listAt(meta, "tag", "meta.tag"), ...listAt(meta, "security", "meta.security")].some((coding) =>
    ["HTEST", "SIMULATED"].includes(textAt(coding, "code", "meta.tag.code") ?? ""),
  );
}
