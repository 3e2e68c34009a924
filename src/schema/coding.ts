import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "A code of a vocabulary (FHIR Coding).", simpleResolvers: true })
export class Coding {
  @Field(() => String, { description: "The vocabulary: a URI, or the name its source uses, such as MONDO." })
  system!: string;

  @Field(() => String, { description: "The code." })
  code!: string;

  @Field(() => String, { nullable: true, description: "What it means." })
  display!: string | null;
}
