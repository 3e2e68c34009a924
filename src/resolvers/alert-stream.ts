import { Arg, FieldResolver, ID, Resolver, Root, Subscription } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { AlertKind as Kind, AlertPriority as Priority } from "../domain/alert/alert.js";
import { isStreamGap, isStreamHeartbeat, type StreamEnvelope } from "../domain/live.js";
import { AlertEvent, AlertChange } from "../schema/alert.js";
import { AlertKind, AlertPriority } from "../schema/alert-enums.js";
import { Cost } from "../schema/cost.js";
import { CodingInput } from "../schema/patient-filter.js";
import { CursorScalar } from "../schema/scalars.js";
import type { AlertMove } from "../views/alert.js";
import { transitionOf } from "./alert.js";
import { COHORT_ID, membersOf } from "./cohort.js";
import { loincCodesOf } from "./loinc-codes.js";
import { idsOf } from "./patient-id.js";

const NULLABLE = { nullable: true } as const;

interface AlertArgs {
  readonly patientIds?: readonly string[] | null;
  readonly cohortId?: string | null;
  readonly minPriority: Priority;
  readonly code?: readonly CodingInput[] | null;
  readonly kinds?: readonly Kind[] | null;
  readonly includeShadow: boolean;
  readonly after?: string | null;
}

@Resolver()
export class AlertStreamResolver {
  @Subscription(() => AlertEvent, {
    description:
      "Every step of every alert that meets the filter, before the step or after it: in order per patient, each once; a heartbeat when nothing happens.",
    subscribe: async ({ args, context }) => {
      const { patientIds, cohortId, minPriority, code, kinds, includeShadow, after } = args as AlertArgs;
      const filter = {
        patientIds: idsOf(patientIds, "patientIds"),
        cohort: await membersOf(context as RequestContext, cohortId),
        minPriority,
        codes: loincCodesOf(code, "code"),
        kinds: kinds ?? null,
        includeShadow,
      };
      return (context as RequestContext).alerts.watch(filter, after ?? null) as never;
    },
  })
  @Cost(1, [], ["patientIds"])
  alerts(
    @Root() event: AlertEvent,
    @Arg("patientIds", () => [ID], { ...NULLABLE, description: "Only of these people, at most 10,000." })
    _patientIds: string[] | null,
    @Arg("cohortId", () => ID, { ...NULLABLE, description: COHORT_ID }) _cohortId: string | null,
    @Arg("minPriority", () => AlertPriority, { defaultValue: AlertPriority.LOW, description: "This one and above." })
    _minPriority: AlertPriority,
    @Arg("code", () => [CodingInput], { ...NULLABLE, description: "Only about these measurements." })
    _code: CodingInput[] | null,
    @Arg("kinds", () => [AlertKind], { ...NULLABLE, description: "Only of these kinds." }) _kinds: AlertKind[] | null,
    @Arg("includeShadow", () => Boolean, { defaultValue: false, description: "Also of rules that are being tried." })
    _includeShadow: boolean,
    @Arg("after", () => CursorScalar, {
      ...NULLABLE,
      description:
        "Cursor of the last event that was taken. Without it the stream starts now, and tells its cursor at once.",
    })
    _after: string | null,
  ): object {
    return event;
  }
}

@Resolver(() => AlertEvent)
export class AlertEventResolver {
  @FieldResolver(() => String, { ...NULLABLE })
  sequence(@Root() { event }: StreamEnvelope<AlertMove>): string | null {
    return isStreamGap(event) || isStreamHeartbeat(event) ? null : event.sequence;
  }
}

@Resolver(() => AlertChange)
export class AlertChangeResolver {
  @FieldResolver()
  transition(@Root() { step }: AlertMove): object {
    return transitionOf(step);
  }
}
