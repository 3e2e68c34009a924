import { Arg, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import { parseDuration } from "../domain/duration.js";
import { WINDOW_SIZES } from "../domain/window/sizes.js";
import { Cost } from "../schema/cost.js";
import { Layer } from "../schema/enums.js";
import { TimeRangeInput } from "../schema/observation.js";
import { Patient } from "../schema/patient.js";
import { CodingInput } from "../schema/patient-filter.js";
import { VitalSeries, type WindowAggregate } from "../schema/vital.js";
import type { ServedPatient } from "../views/patient.js";
import type { SeriesPoint } from "../views/vital-series.js";
import { loincCodeOf } from "./loinc-codes.js";
import { loincOf } from "./observation-record.js";
import { invalid } from "./variant-predicate.js";

@Resolver(() => Patient)
export class VitalResolver {
  @FieldResolver(() => VitalSeries, {
    description:
      "Windows over the readings of one code: tumbling, or moving when the slide is shorter than the window. Every window that overlaps the range is whole, also where it reaches beyond.",
  })
  @Cost(50)
  async vitals(
    @Root() { id }: ServedPatient,
    @Arg("code", () => CodingInput, { description: "What is measured, in LOINC." }) code: CodingInput,
    @Arg("effective", () => TimeRangeInput, { description: "The range." }) { ge, lt }: TimeRangeInput,
    @Arg("window", () => String, {
      defaultValue: "PT1M",
      description: "Length of a window: whole minutes, as ISO 8601.",
    })
    window: string,
    @Arg("slide", () => String, {
      nullable: true,
      description: "How far one begins behind the other: whole minutes; the length of a window when left out.",
    })
    slide: string | null,
    @Ctx() context: RequestContext,
  ): Promise<VitalSeries> {
    if (ge >= lt) throw invalid("effective.lt", "a moment after the begin");
    const windowMs = minutesOf(window, "window");
    const question = { from: ge, to: lt, windowMs, slideMs: slide == null ? windowMs : minutesOf(slide, "slide") };
    const series = await context.vitals.series(id, loincCodeOf(code, "code"), question);
    const { watermark, asOf, isFinal, late, gaps } = series;
    return {
      code: loincOf(series.code),
      points: series.points.map(aggregateOf),
      freshness: { layer: Layer.SPEED, asOf: asOf ?? 0, watermark, isFinal },
      late,
      gaps: gaps as VitalSeries["gaps"],
    };
  }
}

/** Milliseconds of a whole number of the smallest windows. */
function minutesOf(text: string, field: string): number {
  const ms = parseDuration(text);
  const part = WINDOW_SIZES[0]?.ms ?? 1;
  if (ms === null || ms === 0 || ms % part !== 0)
    throw invalid(field, "whole minutes as an ISO 8601 duration, such as PT5M");
  return ms;
}

/** A window as the schema names it. */
export function aggregateOf(point: SeriesPoint): WindowAggregate {
  const { start, end, count, mean, min, max, stddev, unit, firstAt, lastAt, isFinal, throughOffset, simulated } = point;
  const number = (digits: string | null): number | null => (digits === null ? null : Number(digits));
  return {
    windowStart: start,
    windowEnd: end,
    n: count,
    mean,
    min: number(min),
    max: number(max),
    stddev,
    unit,
    firstAt,
    lastAt,
    layer: Layer.SPEED,
    isFinal,
    revision: Number(throughOffset ?? 0),
    simulated,
  };
}
