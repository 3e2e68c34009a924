import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar } from "./scalars.js";

export enum ConsentState {
  GIVEN = "GIVEN",
  WITHDRAWN = "WITHDRAWN",
}
registerEnumType(ConsentState, {
  name: "ConsentState",
  description: "What somebody says of being watched.",
  valuesConfig: {
    GIVEN: { description: "They are watched. So is whoever said nothing." },
    WITHDRAWN: { description: "Alerts have ended; readings are kept and raise none." },
  },
});

@ObjectType({
  description:
    "What a person has said of being watched. A withdrawal under one of their records holds for all of them.",
  simpleResolvers: true,
})
export class MonitoringConsent {
  @Field(() => Int, { description: "Grows by one with every change; 0 where it was said under a merged record alone." })
  version!: number;

  @Field(() => ConsentState, { description: "What they said last." })
  state!: ConsentState;

  @Field(() => DateTimeScalar, { description: "Since when." })
  since!: number;
}
