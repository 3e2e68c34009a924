import { Field, ID, Int, ObjectType } from "type-graphql";
import { CursorScalar, DateTimeScalar } from "./scalars.js";
import { Granularity, Layer } from "./enums.js";

@ObjectType({
  description: "Where a page lies in its list (Relay), and which snapshot the whole list is pinned to.",
  simpleResolvers: true,
})
export class PageInfo {
  @Field(() => CursorScalar, { nullable: true, description: "Cursor of the first node, or null on an empty page." })
  startCursor!: string | null;

  @Field(() => CursorScalar, {
    nullable: true,
    description: "Cursor of the last node: give it as `after` for the next page.",
  })
  endCursor!: string | null;

  @Field(() => Boolean, { description: "Whether more nodes follow." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether the page began after a cursor." })
  hasPreviousPage!: boolean;

  @Field(() => ID, {
    description: "The snapshot every page of this list is read from, whatever is published meanwhile.",
  })
  snapshotId!: string;
}

@ObjectType({ description: "A number of members, and how it was obtained.", simpleResolvers: true })
export class CountResult {
  @Field(() => Int, { nullable: true, description: "The count; null when it was not asked for or is suppressed." })
  value!: number | null;

  @Field(() => Granularity, { description: "How fine the answer is." })
  granularity!: Granularity;

  @Field(() => Boolean, { description: "Whether the value is exact." })
  exact!: boolean;

  @Field(() => Boolean, { description: "Whether a small count is hidden." })
  suppressed!: boolean;

  @Field(() => Int, { nullable: true, description: "Smallest count that is shown to this caller; null when all are." })
  minCell!: number | null;
}

@ObjectType({ description: "How fresh an answer is.", simpleResolvers: true })
export class Freshness {
  @Field(() => Layer, { description: "The layer the answer comes from." })
  layer!: Layer;

  @Field(() => DateTimeScalar, { description: "When the snapshot was published." })
  asOf!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Event time up to which a stream is complete; null for batch data.",
  })
  watermark!: number | null;

  @Field(() => Boolean, { description: "Whether the answer can no longer change for this snapshot." })
  isFinal!: boolean;
}
