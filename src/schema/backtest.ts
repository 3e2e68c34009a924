import { Field, Float, ID, InputType, Int, ObjectType } from "type-graphql";
import { DateTimeScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

@InputType({ description: "A stretch of time, half open." })
export class PeriodInput {
  @Field(() => DateTimeScalar, { description: "From when, included." })
  from!: number;

  @Field(() => DateTimeScalar, { description: "Until when, not included." })
  to!: number;
}

@ObjectType({ description: "An alert that a rule would have raised.", simpleResolvers: true })
export class BacktestCase {
  @Field(() => ID, { description: "Of whom." })
  patientId!: string;

  @Field(() => DateTimeScalar, { description: "When its condition began." })
  onset!: number;

  @Field(() => DateTimeScalar, { description: "When it would have called." })
  raisedAt!: number;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When it would have ended; null: not within the period." })
  endedAt!: number | null;

  @Field(() => String, { description: "What it would have said, as it last stood." })
  message!: string;
}

@ObjectType({ description: "What one rule would have raised.", simpleResolvers: true })
export class BacktestSide {
  @Field(() => ID, { description: "The rule." })
  ruleId!: string;

  @Field(() => Int, { description: "Its version; of a rule that is not written, the one it would get." })
  version!: number;

  @Field(() => Float, { description: "Alerts; a whole number." })
  alerts!: number;

  @Field(() => Float, {
    ...NULLABLE,
    description: "Alerts per patient-day; null where nobody was observed for any time.",
  })
  perPatientDay!: number | null;

  @Field(() => [BacktestCase], { description: "The first of them, at most 20." })
  cases!: readonly BacktestCase[];
}

@ObjectType({
  description: "How much earlier the candidate calls where both do, in seconds; below 0 it is later.",
  simpleResolvers: true,
})
export class BacktestLead {
  @Field(() => Float, { description: "The least." })
  leastSeconds!: number;

  @Field(() => Float, { description: "The median." })
  medianSeconds!: number;

  @Field(() => Float, { description: "The most." })
  mostSeconds!: number;
}

@ObjectType({
  description:
    "What a rule would have raised in a period, beside the rule in force. Nobody answers in a replay: alerts end by their condition alone. Nothing from before the period is known in it. Persons and sources are as they are known when it runs, plans as they were in force.",
  simpleResolvers: true,
})
export class BacktestReport {
  @Field(() => Int, { description: "Patients with readings in the period." })
  patients!: number;

  @Field(() => Float, { description: "Days from the first reading of each patient to the last, added up." })
  patientDays!: number;

  @Field(() => BacktestSide, { description: "Of the rule that is weighed." })
  candidate!: BacktestSide;

  @Field(() => BacktestSide, { ...NULLABLE, description: "Of the rule it is compared with; null where there is none." })
  current!: BacktestSide | null;

  @Field(() => Float, { description: "Alerts of both about the same." })
  both!: number;

  @Field(() => Float, { description: "Alerts of the candidate alone; 0 where there is no other rule." })
  extra!: number;

  @Field(() => Float, { description: "Alerts of the other rule alone." })
  missed!: number;

  @Field(() => BacktestLead, { ...NULLABLE, description: "How much earlier it calls; null where no alert is of both." })
  lead!: BacktestLead | null;

  @Field(() => [BacktestCase], { description: "The first that the candidate alone raises, at most 20." })
  extraCases!: readonly BacktestCase[];

  @Field(() => [BacktestCase], { description: "The first that the other rule alone raises, at most 20." })
  missedCases!: readonly BacktestCase[];
}
