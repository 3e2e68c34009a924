import table from "../../reference/simulated-clinical.json" with { type: "json" };
import { SAMPLE_SYSTEM } from "../domain/sample.js";
import {
  CONSENT_SYSTEM,
  SIMULATED_META,
  SYSTEMS,
  concept,
  reference,
  type Resource,
  type ResourceType,
} from "./fhir.js";
import { observationsAt } from "./observations.js";
import { dayBefore, type Person } from "./people.js";
import { createRandom, type Random } from "./random.js";

interface ConditionRow {
  readonly code: string;
  readonly display: string;
  readonly share: number;
  readonly fromAge: number;
  readonly drug?: string;
  readonly verification?: string;
}
interface Visit {
  readonly id: string;
  readonly day: string;
}
interface Diagnosis {
  readonly id: string;
  readonly row: ConditionRow;
  readonly isConfirmed: boolean;
  readonly visit: Visit;
}

const RECORD_DAYS = 3 * 365;
const MOST_VISITS = 3;
const CONDITIONS: readonly ConditionRow[] = table.conditions;
const DRUGS: Readonly<Record<string, { readonly rxnorm: string; readonly atc: string }>> = table.drugs;

/**
 * FHIR R4 resources of one person, the patient first; every reference is to an earlier one. Drugs follow confirmed
 * conditions. The same seed and person give the same resources.
 */
export function* recordsOf(seed: number, person: Person): Generator<Resource, void, undefined> {
  const random = createRandom(seed, "records", person.index);
  const subject = reference("Patient", person.patientId);
  const build = (resourceType: ResourceType, id: string, elements: Readonly<Record<string, unknown>>): Resource => ({
    resourceType,
    id,
    meta: SIMULATED_META,
    ...elements,
  });
  const about = (resourceType: ResourceType, kind: string, elements: Readonly<Record<string, unknown>>): Resource =>
    build(resourceType, `${person.patientId}-${kind}`, elements);

  yield build("Patient", person.patientId, {
    identifier: [{ system: SAMPLE_SYSTEM, value: person.sampleId }],
    active: true,
    name: [{ use: "anonymous", text: `Simulated person ${String(person.index + 1)}` }],
    gender: person.sex,
    birthDate: person.birthDate,
  });
  yield about("Consent", "consent", { patient: subject, ...consent(random) });

  const visits = visitDays(random).map((day, index) => ({ id: `${person.patientId}-visit-${String(index + 1)}`, day }));
  for (const { id, day } of visits) {
    const [code = "", display = ""] = pick(random, table.encounters as [string, string, number][]);
    yield build("Encounter", id, {
      status: "finished",
      class: { system: SYSTEMS.actCode, code, display },
      subject,
      period: { start: `${day}T09:00:00Z`, end: `${day}T10:00:00Z` },
    });
  }

  const diagnoses: Diagnosis[] = [];
  for (const row of CONDITIONS) {
    // Every row draws as often, so that a new row changes nothing of those before it.
    const isDrawn = random.unit() < row.share && person.age >= row.fromAge;
    const [drawn] = pick(random, table.verification as [string, number][]);
    const verification = row.verification ?? drawn;
    const visit = visits[random.below(visits.length)]!;
    const onset = dayBefore(Math.floor(random.unit() * 365.25 * Math.max(1, person.age - row.fromAge)) + RECORD_DAYS);
    if (!isDrawn) continue;
    const id = `${person.patientId}-condition-${String(diagnoses.length + 1)}`;
    diagnoses.push({ id, row, isConfirmed: verification === "confirmed", visit });
    yield build("Condition", id, {
      ...(verification === "entered-in-error"
        ? {}
        : { clinicalStatus: concept({ system: SYSTEMS.conditionClinical, code: clinicalStatus(verification) }) }),
      verificationStatus: concept({ system: SYSTEMS.conditionVerification, code: verification }),
      code: concept({ system: SYSTEMS.icd10cm, code: row.code, display: row.display }),
      subject,
      encounter: reference("Encounter", visit.id),
      ...(verification === "confirmed" ? { onsetDateTime: onset } : {}),
      recordedDate: visit.day,
    });
  }

  const treated = diagnoses.filter(({ isConfirmed, row }) => isConfirmed && row.drug !== undefined);
  for (const [index, { id, row, visit }] of treated.entries()) {
    const name = row.drug ?? "";
    const { rxnorm, atc } = DRUGS[name]!;
    yield about("MedicationRequest", `medication-${String(index + 1)}`, {
      status: random.unit() < 0.85 ? "active" : "stopped",
      intent: "order",
      medicationCodeableConcept: concept(
        { system: SYSTEMS.rxnorm, code: rxnorm, display: name },
        { system: SYSTEMS.atc, code: atc, display: name },
      ),
      subject,
      encounter: reference("Encounter", visit.id),
      authoredOn: visit.day,
      reasonReference: [reference("Condition", id)],
    });
  }

  const confirmed = new Set(diagnoses.filter(({ isConfirmed }) => isConfirmed).map(({ row }) => row.code));
  let observed = 0;
  for (const [index, visit] of visits.entries()) {
    const measured = observationsAt(random, { sex: person.sex, isFirst: index === 0, confirmed });
    for (const elements of measured) {
      observed += 1;
      yield about("Observation", `observation-${String(observed)}`, {
        status: "final",
        ...elements,
        subject,
        encounter: reference("Encounter", visit.id),
        effectiveDateTime: `${visit.day}T09:30:00Z`,
      });
    }
  }
}

function clinicalStatus(verification: string): string {
  return verification === "refuted" ? "inactive" : "active";
}

function visitDays(random: Random): readonly string[] {
  const days = new Set<number>();
  const wanted = 1 + random.below(MOST_VISITS);
  while (days.size < wanted) days.add(1 + random.below(RECORD_DAYS - 1));
  return [...days].sort((one, other) => other - one).map(dayBefore);
}

/** Research consent by DUO, and whether the person wants to be told of secondary findings. */
function consent(random: Random): Readonly<Record<string, unknown>> {
  const [code, display] = pick(random, table.consents as [string | null, string, number][]);
  const wantsFindings = random.unit() < 0.5;
  const permits = code !== null;
  const findings = wantsFindings ? [concept({ system: CONSENT_SYSTEM, code: "secondary-findings" })] : [];
  return {
    status: "active",
    scope: concept({ system: SYSTEMS.consentScope, code: "research" }),
    category: [concept({ system: SYSTEMS.consentCategory, code: "research" })],
    dateTime: dayBefore(RECORD_DAYS),
    policyRule: concept({ system: SYSTEMS.actCode, code: permits ? "OPTIN" : "OPTOUT" }),
    // A provision within another is an exception from it.
    provision: permits
      ? { type: "permit", code: [concept({ system: SYSTEMS.duo, code, display }), ...findings] }
      : { type: "deny", ...(wantsFindings ? { provision: [{ type: "permit", code: findings }] } : {}) },
  };
}

/** One row, by the share that ends it. */
function pick<T extends readonly unknown[]>(random: Random, rows: readonly T[]): T {
  let left = random.unit();
  return rows.find((row) => (left -= Number(row.at(-1))) < 0) ?? rows[0]!;
}
