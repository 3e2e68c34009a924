import { Field, ID, ObjectType } from "type-graphql";
import { DateTimeScalar } from "./scalars.js";

@ObjectType({ description: "A version of knowledge that answers are made from.", simpleResolvers: true })
export class AnnotationSource {
  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "Version." })
  version!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was released." })
  releasedAt!: number | null;
}

@ObjectType({
  description: "What answers, and from which data. Research and decision support only: not a medical device.",
  simpleResolvers: true,
})
export class ServiceInfo {
  @Field(() => String, { description: "Version of the service." })
  apiVersion!: string;

  @Field(() => String, { description: "Hash of the schema." })
  schemaHash!: string;

  @Field(() => ID, { description: "The newest snapshot; 0 while the store is empty." })
  snapshotId!: string;

  @Field(() => String, { description: "embedded or cluster." })
  profile!: string;

  @Field(() => [AnnotationSource], {
    description: "Knowledge the answers use, with versions; empty while none is loaded.",
  })
  annotationSources!: readonly AnnotationSource[];

  @Field(() => String, { description: "What the answers may be used for." })
  intendedUse!: string;
}
