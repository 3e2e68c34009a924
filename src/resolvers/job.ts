import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import { EXPORT_KIND } from "../domain/export.js";
import type { JobRecord } from "../domain/job.js";
import { isBalanced, type ItemLedger, type RuleCounts } from "../domain/ledger.js";
import { VitalomeError } from "../errors.js";
import type { FileOutcome } from "../jobs/context.js";
import {
  ingestVariantsParameters,
  parseParameters,
  removeCallSetParameters,
  revertRunParameters,
} from "../jobs/parameters.js";
import { Cost } from "../schema/cost.js";
import { FileStatus, RunState } from "../schema/enums.js";
import {
  Dataset,
  FileLedger,
  IngestLedger,
  Job,
  JobConnection,
  JobEstimate,
  QuarantinedRecord,
  VariantIngestInput,
  type RuleCount,
} from "../schema/job.js";
import { CursorScalar } from "../schema/scalars.js";

const NULLABLE = { nullable: true } as const;
const LOG_LIMIT = 1_000;
const SAMPLE_LIMIT = 20;

@Resolver(() => Job)
export class JobResolver {
  @Query(() => Job, { ...NULLABLE, description: "One job, or null." })
  job(
    @Arg("id", () => ID, { description: "Id of the job." }) id: string,
    @Ctx() context: RequestContext,
  ): object | null {
    return context.jobs.find(id);
  }

  @Query(() => JobConnection, { description: "Jobs, the newest first." })
  @Cost(1, ["first"])
  jobs(
    @Arg("state", () => [RunState], { ...NULLABLE, description: "Only these states." }) state: RunState[] | null,
    @Arg("kind", () => String, { ...NULLABLE, description: "Only this kind." }) kind: string | null,
    @Arg("submittedBy", () => String, { ...NULLABLE, description: "Only of this subject." }) submittedBy: string | null,
    @Arg("first", () => Int, { defaultValue: 50, description: "Size of the page, 1 to 1000." }) first: number,
    @Arg("after", () => CursorScalar, { ...NULLABLE, description: "Cursor to go on after." }) after: string | null,
    @Ctx() context: RequestContext,
  ): object {
    return context.jobs.list(
      { states: state ?? null, kind: kind ?? null, submittedBy: submittedBy ?? null },
      first,
      after ?? null,
    );
  }

  @Mutation(() => Job, { description: "Ingests VCF files as one job. The same idempotency key answers the same job." })
  @Cost(10)
  async ingestVariants(
    @Arg("input", () => VariantIngestInput, { description: "Files and how to read them." }) input: VariantIngestInput,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    if (input.format.toUpperCase() !== "VCF") {
      throw new VitalomeError("BAD_USER_INPUT", "format: expected VCF", {
        details: { field: "format", expected: "VCF" },
      });
    }
    const parameters = parseParameters(ingestVariantsParameters, {
      uris: input.uris,
      assemblyId: input.assemblyId ?? null,
      callSet: input.callSet ?? null,
      callSetKind: input.callSetKind ?? null,
      samplesUri: input.samplesUri ?? null,
      referenceUri: input.referenceUri ?? null,
      minQual: input.minQual ?? null,
      passOnly: input.passOnly === true,
      minAf: input.minAf ?? null,
      maxAf: input.maxAf ?? null,
      dryRun: input.dryRun === true,
    });
    return context.jobs.submit({
      kind: "ingest-variants",
      parameters,
      inputs: parameters.uris,
      idempotencyKey: keyOf(input.idempotencyKey),
      retryOf: null,
    });
  }

  @Mutation(() => Job, {
    description: "Cancels a job: it publishes nothing. Cancelling a job that has ended changes nothing.",
  })
  async cancelJob(
    @Arg("id", () => ID, { description: "Id of the job." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.jobs.cancel(id);
  }

  @Mutation(() => Job, { description: "Submits a failed or cancelled job again, as a new job." })
  async retryJob(
    @Arg("id", () => ID, { description: "Id of the job." }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.jobs.retry(id);
  }

  @Mutation(() => Job, {
    description: "Takes a call set out of the next snapshot. Pages that are pinned to older snapshots still see it.",
  })
  async removeCallSet(
    @Arg("id", () => ID, { description: "Id of the call set." }) id: string,
    @Arg("reason", () => String, { description: "Why; kept with the job." }) reason: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    if ((await context.callSets.find(id)) === null) {
      throw new VitalomeError("NOT_FOUND", "there is no such call set", { details: { field: "id" } });
    }
    const parameters = parseParameters(removeCallSetParameters, { callSetId: id, reason });
    return context.jobs.submit({
      kind: "remove-call-set",
      parameters,
      inputs: [],
      idempotencyKey: `${id} ${context.requestId}`,
      retryOf: null,
    });
  }

  @Mutation(() => Job, {
    description:
      "Takes back what a job published: what it added leaves the next snapshot, what it took away returns. Pages that are pinned to older snapshots still see it.",
  })
  async revertRun(
    @Arg("jobId", () => ID, { description: "Id of the job that published." }) jobId: string,
    @Arg("reason", () => String, { description: "Why; kept with the job." }) reason: string,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const snapshot = context.jobs.find(jobId)?.snapshotId ?? null;
    if (snapshot === null) {
      throw new VitalomeError("NOT_FOUND", "there is no such job, or it published nothing", {
        details: { field: "jobId" },
      });
    }
    return context.jobs.submit({
      kind: "revert-run",
      parameters: parseParameters(revertRunParameters, { runId: jobId, snapshot, reason }),
      inputs: [],
      idempotencyKey: `${jobId} ${context.requestId}`,
      retryOf: null,
    });
  }

  @FieldResolver()
  parameters(@Root() job: JobRecord, @Ctx() context: RequestContext): unknown {
    return context.jobs.parametersOf(job);
  }

  @FieldResolver()
  exportUrl(@Root() { id, kind, state }: JobRecord): string | null {
    return kind === EXPORT_KIND && state === "COMPLETE" ? `/exports/${id}` : null;
  }

  @FieldResolver(() => [String], { description: "Last lines of its log, oldest first." })
  async logTail(
    @Root() job: JobRecord,
    @Arg("lines", () => Int, { defaultValue: 100, description: "1 to 1000." }) lines: number,
    @Ctx() context: RequestContext,
  ): Promise<readonly string[]> {
    return context.jobs.logTail(job, Math.min(LOG_LIMIT, Math.max(1, lines)));
  }

  @FieldResolver(() => [FileLedger], {
    description: "How each input file ended, in the order of the inputs; empty until the job has ended.",
  })
  async fileLedgers(@Root() job: JobRecord, @Ctx() context: RequestContext): Promise<readonly object[]> {
    const result = await context.jobs.result(job);
    return (result?.files ?? []).map(fileLedger);
  }

  @FieldResolver(() => IngestLedger, {
    ...NULLABLE,
    description: "The ledgers of all its files added up; null until the job has ended.",
  })
  async ledger(@Root() job: JobRecord, @Ctx() context: RequestContext): Promise<object | null> {
    const files = (await context.jobs.result(job))?.files ?? [];
    const taken = files.filter((file) => file.status !== "refused");
    if (taken.length === 0) return null;
    return ledgerOf(
      sum(taken.map((file) => file.ledger.records)),
      sum(taken.map((file) => file.ledger.alleles)),
      taken.find((file) => file.quarantineUri !== null)?.quarantineUri ?? null,
      taken.flatMap((file) => file.quarantined),
    );
  }

  @FieldResolver(() => JobEstimate, { ...NULLABLE, description: "What a dry run found." })
  async estimate(@Root() job: JobRecord, @Ctx() context: RequestContext): Promise<JobEstimate | null> {
    return (await context.jobs.result(job))?.estimate ?? null;
  }

  @FieldResolver(() => [Dataset], { description: "What it published; empty until then." })
  async outputs(@Root() job: JobRecord, @Ctx() context: RequestContext): Promise<readonly Dataset[]> {
    if (job.snapshotId === null) return [];
    const snapshotId = String(job.snapshotId);
    const result = await context.jobs.result(job);
    return (result?.add ?? []).map((file) => ({
      id: `${file.table}@${snapshotId}`,
      snapshotId,
      format: "parquet",
      table: file.table,
      uri: file.path,
      rows: file.rows,
      publishedAt: job.endedAt ?? job.queuedAt,
    }));
  }
}

@Resolver(() => IngestLedger)
export class IngestLedgerResolver {
  @FieldResolver(() => [QuarantinedRecord], {
    description: "The first quarantined records, in file order; all of them lie at quarantineUri.",
  })
  samples(
    @Root() ledger: IngestLedger,
    @Arg("first", () => Int, { defaultValue: SAMPLE_LIMIT, description: "1 to 20." }) first: number,
  ): readonly QuarantinedRecord[] {
    return ledger.quarantinedRecords.slice(0, Math.min(SAMPLE_LIMIT, Math.max(0, first)));
  }
}

/** The key, within its bounds. */
export function keyOf(key: string): string {
  if (key.length < 1 || key.length > 200) {
    throw new VitalomeError("BAD_USER_INPUT", "idempotencyKey: expected 1 to 200 characters", {
      details: { field: "idempotencyKey", expected: "1 to 200 characters" },
    });
  }
  return key;
}

function fileLedger(outcome: FileOutcome): object {
  const { file, uri, callSetId } = outcome;
  if (outcome.status === "refused") {
    return { file, uri, callSetId, status: FileStatus.REFUSED, ledger: null, ...outcome.refusal };
  }
  return {
    file,
    uri,
    callSetId,
    status: outcome.status === "partial" ? FileStatus.PARTIAL : FileStatus.ACCEPTED,
    ledger: ledgerOf(outcome.ledger.records, outcome.ledger.alleles, outcome.quarantineUri, outcome.quarantined),
    code: null,
    message: null,
    line: null,
    field: null,
    expected: null,
  };
}

function ledgerOf(
  records: ItemLedger,
  alleles: ItemLedger,
  quarantineUri: string | null,
  quarantined: readonly object[],
): object {
  return {
    alleles: {
      read: alleles.read,
      accepted: alleles.accepted,
      filtered: rulesOf(alleles.filtered),
      quarantined: rulesOf(alleles.quarantined),
      duplicates: alleles.duplicates,
      balanced: isBalanced(alleles),
    },
    recordsRead: records.read,
    accepted: records.accepted,
    filtered: rulesOf(records.filtered),
    quarantined: rulesOf(records.quarantined),
    duplicates: records.duplicates,
    late: 0,
    balanced: isBalanced(records),
    quarantineUri,
    quarantinedRecords: (quarantined as FileOutcomeRecord[]).map((record) => ({
      ...record,
      reason: `${record.rule}: ${record.field} is ${JSON.stringify(record.found)}, expected ${record.expected}`,
    })),
  };
}

type FileOutcomeRecord = Extract<FileOutcome, { status: "accepted" | "partial" }>["quarantined"][number];

function rulesOf(counts: RuleCounts): readonly RuleCount[] {
  return Object.entries(counts)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([rule, count]) => ({ rule, count }));
}

function sum(ledgers: readonly ItemLedger[]): ItemLedger {
  const added = (pick: (ledger: ItemLedger) => RuleCounts): RuleCounts => {
    const counts: Record<string, number> = {};
    for (const ledger of ledgers)
      for (const [rule, count] of Object.entries(pick(ledger))) counts[rule] = (counts[rule] ?? 0) + count;
    return counts;
  };
  const number = (pick: (ledger: ItemLedger) => number): number =>
    ledgers.reduce((all, ledger) => all + pick(ledger), 0);
  return {
    read: number((ledger) => ledger.read),
    accepted: number((ledger) => ledger.accepted),
    filtered: added((ledger) => ledger.filtered),
    quarantined: added((ledger) => ledger.quarantined),
    duplicates: number((ledger) => ledger.duplicates),
  };
}
