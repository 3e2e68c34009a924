import { Field, Float, ID, Int, ObjectType, createUnionType, registerEnumType } from "type-graphql";
import { Coding } from "./coding.js";
import { Layer } from "./enums.js";
import { Freshness } from "./list.js";
import { StreamGap, StreamHeartbeat, streamTypeOf } from "./live.js";
import { Observation } from "./observation.js";
import { CursorScalar, DateTimeScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

export enum VitalGapReason {
  NO_READINGS = "NO_READINGS",
  NOT_YET = "NOT_YET",
  NOT_KEPT = "NOT_KEPT",
}
registerEnumType(VitalGapReason, {
  name: "VitalGapReason",
  description: "Why there is no window.",
  valuesConfig: {
    NO_READINGS: { description: "No reading that counts came in time." },
    NOT_YET: { description: "It lies behind the watermark, or its windows are still being computed." },
    NOT_KEPT: { description: "The log no longer holds windows of that time." },
  },
});

@ObjectType({
  description:
    "Readings of one code in one stretch of time, half open. Late, extreme, contested and withdrawn readings are not in it.",
  simpleResolvers: true,
})
export class WindowAggregate {
  @Field(() => DateTimeScalar, { description: "Begin; inside." })
  windowStart!: number;

  @Field(() => DateTimeScalar, { description: "End; outside." })
  windowEnd!: number;

  @Field(() => Int, { description: "Number of readings. A mean of one reading is no trend." })
  n!: number;

  @Field(() => Float, { ...NULLABLE, description: "Sum through number, divided once; null without a reading." })
  mean!: number | null;

  @Field(() => Float, { ...NULLABLE, description: "The lowest reading." })
  min!: number | null;

  @Field(() => Float, { ...NULLABLE, description: "The highest reading." })
  max!: number | null;

  @Field(() => Float, { ...NULLABLE, description: "Standard deviation of a sample (n - 1); null below two readings." })
  stddev!: number | null;

  @Field(() => String, { ...NULLABLE, description: "UCUM." })
  unit!: string | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "Time of its first reading." })
  firstAt!: number | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "Time of its last reading." })
  lastAt!: number | null;

  @Field(() => Layer, { description: "The layer it is from." })
  layer!: Layer;

  @Field(() => Boolean, {
    description: "The watermark has passed its end and every reading that counts is in it: it does not change again.",
  })
  isFinal!: boolean;

  @Field(() => Float, {
    description: "Grows with every reading it takes in: of two versions the one with the higher revision holds.",
  })
  revision!: number;

  @Field(() => Boolean, { description: "A reading in it is made up, or replayed from a recording." })
  simulated!: boolean;
}

@ObjectType({ description: "A stretch at least as long as a window without one.", simpleResolvers: true })
export class VitalGap {
  @Field(() => DateTimeScalar, { description: "Begin." })
  from!: number;

  @Field(() => DateTimeScalar, { description: "End." })
  to!: number;

  @Field(() => VitalGapReason, { description: "Why." })
  reason!: VitalGapReason;
}

@ObjectType({ description: "Windows over one person's readings of one code.", simpleResolvers: true })
export class VitalSeries {
  @Field(() => Coding, { description: "What is measured." })
  code!: Coding;

  @Field(() => [WindowAggregate], { description: "Every window that overlaps the range and has a reading, in order." })
  points!: readonly WindowAggregate[];

  @Field(() => Freshness, {
    description: "How far windows have come. isFinal: no window that overlaps the range changes again.",
  })
  freshness!: Freshness;

  @Field(() => Int, {
    ...NULLABLE,
    description:
      "Readings of the range that came too late, and are in no window; null where there are too many to count.",
  })
  late!: number | null;

  @Field(() => [VitalGap], { description: "Stretches of the range without a window, in order." })
  gaps!: readonly VitalGap[];
}

export const VitalPayload = createUnionType({
  name: "VitalPayload",
  description: "A reading, a window after a reading came into it, or a word of the stream itself.",
  types: () => [Observation, WindowAggregate, StreamGap, StreamHeartbeat] as const,
  resolveType: (event) => streamTypeOf(event) ?? ("windowStart" in event ? "WindowAggregate" : "Observation"),
});

@ObjectType({ description: "One event of vitals.", simpleResolvers: true })
export class VitalEvent {
  @Field(() => CursorScalar, {
    description: "Where to resume: given as `after`, the stream goes on behind this event, whatever it was.",
  })
  cursor!: string;

  @Field(() => ID, { ...NULLABLE, description: "Whose it is; null for a word of the stream." })
  patientId!: string | null;

  @Field(() => Coding, { ...NULLABLE, description: "What was measured; null for a word of the stream." })
  code!: Coding | null;

  @Field(() => VitalPayload, { description: "What happened." })
  event!: typeof VitalPayload;
}
