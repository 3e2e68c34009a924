import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { AlertKind, AlertPriority } from "./alert-enums.js";
import { Coding } from "./coding.js";
import { CodingInput } from "./patient-filter.js";
import { DurationScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

export enum RuleStatus {
  DRAFT = "DRAFT",
  SHADOW = "SHADOW",
  ACTIVE = "ACTIVE",
  RETIRED = "RETIRED",
}
registerEnumType(RuleStatus, {
  name: "RuleStatus",
  description: "Whether a rule calls anybody.",
  valuesConfig: {
    DRAFT: { description: "It is not looked at." },
    SHADOW: { description: "It is being tried: its alerts are recorded, nobody is called." },
    ACTIVE: { description: "It is in force." },
    RETIRED: { description: "It is over." },
  },
});

export enum TechnicalCause {
  EXTREME_VALUE = "EXTREME_VALUE",
  DEVICE_CLOCK = "DEVICE_CLOCK",
  CONFLICT = "CONFLICT",
  SEQUENCE_GAP = "SEQUENCE_GAP",
  AGE_UNKNOWN = "AGE_UNKNOWN",
}
registerEnumType(TechnicalCause, {
  name: "TechnicalCause",
  description: "What a TECHNICAL rule calls.",
  valuesConfig: {
    EXTREME_VALUE: { description: "A value that is possible and extreme: check the patient, then the sensor." },
    DEVICE_CLOCK: { description: "The clock of a device is wrong." },
    CONFLICT: { description: "Two readings of one name say different things." },
    SEQUENCE_GAP: { description: "Readings of a device are missing." },
    AGE_UNKNOWN: { description: "Rules that need an age are not applied, because it is not known." },
  },
});

const COMPARATOR = { description: "<, <=, > or >=." };
const LIMIT_UNIT = {
  ...NULLABLE,
  description: "UCUM: the unit that readings of the code are kept in; {score} of a score.",
};

@ObjectType({ description: "A limit.", simpleResolvers: true })
export class ThresholdSpec {
  @Field(() => String, COMPARATOR)
  comparator!: string;

  @Field(() => Float, { description: "The value." })
  value!: number;

  @Field(() => String, LIMIT_UNIT)
  unit!: string | null;
}

@InputType({ description: "A limit." })
export class ThresholdInput {
  @Field(() => String, COMPARATOR)
  comparator!: string;

  @Field(() => Float, { description: "The value." })
  value!: number;

  @Field(() => String, LIMIT_UNIT)
  unit?: string | null;
}

const SCOPE = "For whom a rule is; null says nothing. Who is not known to be inside is outside.";

@ObjectType({ description: SCOPE, simpleResolvers: true })
export class RuleScope {
  @Field(() => ID, { ...NULLABLE, description: "This person alone." })
  patientId!: string | null;

  @Field(() => Int, { ...NULLABLE, description: "From this age, in whole years." })
  ageMin!: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Up to this age, in whole years." })
  ageMax!: number | null;
}

@InputType({ description: SCOPE })
export class RuleScopeInput {
  @Field(() => ID, { ...NULLABLE, description: "This person alone." })
  patientId?: string | null;

  @Field(() => Int, { ...NULLABLE, description: "From this age, in whole years." })
  ageMin?: number | null;

  @Field(() => Int, { ...NULLABLE, description: "Up to this age, in whole years." })
  ageMax?: number | null;
}

@ObjectType({ description: "One condition of a COMBINATION.", simpleResolvers: true })
export class RuleTerm {
  @Field(() => Coding, { description: "What is measured." })
  code!: Coding;

  @Field(() => ThresholdSpec, { description: "When it holds." })
  limit!: ThresholdSpec;
}

@InputType({ description: "One condition of a COMBINATION." })
export class RuleTermInput {
  @Field(() => CodingInput, { description: "What is measured." })
  code!: CodingInput;

  @Field(() => ThresholdInput, { description: "When it holds." })
  limit!: ThresholdInput;
}

const ABOUT = {
  kind: "What it looks at.",
  name: "What alerts of it are called.",
  code: "LOINC code of what is measured; null where a kind looks at none, or at any.",
  limit: "The limit that calls: of the value, its mean, its change over the window, or the score.",
  clear: "When the condition is over; null: as soon as the limit is not broken.",
  delay: "How long the condition must hold before the alert.",
  clearDelay: "How long it must be over before the alert ends.",
  window: "Of a mean or a change: how far back.",
  score: "Of a SCORE: NEWS2.",
  singleRed: "Of a SCORE: also where one parameter alone scores 3.",
  terms: "Of a COMBINATION: what has to hold at once.",
  technical: "Of a TECHNICAL: what it calls.",
  reAlarm: "An acknowledged alert whose condition stays calls again after so long; null: never.",
  staleAfter:
    "Readings older than this say nothing any more; of STALE_DATA: the silence that calls. Null: as the source has it.",
  latching: "Goes on calling after the condition has gone, until somebody acknowledges.",
  appliesTo: "For whom it is.",
} as const;

@ObjectType({ description: "One version of a rule: what calls, and whom it is for." })
export class AlertRule {
  @Field(() => ID, { description: "Small letters, digits and hyphens." })
  id!: string;

  @Field(() => Int, { description: "Grows by one with every change." })
  version!: number;

  @Field(() => AlertKind, { description: ABOUT.kind })
  kind!: AlertKind;

  @Field(() => RuleStatus, { description: "Whether it calls anybody." })
  status!: RuleStatus;

  @Field(() => String, { description: ABOUT.name })
  name!: string;

  @Field(() => AlertPriority, { description: "How urgent." })
  priority!: AlertPriority;

  @Field(() => ThresholdSpec, { ...NULLABLE, description: ABOUT.limit })
  limit!: ThresholdSpec | null;

  @Field(() => ThresholdSpec, { ...NULLABLE, description: ABOUT.clear })
  clear!: ThresholdSpec | null;

  @Field(() => String, { ...NULLABLE, description: ABOUT.score })
  score!: string | null;

  @Field(() => Boolean, { description: ABOUT.singleRed })
  singleRed!: boolean;

  @Field(() => TechnicalCause, { ...NULLABLE, description: ABOUT.technical })
  technical!: TechnicalCause | null;

  @Field(() => Boolean, { description: ABOUT.latching })
  latching!: boolean;

  @Field(() => RuleScope, { description: ABOUT.appliesTo })
  appliesTo!: RuleScope;

  @Field(() => String, { description: "Who wrote this version; vitalome: it came with the service." })
  author!: string;

  @Field(() => String, { ...NULLABLE, description: "Where its limits come from." })
  rationale!: string | null;
}

/** Durations by the names clients know, and the fields that hold them. */
export const RULE_DURATIONS = {
  delay: ABOUT.delay,
  clearDelay: ABOUT.clearDelay,
  window: ABOUT.window,
  reAlarm: ABOUT.reAlarm,
  staleAfter: ABOUT.staleAfter,
} as const;
export const RULE_CODE = ABOUT.code;
export const RULE_TERMS = ABOUT.terms;

@InputType({ description: "A rule as it is to be. What a kind does not look at is refused." })
export class AlertRuleInput {
  @Field(() => AlertKind, { description: ABOUT.kind })
  kind!: AlertKind;

  @Field(() => String, { description: ABOUT.name })
  name!: string;

  @Field(() => AlertPriority, { description: "How urgent." })
  priority!: AlertPriority;

  @Field(() => CodingInput, { ...NULLABLE, description: ABOUT.code })
  code?: CodingInput | null;

  @Field(() => ThresholdInput, { ...NULLABLE, description: ABOUT.limit })
  limit?: ThresholdInput | null;

  @Field(() => ThresholdInput, { ...NULLABLE, description: ABOUT.clear })
  clear?: ThresholdInput | null;

  @Field(() => DurationScalar, { ...NULLABLE, description: ABOUT.delay })
  delay?: number | null;

  @Field(() => DurationScalar, { ...NULLABLE, description: ABOUT.clearDelay })
  clearDelay?: number | null;

  @Field(() => DurationScalar, { ...NULLABLE, description: ABOUT.window })
  window?: number | null;

  @Field(() => String, { ...NULLABLE, description: ABOUT.score })
  score?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: ABOUT.singleRed })
  singleRed!: boolean;

  @Field(() => [RuleTermInput], { ...NULLABLE, description: ABOUT.terms })
  terms?: RuleTermInput[] | null;

  @Field(() => TechnicalCause, { ...NULLABLE, description: ABOUT.technical })
  technical?: TechnicalCause | null;

  @Field(() => DurationScalar, { ...NULLABLE, description: ABOUT.reAlarm })
  reAlarm?: number | null;

  @Field(() => DurationScalar, { ...NULLABLE, description: ABOUT.staleAfter })
  staleAfter?: number | null;

  @Field(() => Boolean, { defaultValue: false, description: ABOUT.latching })
  latching!: boolean;

  @Field(() => RuleScopeInput, { ...NULLABLE, description: ABOUT.appliesTo })
  appliesTo?: RuleScopeInput | null;

  @Field(() => String, { description: "Where its limits come from; kept with the change." })
  rationale!: string;
}
