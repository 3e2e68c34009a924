import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { ClinicalRow } from "../lake/clinical-tables.js";
import { Cost } from "../schema/cost.js";
import { CountMode, VariantOrder } from "../schema/enums.js";
import { CountResult, Freshness } from "../schema/list.js";
import {
  Condition,
  Consent,
  Encounter,
  Identifier,
  MedicationRequest,
  Patient,
  PatientConnection,
  PatientLink,
  SampleLink,
} from "../schema/patient.js";
import { CohortCriterion } from "../schema/patient-filter.js";
import { CursorScalar } from "../schema/scalars.js";
import { VariantConnection } from "../schema/variant.js";
import { VariantFilter } from "../schema/variant-filter.js";
import { CARRIERS } from "../domain/zygosity.js";
import type { PatientPage, ServedPatient } from "../views/patient.js";
import { counted, freshnessOf } from "./answered.js";
import { conditionOf, consentOf, encounterOf, listOf, medicationOf, text } from "./clinical-record.js";
import { criteriaOf } from "./patient-criteria.js";
import { snapshotOf } from "./snapshot-id.js";
import { predicateOf } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;
const REFUTED = "Also what was refuted or entered in error.";

@Resolver(() => Patient)
export class PatientResolver {
  @Query(() => Patient, {
    ...NULLABLE,
    description: "One person, or null. A record that was merged into another answers as that one: see links.",
  })
  @Cost(1)
  async patient(
    @Arg("id", () => ID, { description: "Id of the person." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<object | null> {
    return context.patients.find(id);
  }

  @Query(() => PatientConnection, {
    description: "People who meet every criterion, by id, pinned to one snapshot; everybody without a criterion.",
  })
  @Cost(10, ["first"], ["filter"])
  async patients(
    @Arg("filter", () => [CohortCriterion], { ...NULLABLE, description: "At most 20 criteria; all of them hold." })
    filter: CohortCriterion[] | null,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Arg("snapshotId", () => ID, { ...NULLABLE, description: "Snapshot to read; the newest when left out." })
    snapshotId: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const snapshot = snapshotId == null ? null : snapshotOf(snapshotId);
    return context.patients.list(criteriaOf(filter ?? []), first, after ?? null, snapshot);
  }

  @FieldResolver(() => [PatientLink], {
    description: "Other records of the person: what was merged into this one, and what it was merged into.",
  })
  links(@Root() patient: ServedPatient, @Ctx() context: RequestContext): readonly object[] {
    return context.patients.linkedTo(patient);
  }

  @FieldResolver(() => [Identifier], { description: "Business identifiers." })
  identifiers(@Root() { row }: ServedPatient): readonly Identifier[] {
    return listOf<Identifier>(row, "identifiers");
  }

  @FieldResolver(() => String, {
    ...NULLABLE,
    description: "Administrative gender: male, female, other or unknown; null where the source does not say.",
  })
  gender(@Root() { row }: ServedPatient): string | null {
    return text(row, "gender");
  }

  @FieldResolver(() => String, { ...NULLABLE, description: "FHIR date: a year stays a year." })
  birthDate(@Root() { row }: ServedPatient): string | null {
    return text(row, "birth_date");
  }

  @FieldResolver(() => String, {
    ...NULLABLE,
    description: "FHIR data-absent-reason where there is no birth date; error where the source holds a broken value.",
  })
  birthDateAbsentReason(@Root() { row }: ServedPatient): string | null {
    return text(row, "birth_date_absent");
  }

  @FieldResolver(() => Boolean, { ...NULLABLE, description: "Whether the record is in use; null where not said." })
  active(@Root() { row }: ServedPatient): boolean | null {
    return flag(row, "active");
  }

  @FieldResolver(() => Boolean, { ...NULLABLE, description: "Whether the person has died; null where not said." })
  deceased(@Root() { row }: ServedPatient): boolean | null {
    return flag(row, "deceased");
  }

  @FieldResolver(() => String, { ...NULLABLE, description: "FHIR dateTime of death, as the source gives it." })
  deceasedDateTime(@Root() { row }: ServedPatient): string | null {
    return text(row, "deceased_at");
  }

  @FieldResolver(() => Boolean, { description: "Whether the source labels the record as simulated or test data." })
  simulated(@Root() { row }: ServedPatient): boolean {
    return flag(row, "simulated") === true;
  }

  @FieldResolver(() => [Condition], { description: "Conditions on record." })
  @Cost(5)
  conditions(
    @Root() patient: ServedPatient,
    @Arg("includeRefuted", () => Boolean, { defaultValue: false, description: REFUTED }) isAll: boolean,
    @Ctx() context: RequestContext,
  ): readonly Condition[] {
    return context.patients.recordsOf(patient, "conditions", isAll).map((row) => conditionOf(row, patient.reader));
  }

  @FieldResolver(() => [MedicationRequest], { description: "Drugs that were ordered, whatever became of the order." })
  @Cost(5)
  medications(
    @Root() patient: ServedPatient,
    @Arg("includeErrors", () => Boolean, { defaultValue: false, description: "Also what was entered in error." })
    isAll: boolean,
    @Ctx() context: RequestContext,
  ): readonly MedicationRequest[] {
    return context.patients.recordsOf(patient, "medications", isAll).map((row) => medicationOf(row, patient.reader));
  }

  @FieldResolver(() => [Encounter], { description: "Contacts with care." })
  @Cost(5)
  encounters(@Root() patient: ServedPatient, @Ctx() context: RequestContext): readonly Encounter[] {
    return context.patients.recordsOf(patient, "encounters", false).map(encounterOf);
  }

  @FieldResolver(() => [Consent], { description: "Consents on record." })
  @Cost(5)
  consents(@Root() patient: ServedPatient, @Ctx() context: RequestContext): readonly Consent[] {
    return context.patients.recordsOf(patient, "consents", false).map(consentOf);
  }

  @FieldResolver(() => [ID], { description: "Samples that are this person's and nobody else's, sorted." })
  @Cost(1)
  samples(@Root() patient: ServedPatient, @Ctx() context: RequestContext): readonly string[] {
    return context.patients
      .linksOf(patient)
      .filter(({ status }) => status === "LINKED")
      .map(({ sampleId }) => sampleId);
  }

  @FieldResolver(() => [SampleLink], {
    description: "Every sample that a statement gives to this person, also those that others claim.",
  })
  @Cost(1)
  sampleLinks(@Root() patient: ServedPatient, @Ctx() context: RequestContext): readonly object[] {
    return context.patients.linksOf(patient);
  }

  @FieldResolver(() => VariantConnection, {
    description:
      "Variants that a sample of this person's alone carries, in the snapshot the person is read from. Carrying a variant is not having a disease.",
  })
  @Cost(10, ["first"], ["filter"])
  async variants(
    @Root() { id, records, reader }: ServedPatient,
    @Arg("filter", () => VariantFilter, { ...NULLABLE, description: "What else has to hold." })
    filter: VariantFilter | null,
    @Arg("orderBy", () => VariantOrder, { defaultValue: VariantOrder.POSITION, description: "Order of the list." })
    orderBy: VariantOrder,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const others = records.filter((one) => one !== id && reader.people.patient(one) !== null);
    const carried = {
      kind: "samples",
      samples: [],
      patients: [id, ...others],
      callSet: null,
      zygosities: CARRIERS,
    } as const;
    const parts = filter == null ? [carried] : [predicateOf(filter), carried];
    const request = { predicate: { kind: "and", parts }, order: orderBy, snapshot: reader.catalog.snapshot } as const;
    return context.variants.list(request, first, after ?? null);
  }
}

@Resolver(() => PatientConnection)
export class PatientConnectionResolver {
  @FieldResolver(() => CountResult, { ...NULLABLE, description: "Number of all matches, whatever the page." })
  @Cost(10)
  async count(
    @Root() page: PatientPage,
    @Arg("mode", () => CountMode, { defaultValue: CountMode.NONE, description: "NONE answers null." }) mode: CountMode,
    @Ctx() context: RequestContext,
  ): Promise<CountResult | null> {
    return mode === CountMode.NONE ? null : counted(await context.patients.count(page));
  }

  @FieldResolver(() => Freshness)
  freshness(@Root() { reader }: PatientPage): Freshness {
    return freshnessOf(reader.catalog);
  }
}

function flag(row: ClinicalRow, column: string): boolean | null {
  const value = row[column];
  return typeof value === "boolean" ? value : null;
}
