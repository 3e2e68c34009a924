import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../context.js";
import { shownLedger } from "../domain/observation/ledger.js";
import type { Submission as SubmissionFacts } from "../domain/submission.js";
import { Cost } from "../schema/cost.js";
import { CursorScalar } from "../schema/scalars.js";
import {
  RejectedObservationConnection,
  SourceLedger,
  Submission,
  type RejectedObservation,
} from "../schema/submission.js";
import type { ShownRejection } from "../views/rejected-observations.js";
import { invalid } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;

@Resolver()
export class SubmissionResolver {
  @Mutation(() => Submission, {
    description:
      "Takes readings, one JSON object a line, our short form or FHIR R4 Observations; or messages of HL7 version 2, results and movements. Answers once they are durable; the ledger follows. More than a request may hold goes to POST /observations.",
  })
  @Cost(10)
  async submitObservations(
    @Arg("ndjson", () => String, { ...NULLABLE, description: "The lines." }) ndjson: string | null,
    @Arg("hl7", () => String, { ...NULLABLE, description: "The messages (ER7), in place of lines." })
    hl7: string | null,
    @Arg("source", () => String, { description: "Name of the source, 1 to 128 characters." }) source: string,
    @Arg("simulated", () => Boolean, {
      defaultValue: false,
      description: "Whether they are made up, or replayed from a recording.",
    })
    simulated: boolean,
    @Arg("idempotencyKey", () => String, {
      description:
        "Any text, 1 to 200 characters. The same key answers the same submission; with other lines it is refused.",
    })
    idempotencyKey: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    if ((ndjson == null) === (hl7 == null)) throw invalid("ndjson", "either ndjson or hl7");
    const format = hl7 == null ? "ndjson" : "hl7";
    const content = Buffer.from(hl7 ?? ndjson ?? "");
    return shown(await context.submissions.submit(once(content), { source, format, simulated, idempotencyKey }));
  }

  @Query(() => Submission, { description: "A submission as it stands." })
  async submission(
    @Arg("cursor", () => CursorScalar, { description: "The cursor it was answered with." }) cursor: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return shown(await context.submissions.find(cursor));
  }

  @Query(() => [SourceLedger], { description: "Where the readings of each source went, by the name of the source." })
  @Cost(10)
  async observationLedgers(@Ctx() context: RequestContext): Promise<object> {
    const sources = await context.submissions.sourceLedgers();
    return sources.map((one) => ({ ...one, ledger: shownLedger(one.ledger) }));
  }

  @Query(() => RejectedObservationConnection, { description: "Readings that broke a rule, the newest first." })
  @Cost(10, ["first"])
  async rejectedObservations(
    @Arg("source", () => String, { ...NULLABLE, description: "Only of this source." }) source: string | null,
    @Arg("submissionId", () => ID, { ...NULLABLE, description: "Only of this submission." })
    submissionId: string | null,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const filter = { source: source ?? null, submissionId: submissionId ?? null };
    const page = await context.rejections.list(filter, first, after ?? null);
    const rejection = (node: ShownRejection): RejectedObservation => ({ ...node, submissionId: node.submission });
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: rejection(node) }));
    return { ...page, edges, nodes: edges.map(({ node }) => node) };
  }
}

function shown(submission: SubmissionFacts): object {
  return { ...submission, ledger: submission.ledger === null ? null : shownLedger(submission.ledger) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
