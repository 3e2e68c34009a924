import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { SourceFacts } from "../domain/alert/inputs.js";
import { VitalomeError } from "../errors.js";
import { Cost } from "../schema/cost.js";
import { Patient } from "../schema/patient.js";
import {
  MonitoringPlan,
  MonitoringPlanInput,
  ReadingSource,
  SOURCE_TOPIC,
  RegistryChange,
  RegistryKind,
  SourceKind,
} from "../schema/registered.js";
import { DateTimeScalar, DurationScalar } from "../schema/scalars.js";
import type { ServedPatient } from "../views/patient.js";

const NULLABLE = { nullable: true } as const;
export const EXPECTED_VERSION = { ...NULLABLE, description: "The version it follows, 0 for none yet; any, when left out." };

@Resolver(() => Patient)
export class RegisteredResolver {
  @Query(() => [ReadingSource], { description: "Sources of readings that somebody has described, by name." })
  async sources(@Ctx() context: RequestContext): Promise<object> {
    return (await context.registered.sources()).map(shownSource);
  }

  @Query(() => [RegistryChange], {
    description: "Everything that was ever said of an entry, by whom, when and why, the newest first.",
  })
  @Cost(20)
  async registryHistory(
    @Arg("kind", () => RegistryKind, { description: "What it is about." }) kind: RegistryKind,
    @Arg("id", () => ID, { description: "Id of the rule, the patient or the source." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.registered.history(kind, id);
  }

  @Mutation(() => MonitoringPlan, {
    description: "Lays down how a patient is watched. SpO2 scale 2 needs a prescriber; every plan needs a reason.",
  })
  async setMonitoringPlan(
    @Arg("patientId", () => ID, { description: "The patient." }) patientId: string,
    @Arg("plan", () => MonitoringPlanInput, { description: "The plan." }) plan: MonitoringPlanInput,
    @Arg("expectedVersion", () => Int, EXPECTED_VERSION) expectedVersion: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    await knownPatient(context, patientId);
    const draft = {
      spo2Scale: plan.spo2Scale as 1 | 2,
      pregnancy: plan.pregnancy ?? null,
      adult: plan.adult ?? null,
      baselineConfusion: plan.baselineConfusion ?? null,
      ceilingOfCare: plan.ceilingOfCare ?? null,
      validFrom: plan.validFrom,
      validTo: plan.validTo ?? null,
      prescriber: plan.prescriber ?? null,
      reason: plan.reason,
    };
    return context.registered.setPlan(patientId, draft, expectedVersion ?? null);
  }

  @Mutation(() => ReadingSource, { description: "Describes a source of readings." })
  async setSource(
    @Arg("id", () => ID, { description: "Its name, as readings come under it." }) id: string,
    @Arg("kind", () => SourceKind, { description: "How its readings come." }) kind: SourceKind,
    @Arg("staleAfter", () => DurationScalar, {
      ...NULLABLE,
      description: "Readings older than this say nothing any more; as is usual for the kind, when left out.",
    })
    staleAfter: number | null,
    @Arg("zone", () => String, {
      ...NULLABLE,
      description: "IANA zone of times without an offset; such times are refused when left out.",
    })
    zone: string | null,
    @Arg("topic", () => String, { ...NULLABLE, description: SOURCE_TOPIC }) topic: string | null,
    @Arg("reason", () => String, { description: "Why; kept with the change." }) reason: string,
    @Arg("expectedVersion", () => Int, EXPECTED_VERSION) expectedVersion: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const source = { id, kind, staleAfterMs: staleAfter ?? null, zone: zone ?? null, topic: topic ?? null };
    const terms = { reason, expectedVersion: expectedVersion ?? null };
    return shownSource(await context.registered.setSource(source, terms));
  }

  @FieldResolver(() => MonitoringPlan, { ...NULLABLE, description: "The plan in force." })
  async monitoringPlan(
    @Root() patient: ServedPatient,
    @Arg("at", () => DateTimeScalar, { ...NULLABLE, description: "The time it is of; now when left out." })
    at: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object | null> {
    return context.registered.plan(patient.id, at ?? null);
  }
}

/** NOT_FOUND where nobody of this id is known: what is laid down for them would never be looked at. */
export async function knownPatient(context: RequestContext, patientId: string): Promise<void> {
  if ((await context.patients.find(patientId)) !== null) return;
  throw new VitalomeError("NOT_FOUND", "there is no such patient", { details: { field: "patientId" } });
}

function shownSource({ staleAfterMs, ...source }: SourceFacts & { readonly version: number }): object {
  return { ...source, staleAfter: staleAfterMs };
}
