import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { ZodType } from "zod";
import type { RequestContext } from "../context.js";
import { VitalomeError } from "../errors.js";
import {
  annotateVariantsParameters,
  cleanUpParameters,
  compactLogParameters,
  ingestAnnotationsParameters,
  parseParameters,
} from "../jobs/parameters.js";
import { BatchJobInput } from "../schema/annotation.js";
import { Cost } from "../schema/cost.js";
import { ReferenceGenome } from "../schema/enums.js";
import { Job } from "../schema/job.js";
import { DateTimeScalar } from "../schema/scalars.js";
import { keyOf } from "./job.js";

const NULLABLE = { nullable: true } as const;

/** Jobs over the store that have no mutation of their own. */
const BATCH_JOBS: Readonly<Record<string, ZodType<Readonly<Record<string, unknown>>>>> = {
  "annotate-variants": annotateVariantsParameters,
  "clean-up": cleanUpParameters,
  "compact-log": compactLogParameters,
};

@Resolver()
export class AnnotationJobResolver {
  @Mutation(() => Job, {
    description:
      "Ingests one release of a source: ClinVar (VCF or table), gene tables, genes with diseases. It takes the place of other versions of the source in the next snapshot; the same bytes and version again add nothing.",
  })
  @Cost(10)
  async ingestAnnotations(
    @Arg("uris", () => [String], { description: "Ids that PUT /files answered; each file gets its own ledger." })
    uris: string[],
    @Arg("source", () => String, { description: "Name of the source, such as clinvar; case does not matter." })
    source: string,
    @Arg("version", () => String, { description: "Its release, such as 2024-12-15." }) version: string,
    @Arg("idempotencyKey", () => String, {
      description: "Any text, 1 to 200 characters. The same key with other parameters is refused.",
    })
    idempotencyKey: string,
    @Arg("assemblyId", () => ReferenceGenome, {
      ...NULLABLE,
      description: "Build of the positions, where the files do not tell it.",
    })
    assemblyId: ReferenceGenome | null,
    @Arg("releasedAt", () => DateTimeScalar, {
      ...NULLABLE,
      description: "Day of the release, where neither the files nor the version tell it.",
    })
    releasedAt: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const parameters = parseParameters(ingestAnnotationsParameters, {
      uris,
      source,
      version,
      assemblyId: assemblyId ?? null,
      releasedAt: releasedAt == null ? null : new Date(releasedAt).toISOString().slice(0, 10),
    });
    return context.jobs.submit({
      kind: "ingest-annotations",
      parameters,
      inputs: parameters.uris,
      idempotencyKey: keyOf(idempotencyKey),
      retryOf: null,
    });
  }

  @Mutation(() => Job, {
    description:
      "Submits a job over the store. annotate-variants writes the join of variants, genes and clinical statements as the table variant_annotations, for SQL and exports; answers of the API need no job to see new annotations. clean-up removes what no readable snapshot names. compact-log brings what the log took since the last time into tables, as the worker does by itself.",
  })
  @Cost(10)
  async submitBatchJob(
    @Arg("input", () => BatchJobInput, { description: "What to run." }) { kind, params, idempotencyKey }: BatchJobInput,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const parameters = Object.hasOwn(BATCH_JOBS, kind) ? BATCH_JOBS[kind] : undefined;
    if (parameters === undefined) {
      const expected = Object.keys(BATCH_JOBS).join(", ");
      throw new VitalomeError("BAD_USER_INPUT", `kind: expected ${expected}`, { details: { field: "kind", expected } });
    }
    return context.jobs.submit({
      kind,
      parameters: parseParameters(parameters, params ?? {}),
      inputs: [],
      idempotencyKey: keyOf(idempotencyKey),
      retryOf: null,
    });
  }
}
