import { Field, Float, ID, Int, ObjectType, createUnionType } from "type-graphql";
import { isStreamGap, isStreamHeartbeat } from "../domain/live.js";
import { GapReason } from "./enums.js";
import { Job } from "./job.js";
import { CursorScalar, DateTimeScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({
  description: "Events that could not be delivered: announced in their place, never passed over in silence.",
  simpleResolvers: true,
})
export class StreamGap {
  @Field(() => CursorScalar, { ...NULLABLE, description: "Where the gap begins." })
  from!: string | null;

  @Field(() => CursorScalar, {
    ...NULLABLE,
    description: "Where it ends; null when the stream was cut off and can be resumed at its beginning.",
  })
  to!: string | null;

  @Field(() => Float, {
    ...NULLABLE,
    description: "Events of the topic that are gone for good; 0 when resuming gives them all.",
  })
  lost!: number | null;

  @Field(() => GapReason, { description: "Why." })
  reason!: GapReason;
}

@ObjectType({ description: "Says that the stream lives, and how far it has come.", simpleResolvers: true })
export class StreamHeartbeat {
  @Field(() => CursorScalar, { description: "Where to resume." })
  cursor!: string;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "Everything logged up to here was delivered." })
  watermark!: number | null;

  @Field(() => Int, {
    description:
      "Milliseconds from the watermark, or while there is none from the begin of the stream, to now; 0 only when nothing waits.",
  })
  lagMs!: number;

  @Field(() => Int, {
    description: "The longest time between two events, in milliseconds: after two of them the stream is silent.",
  })
  periodMs!: number;
}

@ObjectType({ description: "Rows of one table.", simpleResolvers: true })
export class TableRows {
  @Field(() => String, { description: "Name of the table." })
  table!: string;

  @Field(() => Float, { description: "Its rows; a whole number." })
  rows!: number;
}

@ObjectType({ description: "A snapshot that was published: queries may be pinned to it from now on." })
export class DatasetPublication {
  @Field(() => ID, { description: "Number of the snapshot." })
  snapshotId!: string;

  @Field(() => ID, { ...NULLABLE, description: "The job that published it." })
  jobId!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Kind of that job." })
  kind!: string | null;

  @Field(() => [TableRows], { description: "Every table of the snapshot, by name." })
  tables!: readonly TableRows[];

  @Field(() => DateTimeScalar, { description: "When it was published." })
  publishedAt!: number;
}

/** The type of a word of the stream itself; undefined for anything else. */
export function streamTypeOf(event: unknown): string | undefined {
  if (isStreamGap(event)) return "StreamGap";
  return isStreamHeartbeat(event) ? "StreamHeartbeat" : undefined;
}

export const JobPayload = createUnionType({
  name: "JobPayload",
  description: "A job after a transition, or a word of the stream itself.",
  types: () => [Job, StreamGap, StreamHeartbeat] as const,
  resolveType: (event) => streamTypeOf(event) ?? "Job",
});

export const DatasetPayload = createUnionType({
  name: "DatasetPayload",
  description: "A published snapshot, or a word of the stream itself.",
  types: () => [DatasetPublication, StreamGap, StreamHeartbeat] as const,
  resolveType: (event) => streamTypeOf(event) ?? "DatasetPublication",
});

const CURSOR = {
  description: "Where to resume: given as `after`, the stream goes on behind this event, whatever it was.",
};

@ObjectType({ description: "One event of jobUpdates.", simpleResolvers: true })
export class JobEvent {
  @Field(() => CursorScalar, CURSOR)
  cursor!: string;

  @Field(() => JobPayload, { description: "What happened." })
  event!: typeof JobPayload;
}

@ObjectType({ description: "One event of datasetPublished.", simpleResolvers: true })
export class DatasetEvent {
  @Field(() => CursorScalar, CURSOR)
  cursor!: string;

  @Field(() => DatasetPayload, { description: "What happened." })
  event!: typeof DatasetPayload;
}
