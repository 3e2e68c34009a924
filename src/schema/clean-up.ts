import { Field, Float, ID, ObjectType } from "type-graphql";

@ObjectType({ description: "What went for one reason.", simpleResolvers: true })
export class CleanUpCount {
  @Field(() => String, {
    description:
      "What became of the job that wrote it (superseded, unpublished, failed, cancelled, unknown), or what it is (scratch, export, driver: what Spark left on the worker's machine).",
  })
  reason!: string;

  @Field(() => Float, { description: "Files; a whole number." })
  files!: number;

  @Field(() => Float, { description: "Bytes; a whole number." })
  bytes!: number;
}

@ObjectType({ description: "What a clean-up removed; of a dry run what it would have.", simpleResolvers: true })
export class CleanUp {
  @Field(() => Boolean, { description: "Whether nothing was removed." })
  dryRun!: boolean;

  @Field(() => ID, { description: "The oldest snapshot that can be read." })
  oldestReadable!: string;

  @Field(() => Float, { description: "Files of all reasons." })
  files!: number;

  @Field(() => Float, { description: "Bytes of all reasons." })
  bytes!: number;

  @Field(() => [CleanUpCount], { description: "By reason, without those that did not apply." })
  reasons!: readonly CleanUpCount[];
}
