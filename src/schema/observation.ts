import { Field, Float, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { Coding } from "./coding.js";
import { Freshness, PageInfo } from "./list.js";
import { CursorScalar, DateTimeScalar } from "./scalars.js";
import { Provenance } from "./variant.js";

const NULLABLE = { nullable: true } as const;
const DATE = "FHIR date or dateTime as the source gives it: a year stays a year.";

export enum ReadingFlag {
  EXTREME = "EXTREME",
  CLOCK_FAST = "CLOCK_FAST",
  CLOCK_SLOW = "CLOCK_SLOW",
  CONFLICT = "CONFLICT",
  NO_VALUE = "NO_VALUE",
}
registerEnumType(ReadingFlag, {
  name: "ReadingFlag",
  description: "What the service found about a reading. It is kept, whatever that is.",
  valuesConfig: {
    EXTREME: { description: "Possible, and so far out that patient and sensor want looking at. In no mean." },
    CLOCK_FAST: { description: "Its device's clock is ahead: the time is that of its receipt." },
    CLOCK_SLOW: { description: "Its device's clock is behind: the time is that of its receipt." },
    CONFLICT: { description: "Another reading with the same name says something else. In no mean." },
    NO_VALUE: { description: "Its source gives no value." },
  },
});

@InputType({ description: "A stretch of time, half open: its begin is in it, its end is not." })
export class TimeRangeInput {
  @Field(() => DateTimeScalar, { description: "Begin." })
  ge!: number;

  @Field(() => DateTimeScalar, { description: "End, after the begin." })
  lt!: number;
}

@ObjectType({ description: "A measured amount (FHIR Quantity).", simpleResolvers: true })
export class Quantity {
  @Field(() => Number, { ...NULLABLE, description: "The number; null where it is absent, with a reason beside it." })
  value!: number | null;

  @Field(() => String, { ...NULLABLE, description: "<, <=, >= or >: the value is a bound." })
  comparator!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Unit as text; null where the source states none." })
  unit!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Code of the unit, UCUM where system says so." })
  code!: string | null;

  @Field(() => String, { ...NULLABLE, description: "System of the unit's code." })
  system!: string | null;
}

@ObjectType({ description: "One part of a panel, such as the systolic pressure.", simpleResolvers: true })
export class ObservationComponent {
  @Field(() => Coding, { ...NULLABLE, description: "What was measured." })
  code!: Coding | null;

  @Field(() => Quantity, { ...NULLABLE, description: "The amount." })
  valueQuantity!: Quantity | null;

  @Field(() => Coding, { ...NULLABLE, description: "A coded value." })
  valueCodeableConcept!: Coding | null;

  @Field(() => String, { ...NULLABLE, description: "A value as text." })
  valueString!: string | null;

  @Field(() => String, { ...NULLABLE, description: "FHIR data-absent-reason." })
  dataAbsentReason!: string | null;
}

@ObjectType({
  description:
    "Something measured or stated of a person (FHIR Observation): a record of a snapshot, or a live reading. A live reading is in the unit its code is kept in; a record is as its file has it.",
  simpleResolvers: true,
})
export class Observation {
  @Field(() => ID, { description: "Id of the record, or of the event of a live reading." })
  id!: string;

  @Field(() => ID, { description: "The record it came under: the person's own, or one that was merged into it." })
  patientId!: string;

  @Field(() => Coding, { ...NULLABLE, description: "What was measured: its first coding." })
  code!: Coding | null;

  @Field(() => [Coding], { description: "All codings." })
  codings!: readonly Coding[];

  @Field(() => [String], { description: "Codes of its categories, such as vital-signs or laboratory." })
  category!: readonly string[];

  @Field(() => String, {
    description: "final, amended, preliminary, corrected, entered-in-error and so on; unknown for a cell of a table.",
  })
  status!: string;

  @Field(() => String, { ...NULLABLE, description: `When it was so, or began to be. ${DATE}` })
  effectiveDateTime!: string | null;

  @Field(() => String, { ...NULLABLE, description: `When it ended. ${DATE}` })
  effectiveEnd!: string | null;

  @Field(() => String, { ...NULLABLE, description: `When it was made available. ${DATE}` })
  issued!: string | null;

  @Field(() => Quantity, { ...NULLABLE, description: "The amount." })
  valueQuantity!: Quantity | null;

  @Field(() => Coding, { ...NULLABLE, description: "A coded value." })
  valueCodeableConcept!: Coding | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "A value as text; with dataAbsentReason error, what the source holds instead of a value.",
  })
  valueString!: string | null;

  @Field(() => [ObservationComponent], { description: "Parts of a panel; empty for a single value." })
  component!: readonly ObservationComponent[];

  @Field(() => String, {
    ...NULLABLE,
    description: "FHIR data-absent-reason: why there is no value; error where what is there cannot be true.",
  })
  dataAbsentReason!: string | null;

  @Field(() => ID, { ...NULLABLE, description: "The encounter it was made in." })
  encounterId!: string | null;

  @Field(() => Provenance, { ...NULLABLE, description: "File, line and job; null for a live reading." })
  provenance!: Provenance | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When a live reading was received." })
  receivedAt!: number | null;

  @Field(() => String, { ...NULLABLE, description: "Source of a live reading." })
  source!: string | null;

  @Field(() => ID, { ...NULLABLE, description: "Device of a live reading." })
  device!: string | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "The code as a live reading came, where it is another of its group.",
  })
  originalCode!: string | null;

  @Field(() => Quantity, { ...NULLABLE, description: "The amount as a live reading came, before it was converted." })
  originalQuantity!: Quantity | null;

  @Field(() => Boolean, {
    description: "It came after its windows were final: it is kept, and is in none of them.",
  })
  late!: boolean;

  @Field(() => [ReadingFlag], { description: "What the service found about a live reading." })
  flags!: readonly ReadingFlag[];

  @Field(() => [String], { description: "What its source says about the quality of a live reading." })
  quality!: readonly string[];

  @Field(() => ID, { ...NULLABLE, description: "Id of the observation this one corrects." })
  replaces!: string | null;

  @Field(() => Float, { description: "How often it was corrected since it came; a whole number." })
  revision!: number;

  @Field(() => Boolean, { description: "Made up, or replayed from a recording." })
  simulated!: boolean;

  @Field(() => Freshness, { description: "Which layer it is from. A live reading may still be corrected." })
  freshness!: Freshness;
}

@ObjectType({ description: "An observation and its place in the list.", simpleResolvers: true })
export class ObservationEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => Observation, { description: "The observation." })
  node!: Observation;
}

@ObjectType({ description: "A page of observations, the newest first.", simpleResolvers: true })
export class ObservationConnection {
  @Field(() => [ObservationEdge], { description: "Nodes with their cursors." })
  edges!: readonly ObservationEdge[];

  @Field(() => [Observation], { description: "The nodes alone." })
  nodes!: readonly Observation[];

  @Field(() => PageInfo, { description: "Where the page lies." })
  pageInfo!: PageInfo;
}
