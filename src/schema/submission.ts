import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { RuleCount } from "./job.js";
import { PageInfo } from "./list.js";
import { CursorScalar, DateTimeScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({
  description:
    "Where every reading went: read = accepted + rejected + duplicates. Counted in readings: a panel is as many as it has components, a record nothing can be read from is one.",
  simpleResolvers: true,
})
export class ObservationLedger {
  @Field(() => Float, { description: "Readings that were looked at." })
  read!: number;

  @Field(() => Float, { description: "Readings that are served, shown in windows and looked at for alerts." })
  accepted!: number;

  @Field(() => Float, { description: "Came too late to change a window that was final; a part of accepted." })
  late!: number;

  @Field(() => Float, { description: "Came before, with the same content." })
  duplicates!: number;

  @Field(() => [RuleCount], { description: "Break a rule, by rule: see rejectedObservations." })
  rejected!: readonly RuleCount[];

  @Field(() => Boolean, { description: "Whether the sum holds." })
  balanced!: boolean;
}

@ObjectType({ description: "Readings that are durable, whatever will be said of them.", simpleResolvers: true })
export class Submission {
  @Field(() => ID, { description: "The same idempotency key is the same submission." })
  id!: string;

  @Field(() => CursorScalar, { description: "Names it in `submission`, for a week." })
  cursor!: string;

  @Field(() => Float, { description: "Lines in the log, not counting blank ones." })
  lines!: number;

  @Field(() => ObservationLedger, {
    ...NULLABLE,
    description:
      "Where its readings went; null until the worker has judged the last of them. What was sent in an attempt that broke off is counted too.",
  })
  ledger!: ObservationLedger | null;
}

@ObjectType({ description: "Where the readings of one source went.", simpleResolvers: true })
export class SourceLedger {
  @Field(() => ID, { description: "Name of the source." })
  source!: string;

  @Field(() => ObservationLedger, { description: "Everything counted since then." })
  ledger!: ObservationLedger;

  @Field(() => DateTimeScalar, {
    description: "When the first readings in it were counted: older counts have left the log.",
  })
  since!: number;

  @Field(() => DateTimeScalar, { description: "When readings of the source were last counted." })
  lastCountedAt!: number;
}

@ObjectType({ description: "A record, or a reading of it, that broke a rule.", simpleResolvers: true })
export class RejectedObservation {
  @Field(() => ID, { description: "The same place in the log has the same." })
  rejectionId!: string;

  @Field(() => String, { description: "Name of its source." })
  source!: string;

  @Field(() => ID, { ...NULLABLE, description: "The submission it came with; null where its source writes itself." })
  submissionId!: string | null;

  @Field(() => Int, { ...NULLABLE, description: "Line in that submission, from 1." })
  line!: number | null;

  @Field(() => String, { description: "Name of the rule." })
  rule!: string;

  @Field(() => String, { description: "Field with the fault." })
  field!: string;

  @Field(() => String, { description: "What was there." })
  found!: string;

  @Field(() => String, { description: "What the rule expects." })
  expected!: string;

  @Field(() => String, {
    ...NULLABLE,
    description: "The record as it was received; may be personal data, and is null for whoever may not see it.",
  })
  raw!: string | null;

  @Field(() => DateTimeScalar, { description: "When it was rejected." })
  rejectedAt!: number;
}

@ObjectType({ description: "A rejection and its place in the list.", simpleResolvers: true })
export class RejectedObservationEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => RejectedObservation, { description: "The rejection." })
  node!: RejectedObservation;
}

@ObjectType({
  description:
    "A page of rejections, the newest first. Where few of many match it may be shorter than asked, or empty, and yet have a next.",
  simpleResolvers: true,
})
export class RejectedObservationConnection {
  @Field(() => [RejectedObservationEdge], { description: "Nodes with their cursors." })
  edges!: readonly RejectedObservationEdge[];

  @Field(() => [RejectedObservation], { description: "The nodes alone." })
  nodes!: readonly RejectedObservation[];

  @Field(() => PageInfo, { description: "Where the page lies." })
  pageInfo!: PageInfo;
}
