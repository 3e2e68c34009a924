import { Field, Float, ID, InputType, Int, ObjectType } from "type-graphql";
import { CallSetKind, FileStatus, ReferenceGenome, RunState } from "./enums.js";
import { PageInfo } from "./list.js";
import { CursorScalar, DateTimeScalar, JsonScalar } from "./scalars.js";

const NULLABLE = { nullable: true } as const;

@ObjectType({ description: "How often one rule applied.", simpleResolvers: true })
export class RuleCount {
  @Field(() => String, { description: "The rule." })
  rule!: string;

  @Field(() => Float, { description: "How often; a whole number." })
  count!: number;
}

@ObjectType({
  description: "Where every alternate allele of a file went: read = accepted + filtered + quarantined + duplicates.",
  simpleResolvers: true,
})
export class AlleleLedger {
  @Field(() => Float, {
    description: "Alternate alleles in accepted or filtered records, without *, <NON_REF> and dots.",
  })
  read!: number;

  @Field(() => Float, { description: "Rows made." })
  accepted!: number;

  @Field(() => [RuleCount], { description: "Left out by filters, by rule." })
  filtered!: readonly RuleCount[];

  @Field(() => [RuleCount], { description: "In contradiction to what the call set has." })
  quarantined!: readonly RuleCount[];

  @Field(() => Float, { description: "Already there with the same content." })
  duplicates!: number;

  @Field(() => Boolean, { description: "Whether the sum holds." })
  balanced!: boolean;
}

@ObjectType({ description: "A record that breaks a rule, kept whole in quarantine.", simpleResolvers: true })
export class QuarantinedRecord {
  @Field(() => String, { description: "Name of the file." })
  source!: string;

  @Field(() => String, { description: "Place in the file, such as line 12." })
  position!: string;

  @Field(() => String, { description: "Rule, field, what was found and what was expected." })
  reason!: string;

  @Field(() => Int, { description: "Line in the decompressed file, from 1." })
  line!: number;

  @Field(() => String, { description: "Field with the fault." })
  field!: string;

  @Field(() => String, { description: "Name of the broken rule." })
  rule!: string;

  @Field(() => String, { description: "What the rule expects." })
  expected!: string;

  @Field(() => String, { ...NULLABLE, description: "The record's text; may be personal data." })
  raw!: string | null;
}

@ObjectType({
  description: "Where every record of the input went: recordsRead = accepted + filtered + quarantined + duplicates.",
})
export class IngestLedger {
  @Field(() => AlleleLedger, { description: "The same over alternate alleles." })
  alleles!: AlleleLedger;

  @Field(() => Float, { description: "Records in the input." })
  recordsRead!: number;

  @Field(() => Float, {
    description: "Records of which at least one alternate was taken, or which tell where reference was seen.",
  })
  accepted!: number;

  @Field(() => [RuleCount], { description: "Records left out by filters, by rule." })
  filtered!: readonly RuleCount[];

  @Field(() => [RuleCount], { description: "Records in quarantine, by rule." })
  quarantined!: readonly RuleCount[];

  @Field(() => Float, { description: "Records whose alternates were all there already, with the same content." })
  duplicates!: number;

  @Field(() => Float, { description: "Records that came late; a part of accepted. Files have none." })
  late!: number;

  @Field(() => Boolean, { description: "Whether the sum holds." })
  balanced!: boolean;

  @Field(() => String, { ...NULLABLE, description: "Where the quarantined records lie, as NDJSON in the store." })
  quarantineUri!: string | null;

  /** The first few; resolved with a limit. */
  quarantinedRecords!: readonly QuarantinedRecord[];
}

@ObjectType({
  description: "How one input file ended: with a ledger, or with the reason it was refused.",
  simpleResolvers: true,
})
export class FileLedger {
  @Field(() => String, { description: "Name of the file." })
  file!: string;

  @Field(() => ID, { description: "Id that PUT /files answered." })
  uri!: string;

  @Field(() => FileStatus, { description: "Accepted, partly quarantined, or refused." })
  status!: FileStatus;

  @Field(() => ID, { ...NULLABLE, description: "The call set the records went to." })
  callSetId!: string | null;

  @Field(() => IngestLedger, { ...NULLABLE, description: "Where its records went; null when refused." })
  ledger!: IngestLedger | null;

  @Field(() => String, { ...NULLABLE, description: "Error code of a refusal." })
  code!: string | null;

  @Field(() => String, { ...NULLABLE, description: "Why it was refused." })
  message!: string | null;

  @Field(() => Int, { ...NULLABLE, description: "Line of the fault." })
  line!: number | null;

  @Field(() => String, { ...NULLABLE, description: "Field of the fault." })
  field!: string | null;

  @Field(() => String, { ...NULLABLE, description: "What was expected there." })
  expected!: string | null;
}

@ObjectType({ description: "Why a job did not complete.", simpleResolvers: true })
export class JobError {
  @Field(() => String, { description: "Error code." })
  code!: string;

  @Field(() => String, { description: "What happened." })
  message!: string;

  @Field(() => Boolean, { description: "Whether trying again may help." })
  retryable!: boolean;
}

@ObjectType({ description: "What a dry run found the job would write.", simpleResolvers: true })
export class JobEstimate {
  @Field(() => Float, { ...NULLABLE, description: "Rows in all tables." })
  rows!: number | null;

  @Field(() => Float, { ...NULLABLE, description: "Bytes of data files." })
  bytes!: number | null;

  @Field(() => Float, { ...NULLABLE, description: "Seconds the dry run took." })
  seconds!: number | null;
}

@ObjectType({ description: "Data files a job published.", simpleResolvers: true })
export class Dataset {
  @Field(() => ID, { description: "Table and snapshot." })
  id!: string;

  @Field(() => ID, { description: "First snapshot that holds it." })
  snapshotId!: string;

  @Field(() => String, { description: "Storage format." })
  format!: string;

  @Field(() => String, { description: "Name of the table." })
  table!: string;

  @Field(() => String, { description: "Path in the store." })
  uri!: string;

  @Field(() => Float, { ...NULLABLE, description: "Rows written." })
  rows!: number | null;

  @Field(() => DateTimeScalar, { description: "When it was published." })
  publishedAt!: number;
}

@ObjectType({ description: "A piece of work that is watched: ingest, removal, export." })
export class Job {
  @Field(() => ID, { description: "The same kind and idempotency key are the same job." })
  id!: string;

  @Field(() => String, { description: "Name of the job, such as ingest-variants." })
  kind!: string;

  @Field(() => RunState, { description: "State." })
  state!: RunState;

  @Field(() => Float, { ...NULLABLE, description: "From 0 to 1." })
  progress!: number | null;

  @Field(() => String, { ...NULLABLE, description: "What it is doing." })
  stage!: string | null;

  @Field(() => String, { description: "Subject of the token that submitted it." })
  submittedBy!: string;

  @Field(() => String, { ...NULLABLE, description: "The caller's key." })
  idempotencyKey!: string | null;

  @Field(() => DateTimeScalar, { description: "When it was submitted." })
  queuedAt!: number;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When it first ran." })
  startedAt!: number | null;

  @Field(() => DateTimeScalar, { ...NULLABLE, description: "When it ended." })
  endedAt!: number | null;

  @Field(() => JobError, { ...NULLABLE, description: "Why it failed." })
  error!: JobError | null;

  @Field(() => [String], { description: "Ids of its input files." })
  inputs!: readonly string[];

  @Field(() => JsonScalar, { description: "Its parameters." })
  parameters!: unknown;

  @Field(() => String, {
    ...NULLABLE,
    description:
      "Of a complete export: the path of its file on this service, for GET with the bearer token. Null for other jobs.",
  })
  exportUrl!: string | null;

  @Field(() => ID, { ...NULLABLE, description: "The job this one tries again." })
  retryOf!: string | null;

  @Field(() => Int, { description: "Grows by one with every transition, from 1." })
  version!: number;
}

@ObjectType({ description: "A job and its place in the list.", simpleResolvers: true })
export class JobEdge {
  @Field(() => CursorScalar, { description: "Place of the node." })
  cursor!: string;

  @Field(() => Job, { description: "The job." })
  node!: Job;
}

@ObjectType({ description: "A page of jobs, the newest first.", simpleResolvers: true })
export class JobConnection {
  @Field(() => [JobEdge], { description: "Nodes with their cursors." })
  edges!: readonly JobEdge[];

  @Field(() => [Job], { description: "The nodes alone." })
  nodes!: readonly Job[];

  @Field(() => PageInfo, { description: "Where the page lies." })
  pageInfo!: PageInfo;
}

@InputType({ description: "VCF files to ingest as one job." })
export class VariantIngestInput {
  @Field(() => [String], { description: "Ids that PUT /files answered; each file gets its own ledger." })
  uris!: string[];

  @Field(() => String, { defaultValue: "VCF", description: "Format of the files: VCF, plain, gzip or bgzip." })
  format!: string;

  @Field(() => ReferenceGenome, {
    ...NULLABLE,
    description: "Build, where the header does not tell it; a header that says otherwise refuses the file.",
  })
  assemblyId?: ReferenceGenome | null;

  @Field(() => Boolean, { ...NULLABLE, description: "Keep only records whose FILTER is PASS." })
  passOnly?: boolean | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "Name of the call set. Without it the same build and samples are one call set.",
  })
  callSet?: string | null;

  @Field(() => CallSetKind, { ...NULLABLE, description: "Kind of the call set; told from the records when left out." })
  callSetKind?: CallSetKind | null;

  @Field(() => String, {
    ...NULLABLE,
    description: "Id of an uploaded sample sheet (tab-separated: sample, sex, population, superpopulation).",
  })
  samplesUri?: string | null;

  @Field(() => String, {
    ...NULLABLE,
    description:
      "Id of an uploaded reference FASTA: alleles are left-aligned, and a REF that differs refuses the file.",
  })
  referenceUri?: string | null;

  @Field(() => Float, {
    ...NULLABLE,
    description: "Keep only records of at least this QUAL; a record without QUAL is left out.",
  })
  minQual?: number | null;

  @Field(() => Float, {
    ...NULLABLE,
    description: "Keep only alternates of at least this frequency in the file's genotypes.",
  })
  minAf?: number | null;

  @Field(() => Float, {
    ...NULLABLE,
    description: "Keep only alternates of at most this frequency in the file's genotypes.",
  })
  maxAf?: number | null;

  @Field(() => Boolean, {
    ...NULLABLE,
    defaultValue: false,
    description: "Read and count everything, publish nothing.",
  })
  dryRun?: boolean | null;

  @Field(() => String, { description: "Any text, 1 to 200 characters. The same key with other parameters is refused." })
  idempotencyKey!: string;
}
