import { Arg, Ctx, FieldResolver, Float, ID, Resolver, Root, Subscription } from "type-graphql";
import type { RequestContext } from "../context.js";
import { isStreamGap, isStreamHeartbeat, type StreamEnvelope } from "../domain/live.js";
import { WINDOW_SIZES } from "../domain/window/sizes.js";
import type { Coding } from "../schema/coding.js";
import { Cost } from "../schema/cost.js";
import { CodingInput } from "../schema/patient-filter.js";
import { CursorScalar } from "../schema/scalars.js";
import { VitalEvent } from "../schema/vital.js";
import type { VitalMove } from "../views/vital.js";
import { COHORT_ID, membersOf } from "./cohort.js";
import { loincCodesOf } from "./loinc-codes.js";
import { loincOf, servedObservation } from "./observation-record.js";
import { idsOf } from "./patient-id.js";
import { invalid } from "./variant-predicate.js";
import { aggregateOf } from "./vital.js";

const NULLABLE = { nullable: true } as const;
const LOWEST_RATE = 1 / 3_600;

interface VitalArgs {
  readonly patientIds?: readonly string[] | null;
  readonly cohortId?: string | null;
  readonly code?: readonly CodingInput[] | null;
  readonly window?: string | null;
  readonly maxRateHz?: number | null;
  readonly after?: string | null;
}

@Resolver()
export class VitalStreamResolver {
  @Subscription(() => VitalEvent, {
    description:
      "Every accepted reading, or every window that a reading came into, in order per patient, each once; a heartbeat when nothing happens.",
    subscribe: async ({ args, context }) => {
      const { patientIds, cohortId, code, window, maxRateHz, after } = args as VitalArgs;
      const filter = {
        patientIds: idsOf(patientIds, "patientIds"),
        cohort: await membersOf(context as RequestContext, cohortId),
        codes: loincCodesOf(code, "code"),
        size: window == null ? null : sizeOf(window),
        pauseMs: maxRateHz == null ? 0 : pauseOf(maxRateHz),
      };
      return (context as RequestContext).vitals.watch(filter, after ?? null) as never;
    },
  })
  @Cost(1, [], ["patientIds"])
  vitals(
    @Root() event: VitalEvent,
    @Arg("patientIds", () => [ID], { ...NULLABLE, description: "Only of these people, at most 10,000." })
    _patientIds: string[] | null,
    @Arg("cohortId", () => ID, { ...NULLABLE, description: COHORT_ID }) _cohortId: string | null,
    @Arg("code", () => [CodingInput], { ...NULLABLE, description: "Only these codes, in LOINC." })
    _code: CodingInput[] | null,
    @Arg("window", () => String, {
      ...NULLABLE,
      description: "Windows of this length instead of readings: PT1M, PT5M, PT15M or PT1H.",
    })
    _window: string | null,
    @Arg("maxRateHz", () => Float, {
      ...NULLABLE,
      description:
        "Of each patient and code so many a second at most: others are left out, but for readings with a flag. For screens, never for records.",
    })
    _maxRateHz: number | null,
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

@Resolver(() => VitalEvent)
export class VitalEventResolver {
  @FieldResolver(() => ID, { ...NULLABLE })
  patientId(@Root() { event }: StreamEnvelope<VitalMove>): string | null {
    return isWord(event) ? null : event.patientId;
  }

  @FieldResolver()
  code(@Root() { event }: StreamEnvelope<VitalMove>): Coding | null {
    return isWord(event) ? null : loincOf(event.code);
  }

  @FieldResolver()
  event(@Root() { event }: StreamEnvelope<VitalMove>, @Ctx() context: RequestContext): object {
    if (isWord(event)) return event;
    if (event.kind === "window") return aggregateOf(event.point);
    return servedObservation(context.vitals.served(event.reading));
  }
}

function isWord<T>(event: StreamEnvelope<T>["event"]): event is Exclude<StreamEnvelope<T>["event"], T> {
  return isStreamGap(event) || isStreamHeartbeat(event);
}

function sizeOf(window: string): (typeof WINDOW_SIZES)[number] {
  const found = WINDOW_SIZES.find(({ name }) => name === window);
  if (found === undefined) throw invalid("window", WINDOW_SIZES.map(({ name }) => name).join(", "));
  return found;
}

function pauseOf(rate: number): number {
  if (!(rate >= LOWEST_RATE && rate <= 1_000)) throw invalid("maxRateHz", "a number from 1/3600 to 1000");
  return 1_000 / rate;
}
