import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { AlertRecord } from "../domain/alert/alert.js";
import { Alert, AlertConnection, AlertTransition } from "../schema/alert.js";
import { AlertKind, AlertPresence, AlertPriority } from "../schema/alert-enums.js";
import { Coding } from "../schema/coding.js";
import { Cost } from "../schema/cost.js";
import { CountMode } from "../schema/enums.js";
import { CountResult } from "../schema/list.js";
import { Observation } from "../schema/observation.js";
import { Patient } from "../schema/patient.js";
import { CodingInput } from "../schema/patient-filter.js";
import { CursorScalar } from "../schema/scalars.js";
import type { AlertPage } from "../views/alert.js";
import type { KeptStep } from "../views/alert-fold.js";
import type { ServedPatient } from "../views/patient.js";
import { counted } from "./answered.js";
import { COHORT_ID, membersOf } from "./cohort.js";
import { loincCodesOf } from "./loinc-codes.js";
import { loincOf, servedObservation } from "./observation-record.js";
import { idsOf } from "./patient-id.js";

const NULLABLE = { nullable: true } as const;
const LONGEST_DELAY = 2 ** 31 - 1;

@Resolver(() => Alert)
export class AlertResolver {
  @Query(() => Alert, { ...NULLABLE, description: "One alert, or null." })
  async alert(
    @Arg("id", () => ID, { description: "Id of the alert." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<object | null> {
    return (await context.alerts.find(id))?.record ?? null;
  }

  @Query(() => AlertConnection, { description: "Alerts, the newest first, as they stand now." })
  @Cost(1, ["first"], ["patientIds"])
  async alerts(
    @Arg("patientIds", () => [ID], { ...NULLABLE, description: "Only of these people, at most 10,000." })
    patientIds: string[] | null,
    @Arg("cohortId", () => ID, { ...NULLABLE, description: COHORT_ID }) cohortId: string | null,
    @Arg("priority", () => [AlertPriority], { ...NULLABLE, description: "Only these priorities." })
    priority: AlertPriority[] | null,
    @Arg("presence", () => [AlertPresence], { ...NULLABLE, description: "Only these: all but OFF are open." })
    presence: AlertPresence[] | null,
    @Arg("kinds", () => [AlertKind], { ...NULLABLE, description: "Only of these kinds." }) kinds: AlertKind[] | null,
    @Arg("code", () => [CodingInput], { ...NULLABLE, description: "Only about these measurements." })
    code: CodingInput[] | null,
    @Arg("includeShadow", () => Boolean, { defaultValue: false, description: "Also of rules that are being tried." })
    includeShadow: boolean,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const filter = {
      patientIds: idsOf(patientIds, "patientIds"),
      cohort: await membersOf(context, cohortId),
      priorities: priority ?? null,
      presences: presence ?? null,
      kinds: kinds ?? null,
      codes: loincCodesOf(code, "code"),
      includeShadow,
    };
    return pageOfRecords(await context.alerts.list(filter, first, after ?? null));
  }

  @FieldResolver(() => Patient, { ...NULLABLE, description: "The person, as far as they are on record." })
  @Cost(1)
  async patient(@Root() { patientId }: AlertRecord, @Ctx() context: RequestContext): Promise<object | null> {
    return context.patients.find(patientId);
  }

  @FieldResolver(() => Coding, {
    ...NULLABLE,
    description: "What it is about; null for scores and most technical ones.",
  })
  code(@Root() { code }: AlertRecord): Coding | null {
    return code === null ? null : loincOf(code);
  }

  @FieldResolver(() => [ID])
  derivedFromIds(@Root() { derivedFrom }: AlertRecord): readonly string[] {
    return derivedFrom;
  }

  @FieldResolver(() => [Observation], { description: "Those of the readings it rests on that are kept live." })
  @Cost(5)
  async derivedFrom(
    @Root() { patientId, movedFrom, derivedFrom }: AlertRecord,
    @Ctx() context: RequestContext,
  ): Promise<readonly Observation[]> {
    const people = movedFrom === null ? [patientId] : [patientId, movedFrom];
    return (await context.observations.readingsByIds(people, derivedFrom)).map(servedObservation);
  }

  @FieldResolver(() => [AlertTransition], {
    description: "Every step up to this version that the log holds, in order.",
  })
  @Cost(2)
  history(@Root() { id, version }: AlertRecord, @Ctx() context: RequestContext): readonly object[] {
    return context.alerts
      .stepsOf(id)
      .filter((step) => step.version <= version)
      .map(transitionOf);
  }

  @FieldResolver(() => Int, {
    ...NULLABLE,
    description: "Milliseconds from the receipt of the reading that raised it to its first step in the log.",
  })
  endToEndLatencyMs(@Root() { id, receivedAt }: AlertRecord, @Ctx() context: RequestContext): number | null {
    const [first] = context.alerts.stepsOf(id);
    if (first?.version !== 1 || receivedAt === null) return null;
    const delay = first.at - receivedAt;
    return delay >= 0 && delay <= LONGEST_DELAY ? delay : null;
  }
}

@Resolver(() => AlertConnection)
export class AlertConnectionResolver {
  @FieldResolver(() => CountResult, { ...NULLABLE, description: "Number of all matches, whatever the page." })
  @Cost(10)
  count(
    @Root() { page }: ServedPage,
    @Arg("mode", () => CountMode, { defaultValue: CountMode.NONE, description: "NONE answers null." }) mode: CountMode,
    @Ctx() context: RequestContext,
  ): CountResult | null {
    return mode === CountMode.NONE ? null : counted(context.alerts.count(page));
  }
}

@Resolver(() => Patient)
export class PatientAlertResolver {
  @FieldResolver(() => AlertConnection, {
    description: "Alerts about the person, the newest first, as they stand now.",
  })
  @Cost(5, ["first"])
  async alerts(
    @Root() { id }: ServedPatient,
    @Arg("presence", () => [AlertPresence], { ...NULLABLE, description: "Only these: all but OFF are open." })
    presence: AlertPresence[] | null,
    @Arg("includeShadow", () => Boolean, { defaultValue: false, description: "Also of rules that are being tried." })
    includeShadow: boolean,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const filter = { patientIds: [id], cohort: null, presences: presence ?? null, includeShadow };
    const all = { priorities: null, kinds: null, codes: null };
    return pageOfRecords(await context.alerts.list({ ...filter, ...all }, first, after ?? null));
  }
}

interface ServedPage {
  readonly page: AlertPage;
}

function pageOfRecords(page: AlertPage): object {
  const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: node.record }));
  return { edges, nodes: edges.map(({ node }) => node), pageInfo: page.pageInfo, page };
}

/** A step as the schema names it. */
export function transitionOf({ version, dueAt, at, from, to, reason, text, by, priority }: KeptStep): object {
  return { version, at: dueAt, loggedAt: at, from, to, reason, text, by, priority };
}
