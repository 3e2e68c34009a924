import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import { ConsentState, MonitoringConsent } from "../schema/consent.js";
import { Patient } from "../schema/patient.js";
import type { ServedPatient } from "../views/patient.js";
import { EXPECTED_VERSION, knownPatient } from "./registered.js";

@Resolver(() => Patient)
export class ConsentResolver {
  @Mutation(() => MonitoringConsent, {
    description:
      "Keeps what a person says of being watched. A withdrawal ends their alerts; consent given anew holds for all their records.",
  })
  async setMonitoringConsent(
    @Arg("patientId", () => ID, { description: "The patient." }) patientId: string,
    @Arg("state", () => ConsentState, { description: "What they say." }) state: ConsentState,
    @Arg("reason", () => String, { description: "Why; kept with the change." }) reason: string,
    @Arg("expectedVersion", () => Int, EXPECTED_VERSION) expectedVersion: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    await knownPatient(context, patientId);
    return context.registered.setConsent(patientId, state, { reason, expectedVersion: expectedVersion ?? null });
  }

  @FieldResolver(() => MonitoringConsent, {
    nullable: true,
    description: "What they said of being watched; null: nothing, and they are watched.",
  })
  async monitoringConsent(@Root() patient: ServedPatient, @Ctx() context: RequestContext): Promise<object | null> {
    return context.registered.consent(patient.id);
  }
}
