import { Field, ID, Int, ObjectType, createUnionType } from "type-graphql";
import { AlertAssessment, AlertKind, AlertPresence, AlertPriority, AlertStepReason } from "./alert-enums.js";
import { PageInfo } from "./list.js";
import { StreamGap, StreamHeartbeat, streamTypeOf } from "./live.js";
import { CursorScalar, DateTimeScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({ description: "One step in the life of an alert. Steps are added, never changed.", simpleResolvers: true })
export class AlertTransition {
  @Field(() => Int, { description: "Version of the alert behind it." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it was due, by the service's one clock." })
  at!: number;

  @Field(() => DateTimeScalar, { description: "When the log took it." })
  loggedAt!: number;

  @Field(() => AlertPresence, { ...NULLABLE, description: "Before; null for the first." })
  from!: AlertPresence | null;

  @Field(() => AlertPresence, { description: "After." })
  to!: AlertPresence;

  @Field(() => AlertStepReason, { description: "Why." })
  reason!: AlertStepReason;

  @Field(() => String, { ...NULLABLE, description: "Words of a person, or of what was found." })
  text!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Who; null for the service itself." })
  by!: string | null;

  @Field(() => AlertPriority, { description: "Priority behind it." })
  priority!: AlertPriority;
}

@ObjectType({
  description:
    "Something a rule found about a patient, and what became of it. Research and decision support only: no substitute for looking at the patient.",
})
export class Alert {
  @Field(() => ID, {
    description: "Made from rule, version, patient, subject and onset: the same readings give the same.",
  })
  id!: string;

  @Field(() => ID, { description: "The person it is about." })
  patientId!: string;

  @Field(() => ID, { description: "The rule that found it." })
  ruleId!: string;

  @Field(() => Int, { description: "Version of that rule." })
  ruleVersion!: number;

  @Field(() => AlertKind, { description: "What the rule looks at." })
  kind!: AlertKind;

  @Field(() => AlertPriority, { description: "How urgent." })
  priority!: AlertPriority;

  @Field(() => AlertPresence, { description: "Whether it is announced." })
  presence!: AlertPresence;

  @Field(() => Boolean, { description: "Whether its condition holds, announced or not." })
  conditionPresent!: boolean;

  @Field(() => Boolean, {
    description: "No data for longer than the rule allows: it may no longer be so. It stays open.",
  })
  stale!: boolean;

  @Field(() => Int, { description: "Grows by one with every step. Give it as expectedVersion." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When the condition began, by the readings." })
  onset!: number;

  @Field(() => DateTimeScalar, { description: "When it was raised." })
  raisedAt!: number;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When the condition ended; null while it is present." })
  abatement!: number | null;

  @Field(() => Int, { description: "How often the condition came while it was open." })
  occurrenceCount!: number;

  @Field(() => String, { description: "What it says." })
  message!: string;

  @Field(() => String, { ...NULLABLE, description: "The reading, score or length of silence behind its last step." })
  value!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Unit of the value." })
  unit!: string | null;

  @Field(() => String, { ...NULLABLE, description: "The limit, such as < 90 %." })
  threshold!: string | null;

  @Field(() => [ID], { description: "Event ids of the readings it rests on, the newest last, at most 20." })
  derivedFromIds!: readonly string[];

  @Field(() => Int, { description: "How often nobody acknowledged it in time." })
  escalationLevel!: number;

  @Field(() => String, { ...NULLABLE, description: "Who took it on." })
  acknowledgedBy!: string | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When." })
  acknowledgedAt!: number | null;

  @Field(() => String, { ...NULLABLE, description: "What they noted." })
  note!: string | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "Until when it is silent." })
  snoozedUntil!: number | null;

  @Field(() => AlertAssessment, { ...NULLABLE, description: "What somebody who looked thinks of it." })
  assessment!: AlertAssessment | null;

  @Field(() => ID, { ...NULLABLE, description: "The alert it took the place of." })
  supersedes!: string | null;

  @Field(() => ID, { ...NULLABLE, description: "The person it was raised for, where records were merged since." })
  movedFrom!: string | null;

  @Field(() => Boolean, { description: "Its rule is being tried: nobody is called." })
  shadow!: boolean;

  @Field(() => Boolean, { description: "It rests on made-up or replayed readings." })
  simulated!: boolean;
}

@ObjectType({ description: "An alert and its place in the list.", simpleResolvers: true })
export class AlertEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => Alert, { description: "The alert." })
  node!: Alert;
}

@ObjectType({ description: "A page of alerts, the newest first." })
export class AlertConnection {
  @Field(() => [AlertEdge], { description: "Nodes with their cursors." })
  edges!: readonly AlertEdge[];

  @Field(() => [Alert], { description: "The nodes alone." })
  nodes!: readonly Alert[];

  @Field(() => PageInfo, { description: "Where the page lies. Alerts are live: the snapshot is 0." })
  pageInfo!: PageInfo;
}

@ObjectType({ description: "A step of an alert, with the alert behind it.", simpleResolvers: true })
export class AlertChange {
  @Field(() => Alert, { description: "The alert behind the step." })
  alert!: Alert;

  @Field(() => AlertTransition, { description: "The step." })
  transition!: AlertTransition;

  @Field(() => Boolean, {
    description: "It no longer meets the filter, by this step: no further one is told until it does again.",
  })
  leaves!: boolean;
}

export const AlertPayload = createUnionType({
  name: "AlertPayload",
  description: "A step of an alert, or a word of the stream itself.",
  types: () => [AlertChange, StreamGap, StreamHeartbeat] as const,
  resolveType: (event) => streamTypeOf(event) ?? "AlertChange",
});

@ObjectType({ description: "One event of alerts.", simpleResolvers: true })
export class AlertEvent {
  @Field(() => CursorScalar, {
    description: "Where to resume: given as `after`, the stream goes on behind this event, whatever it was.",
  })
  cursor!: string;

  @Field(() => String, {
    ...NULLABLE,
    description: "Names the event for ever: partition and offset in the log; null for a word of the stream.",
  })
  sequence!: string | null;

  @Field(() => AlertPayload, { description: "What happened." })
  event!: typeof AlertPayload;
}
