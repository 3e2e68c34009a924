import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar, DurationScalar, JsonScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

export enum SourceKind {
  BEDSIDE = "BEDSIDE",
  SPOT_CHECK = "SPOT_CHECK",
  LABORATORY = "LABORATORY",
}
registerEnumType(SourceKind, {
  name: "SourceKind",
  description: "How readings of a source come.",
  valuesConfig: {
    BEDSIDE: { description: "All the time." },
    SPOT_CHECK: { description: "When somebody looks in." },
    LABORATORY: { description: "When a sample was looked at." },
  },
});

export enum RegistryKind {
  ALERT_RULE = "alert-rule",
  MONITORING_PLAN = "monitoring-plan",
  SOURCE = "source",
  PATIENT = "patient",
  STAY = "stay",
  LINK = "link",
  CONSENT = "consent",
  COHORT = "cohort",
}
registerEnumType(RegistryKind, {
  name: "RegistryKind",
  description: "What an entry of the registry is about.",
  valuesConfig: {
    ALERT_RULE: { description: "A rule." },
    MONITORING_PLAN: { description: "The plan of a patient; its id is theirs." },
    SOURCE: { description: "A source of readings." },
    PATIENT: { description: "A person." },
    STAY: { description: "Where a person is." },
    LINK: { description: "A record that was merged into another." },
    CONSENT: { description: "What a person allows." },
    COHORT: { description: "People who meet criteria." },
  },
});

const SCALE =
  "1, or 2 where a clinician has prescribed a target of 88 to 92 % (hypercapnic respiratory failure): then who did stands in prescriber.";
const PLAN = {
  pregnancy: "Whether the patient is pregnant: NEWS2 does not apply then.",
  adult: "Attests an age of 16 years or more where the birth date is not known.",
  baselineConfusion: "Whether confusion is not new for this patient.",
  ceilingOfCare: "How far care is to go, in words.",
  validFrom: "From when it holds: it replaces every plan before it.",
  validTo: "When it ends, not included; null: never.",
  prescriber: "Who prescribed it.",
  reason: "Why.",
} as const;

@ObjectType({
  description: "What a clinician has laid down for watching one patient; null says nothing.",
  simpleResolvers: true,
})
export class MonitoringPlan {
  @Field(() => Int, { description: "Grows by one with every change." })
  version!: number;

  @Field(() => Int, { description: SCALE })
  spo2Scale!: number;

  @Field(() => Boolean, { ...NULLABLE, description: PLAN.pregnancy })
  pregnancy!: boolean | null;

  @Field(() => Boolean, { ...NULLABLE, description: PLAN.adult })
  adult!: boolean | null;

  @Field(() => Boolean, { ...NULLABLE, description: PLAN.baselineConfusion })
  baselineConfusion!: boolean | null;

  @Field(() => String, { ...NULLABLE, description: PLAN.ceilingOfCare })
  ceilingOfCare!: string | null;

  @Field(() => DateTimeScalar, { description: PLAN.validFrom })
  validFrom!: number;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: PLAN.validTo })
  validTo!: number | null;

  @Field(() => String, { ...NULLABLE, description: PLAN.prescriber })
  prescriber!: string | null;

  @Field(() => String, { description: PLAN.reason })
  reason!: string;
}

@InputType({ description: "A plan as it is to be; it replaces the one there is, whole." })
export class MonitoringPlanInput {
  @Field(() => Int, { description: SCALE })
  spo2Scale!: number;

  @Field(() => Boolean, { ...NULLABLE, description: PLAN.pregnancy })
  pregnancy?: boolean | null;

  @Field(() => Boolean, { ...NULLABLE, description: PLAN.adult })
  adult?: boolean | null;

  @Field(() => Boolean, { ...NULLABLE, description: PLAN.baselineConfusion })
  baselineConfusion?: boolean | null;

  @Field(() => String, { ...NULLABLE, description: PLAN.ceilingOfCare })
  ceilingOfCare?: string | null;

  @Field(() => DateTimeScalar, { description: PLAN.validFrom })
  validFrom!: number;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: PLAN.validTo })
  validTo?: number | null;

  @Field(() => String, { ...NULLABLE, description: PLAN.prescriber })
  prescriber?: string | null;

  @Field(() => String, { description: PLAN.reason })
  reason!: string;
}

export const SOURCE_TOPIC =
  "Where its producers write by themselves, a record of the short form or a FHIR Observation each: a topic of the same Kafka cluster, or foreign/<topic>.ndjson in the folder of an embedded service. Read from its start; null: readings are handed in.";

@ObjectType({ description: "A source of readings, as somebody has described it.", simpleResolvers: true })
export class ReadingSource {
  @Field(() => ID, { description: "Its name." })
  id!: string;

  @Field(() => Int, { description: "Grows by one with every change." })
  version!: number;

  @Field(() => SourceKind, { description: "How its readings come." })
  kind!: SourceKind;

  @Field(() => DurationScalar, { description: "Readings older than this say nothing any more." })
  staleAfter!: number;

  @Field(() => String, {
    ...NULLABLE,
    description: "IANA zone of times without an offset; null: such times are refused.",
  })
  zone!: string | null;

  @Field(() => String, { ...NULLABLE, description: SOURCE_TOPIC })
  topic?: string | null;
}

@ObjectType({ description: "One version of an entry of the registry.", simpleResolvers: true })
export class RegistryChange {
  @Field(() => Int, { description: "Grows by one with every change." })
  version!: number;

  @Field(() => JsonScalar, {
    ...NULLABLE,
    description: "The entry; null where it was withdrawn. Durations and times are in milliseconds.",
  })
  value!: unknown;

  @Field(() => String, { description: "Who changed it." })
  by!: string;

  @Field(() => String, { ...NULLABLE, description: "Why." })
  reason!: string | null;

  @Field(() => DateTimeScalar, { description: "When." })
  at!: number;
}
