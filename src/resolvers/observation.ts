import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import { VitalomeError } from "../errors.js";
import { Cost } from "../schema/cost.js";
import { Observation, ObservationConnection, TimeRangeInput } from "../schema/observation.js";
import { Patient } from "../schema/patient.js";
import { CodingInput, DateRangeInput } from "../schema/patient-filter.js";
import { CursorScalar } from "../schema/scalars.js";
import type { WantedCode } from "../domain/patient-filter.js";
import type { ObservationQuestion, ServedObservation } from "../views/observation.js";
import type { Page } from "../views/page.js";
import type { ServedPatient } from "../views/patient.js";
import { servedObservation } from "./observation-record.js";
import { codeOf, daysOf } from "./patient-criteria.js";
import { invalid, list } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;
const NEWEST = "What was observed, the newest first: records of the snapshot and live readings as one list.";
const CODES = { ...NULLABLE, description: "Only these codes. A live reading has the LOINC code of its group." };
const DAYS = { ...NULLABLE, description: "Only these days, as the record states them." };
const PERIOD = { ...NULLABLE, description: "Only between these moments." };
const ERRORS = { defaultValue: false, description: "Also what was entered in error, with that status." };
const FIRST = { defaultValue: 100, description: "Size of the page, 1 to 1000." };
const AFTER = { ...NULLABLE, description: "Cursor to go on after." };
/** Of one code. */
const MOST = 100;

@Resolver(() => Patient)
export class ObservationResolver {
  @Query(() => ObservationConnection, { description: `${NEWEST} NOT_FOUND for somebody nothing is known of.` })
  @Cost(5, ["first"])
  async observations(
    @Arg("patientId", () => ID, { description: "The person." }) patientId: string,
    @Arg("code", () => [CodingInput], CODES) code: CodingInput[] | null,
    @Arg("effective", () => DateRangeInput, DAYS) effective: DateRangeInput | null,
    @Arg("period", () => TimeRangeInput, PERIOD) period: TimeRangeInput | null,
    @Arg("includeErrors", () => Boolean, ERRORS) includeErrors: boolean,
    @Arg("first", () => Int, FIRST) first: number,
    @Arg("after", () => CursorScalar, AFTER) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const question = questionOf({ code, effective, period, includeErrors });
    const patient = await context.patients.find(patientId);
    if (patient === null)
      throw new VitalomeError("NOT_FOUND", "there is no such patient", { details: { field: "patientId" } });
    return served(await context.observations.list(patientId, patient.reader, question, first, after ?? null));
  }

  @FieldResolver(() => ObservationConnection, { name: "observations", description: NEWEST })
  @Cost(5, ["first"])
  async observationsOfPatient(
    @Root() { id, reader }: ServedPatient,
    @Arg("code", () => [CodingInput], CODES) code: CodingInput[] | null,
    @Arg("effective", () => DateRangeInput, DAYS) effective: DateRangeInput | null,
    @Arg("period", () => TimeRangeInput, PERIOD) period: TimeRangeInput | null,
    @Arg("includeErrors", () => Boolean, ERRORS) includeErrors: boolean,
    @Arg("first", () => Int, FIRST) first: number,
    @Arg("after", () => CursorScalar, AFTER) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const question = questionOf({ code, effective, period, includeErrors });
    return served(await context.observations.list(id, reader, question, first, after ?? null));
  }

  @FieldResolver(() => [Observation], {
    description: "The newest observations of each code, by code, the newest first (FHIR $lastn).",
  })
  @Cost(5, ["max"])
  async lastN(
    @Root() { id, reader }: ServedPatient,
    @Arg("code", () => [CodingInput], { ...CODES, description: "Only these codes; every one on record when left out." })
    code: CodingInput[] | null,
    @Arg("max", () => Int, { defaultValue: 1, description: "Of each code, 1 to 100." }) max: number,
    @Ctx() context: RequestContext,
  ): Promise<readonly Observation[]> {
    if (max < 1 || max > MOST) throw invalid("max", `1 to ${String(MOST)}`);
    return (await context.observations.lastN(id, reader, codesOf(code), max)).map(servedObservation);
  }
}

function codesOf(code: readonly CodingInput[] | null): readonly WantedCode[] | null {
  return code == null ? null : list(code, "code").map((one, index) => codeOf(one, `code.${String(index)}`));
}

interface Asked {
  readonly code: readonly CodingInput[] | null;
  readonly effective: DateRangeInput | null;
  readonly period: TimeRangeInput | null;
  readonly includeErrors: boolean;
}

function questionOf({ code, effective, period, includeErrors }: Asked): ObservationQuestion {
  const { ge = null, lt = null } = period ?? {};
  if (ge !== null && lt !== null && ge >= lt) throw invalid("period.lt", "a moment after the begin");
  return { codes: codesOf(code), ...daysOf(effective ?? null, "effective"), ge, lt, includeErrors };
}

function served({ edges, pageInfo }: Page<ServedObservation>): object {
  const shown = edges.map(({ cursor, node }) => ({ cursor, node: servedObservation(node) }));
  return { edges: shown, nodes: shown.map(({ node }) => node), pageInfo };
}
