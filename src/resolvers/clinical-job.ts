import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../context.js";
import { SAMPLE_SYSTEM } from "../domain/sample.js";
import { ingestClinicalParameters, parseParameters } from "../jobs/parameters.js";
import { Cost } from "../schema/cost.js";
import { Job } from "../schema/job.js";
import { keyOf } from "./job.js";

const NULLABLE = { nullable: true } as const;

@Resolver()
export class ClinicalJobResolver {
  @Mutation(() => Job, {
    description:
      "Ingests records about people: FHIR R4 (NDJSON or a Bundle: Patient, Specimen, Condition, MedicationRequest, Encounter, Consent, Observation), or a tab-separated table with one person a line; each file tells which. A record given again is a duplicate, one with a later meta.lastUpdated takes the place of the one before, and one that contradicts is put into quarantine.",
  })
  @Cost(10)
  async ingestClinical(
    @Arg("uris", () => [String], { description: "Ids that PUT /files answered; each file gets its own ledger." })
    uris: string[],
    @Arg("idempotencyKey", () => String, {
      description: "Any text, 1 to 200 characters. The same key with other parameters is refused.",
    })
    idempotencyKey: string,
    @Arg("sampleSystems", () => [String], {
      ...NULLABLE,
      description: `Identifier systems whose values are names of samples; ${SAMPLE_SYSTEM} always is one. Of a table with a column Subject id it is https://vitalome.org/subject.`,
    })
    sampleSystems: string[] | null,
    @Arg("subjectSystem", () => String, {
      ...NULLABLE,
      description:
        "The identifier system by which people of the store are known by the ids of a table: its rows are added to them, and a row of somebody unknown, or of another sex, is put into quarantine. Left out, the rows of a table are people of their own.",
    })
    subjectSystem: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const parameters = parseParameters(ingestClinicalParameters, {
      uris,
      sampleSystems: [...new Set([SAMPLE_SYSTEM, ...(sampleSystems ?? [])])],
      subjectSystem: subjectSystem ?? null,
    });
    return context.jobs.submit({
      kind: "ingest-clinical",
      parameters,
      inputs: parameters.uris,
      idempotencyKey: keyOf(idempotencyKey),
      retryOf: null,
    });
  }
}
