import { Field, ID, Int, ObjectType } from "type-graphql";
import { CallSetKind, ReferenceGenome } from "./enums.js";

@ObjectType({ description: "Something to know before trusting a sample's genotypes.", simpleResolvers: true })
export class SampleFlag {
  @Field(() => ID, { description: "The sample." })
  sampleId!: string;

  @Field(() => String, { description: "sexPloidyMismatch or multiAncestry." })
  flag!: string;

  @Field(() => String, { description: "What was seen." })
  detail!: string;
}

@ObjectType({
  description: "Files called together: one build, one set of samples. Frequencies and genotypes belong to a call set.",
  simpleResolvers: true,
})
export class CallSet {
  @Field(() => ID, { description: "Hash of build, sorted samples and name." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Name the caller gave." })
  name!: string | null;

  @Field(() => CallSetKind, { description: "What its files hold." })
  kind!: CallSetKind;

  @Field(() => ReferenceGenome, { description: "Build." })
  build!: ReferenceGenome;

  @Field(() => String, { nullable: true, description: "##source of its files." })
  caller!: string | null;

  @Field(() => [String], { description: "Names of its files." })
  files!: readonly string[];

  @Field(() => Int, { description: "Number of samples." })
  samples!: number;

  @Field(() => [ID], { description: "Names of its samples, sorted." })
  sampleIds!: readonly string[];

  @Field(() => Int, { description: "Rows in its variants: sites times alternates." })
  sites!: number;

  @Field(() => [SampleFlag], { description: "Samples to look at twice." })
  sampleFlags!: readonly SampleFlag[];
}
