import { Field, ID, ObjectType } from "type-graphql";
import { Coding } from "./coding.js";
import { LinkStatus } from "./enums.js";
import { Freshness, PageInfo } from "./list.js";
import { CursorScalar, DateTimeScalar } from "./scalars.js";
import { Provenance } from "./variant.js";

const NULLABLE = { nullable: true } as const;
const DATE = "FHIR date or dateTime as the source gives it: a year stays a year.";

@ObjectType({ description: "A business identifier of a person (FHIR Identifier).", simpleResolvers: true })
export class Identifier {
  @Field(() => String, { description: "Who gives such identifiers: a URI; empty where the source does not say." })
  system!: string;

  @Field(() => String, { description: "The identifier." })
  value!: string;
}

@ObjectType({
  description: "A condition on record (FHIR Condition). On record is not the same as present: see its states.",
  simpleResolvers: true,
})
export class Condition {
  @Field(() => ID, { description: "Id of the record." })
  id!: string;

  @Field(() => Coding, { ...NULLABLE, description: "Its first coding; null where the source gives text alone." })
  code!: Coding | null;

  @Field(() => [Coding], { description: "All codings." })
  codings!: readonly Coding[];

  @Field(() => String, { ...NULLABLE, description: "Text of the source, or the display of the first coding." })
  text!: string | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "active, recurrence, relapse, inactive, remission or resolved; null where the source does not say.",
  })
  clinicalStatus!: string | null;

  @Field(() => String, {
    ...NULLABLE,
    description:
      "unconfirmed, provisional, differential, confirmed, refuted or entered-in-error; null where the source does not say.",
  })
  verificationStatus!: string | null;

  @Field(() => String, { ...NULLABLE, description: `When it began. ${DATE}` })
  onset!: string | null;

  @Field(() => String, { ...NULLABLE, description: `When it was recorded. ${DATE}` })
  recorded!: string | null;

  @Field(() => ID, { ...NULLABLE, description: "The encounter it was recorded in." })
  encounterId!: string | null;

  @Field(() => Provenance, { description: "File, line and job." })
  provenance!: Provenance;
}

@ObjectType({ description: "An order for a drug (FHIR MedicationRequest).", simpleResolvers: true })
export class MedicationRequest {
  @Field(() => ID, { description: "Id of the record." })
  id!: string;

  @Field(() => Coding, { ...NULLABLE, description: "The drug: its first coding." })
  code!: Coding | null;

  @Field(() => [Coding], { description: "All codings of the drug." })
  codings!: readonly Coding[];

  @Field(() => String, { ...NULLABLE, description: "Text of the source, or the display of the first coding." })
  text!: string | null;

  @Field(() => String, {
    description: "active, on-hold, cancelled, completed, entered-in-error, stopped, draft or unknown.",
  })
  status!: string;

  @Field(() => String, { description: "order, plan, proposal and so on, as the source says." })
  intent!: string;

  @Field(() => String, { ...NULLABLE, description: `When it was written. ${DATE}` })
  authoredOn!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Dosage instructions as text." })
  dosage!: string | null;

  @Field(() => ID, { ...NULLABLE, description: "The encounter it was written in." })
  encounterId!: string | null;

  @Field(() => Provenance, { description: "File, line and job." })
  provenance!: Provenance;
}

@ObjectType({ description: "A contact with care (FHIR Encounter).", simpleResolvers: true })
export class Encounter {
  @Field(() => ID, { description: "Id of the record." })
  id!: string;

  @Field(() => String, { description: "planned, in-progress, finished and so on." })
  status!: string;

  @Field(() => String, { ...NULLABLE, description: "Code of the class, such as AMB or IMP." })
  class!: string | null;

  @Field(() => String, { ...NULLABLE, description: `Begin. ${DATE}` })
  start!: string | null;

  @Field(() => String, { ...NULLABLE, description: `End. ${DATE}` })
  end!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Where: the first location." })
  location!: string | null;
}

@ObjectType({ description: "What a person agreed to (FHIR Consent).", simpleResolvers: true })
export class Consent {
  @Field(() => ID, { description: "Id of the record." })
  id!: string;

  @Field(() => String, { description: "draft, proposed, active, rejected, inactive or entered-in-error." })
  status!: string;

  @Field(() => String, { ...NULLABLE, description: "Code of the scope, such as research." })
  scope!: string | null;

  @Field(() => String, { ...NULLABLE, description: "permit or deny, of the root provision." })
  decision!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Code of the policy rule." })
  policy!: string | null;

  @Field(() => String, { ...NULLABLE, description: `When it was given. ${DATE}` })
  dateTime!: string | null;
}

@ObjectType({ description: "One statement that a sample is a person's.", simpleResolvers: true })
export class SampleStatement {
  @Field(() => ID, { description: "The person it names." })
  patientId!: string;

  @Field(() => String, { description: "System of the identifier that names the sample." })
  system!: string;

  @Field(() => String, { description: "Where it is stated, such as Patient.identifier or a column." })
  statedBy!: string;
}

@ObjectType({ description: "Whose a sample is. Ambiguity is an answer: nothing is guessed from names." })
export class SampleLink {
  @Field(() => ID, { description: "Name of the sample in its files." })
  sampleId!: string;

  @Field(() => LinkStatus, { description: "What all statements come to." })
  status!: LinkStatus;

  @Field(() => [SampleStatement], { description: "Every statement there is." })
  statements!: readonly SampleStatement[];
}

@ObjectType({ description: "Another record of a person (FHIR Patient.link).", simpleResolvers: true })
export class PatientLink {
  @Field(() => ID, { description: "Id of the other record." })
  other!: string;

  @Field(() => String, {
    description: "replaces: it was merged into this one; replaced-by: this one was merged into it.",
  })
  type!: string;

  @Field(() => DateTimeScalar, { description: "Since when." })
  since!: number;

  @Field(() => Boolean, { description: "Somebody doubts it: then nothing is read across it." })
  disputed!: boolean;
}

@ObjectType({ description: "A person (FHIR Patient) with what is on record of them, in one snapshot." })
export class Patient {
  @Field(() => ID, { description: "Id of the Patient record, or the subject id of a table." })
  id!: string;
}

@ObjectType({ description: "A patient and their place in the list." })
export class PatientEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => Patient, { description: "The patient." })
  node!: Patient;
}

@ObjectType({ description: "A page of patients by id, pinned to one snapshot." })
export class PatientConnection {
  @Field(() => [PatientEdge], { description: "Nodes with their cursors." })
  edges!: readonly PatientEdge[];

  @Field(() => [Patient], { description: "The nodes alone." })
  nodes!: readonly Patient[];

  @Field(() => PageInfo, { description: "Where the page lies." })
  pageInfo!: PageInfo;

  @Field(() => Freshness, { description: "How fresh the list is." })
  freshness!: Freshness;
}
