import { z } from "zod";
import { VitalomeError } from "../errors.js";
import { CALL_SET_KINDS } from "../domain/call-set.js";
import { alertRuleSchema } from "../domain/alert/rule.js";
import { PAGE_LIFE_MS } from "../domain/retention.js";
import { EXPORT_COLUMNS, EXPORT_FORMATS } from "../domain/export.js";

const RAW_ID = /^raw:([0-9a-f]{64})\/([^/\\\0]{1,255})$/;
const rawId = z.string().regex(RAW_ID, "an id that PUT /files answered");
const label = z.string().regex(/^[\w][\w .:+-]{0,63}$/, "1 to 64 letters, digits, space or _ . : + -");
const fraction = z.number().min(0).max(1);

/** A name that no call set can be taken for by its id. */
const callSetName = label.refine((name) => !/^cs-[0-9a-f]{16}$/i.test(name), "a name that does not look like an id");

/** Parameters of `ingest-variants`, checked where they enter. */
export const ingestVariantsParameters = z
  .strictObject({
    uris: z.array(rawId).min(1).max(100_000),
    assemblyId: z.enum(["GRCh37", "GRCh38"]).nullable(),
    callSet: callSetName.nullable(),
    callSetKind: z.enum(CALL_SET_KINDS).nullable(),
    samplesUri: rawId.nullable(),
    referenceUri: rawId.nullable(),
    minQual: z.number().finite().nullable(),
    passOnly: z.boolean(),
    minAf: fraction.nullable(),
    maxAf: fraction.nullable(),
    dryRun: z.boolean(),
  })
  .refine(({ minAf, maxAf }) => minAf === null || maxAf === null || minAf <= maxAf, {
    path: ["maxAf"],
    message: "at least minAf",
  });
export type IngestVariantsParameters = z.infer<typeof ingestVariantsParameters>;

/** Parameters of `ingest-annotations`. Sources are told apart by name in any case. */
export const ingestAnnotationsParameters = z.strictObject({
  uris: z.array(rawId).min(1).max(1_000),
  source: label,
  version: label,
  assemblyId: z.enum(["GRCh37", "GRCh38"]).nullable(),
  /** ISO 8601 date. */
  releasedAt: z.iso.date().nullable(),
});
export type IngestAnnotationsParameters = z.infer<typeof ingestAnnotationsParameters>;

/** Parameters of `ingest-clinical`. */
export const ingestClinicalParameters = z.strictObject({
  uris: z.array(rawId).min(1).max(10_000),
  /** Identifier systems whose values are names of samples. */
  sampleSystems: z.array(z.string().min(1).max(500)).max(20),
  /** The system by which subjects of a table are known in the store; null: they are people of their own. */
  subjectSystem: z.string().min(1).max(500).nullable(),
});
export type IngestClinicalParameters = z.infer<typeof ingestClinicalParameters>;

export const annotateVariantsParameters = z.strictObject({});

export const removeCallSetParameters = z.strictObject({
  callSetId: z.string().min(1),
  reason: z.string().min(1).max(1000),
});
export type RemoveCallSetParameters = z.infer<typeof removeCallSetParameters>;

export const revertRunParameters = z.strictObject({
  runId: z.string().min(1),
  /** The snapshot the run published. */
  snapshot: z.number().int().positive(),
  reason: z.string().min(1).max(1000),
});

/** Parameters of `export`. */
export const exportParameters = z.strictObject({
  /** As the caller gave it: for people to read. */
  filter: z.record(z.string(), z.unknown()),
  format: z.enum(EXPORT_FORMATS),
  /** Columns in their order; null: all of them. */
  fields: z
    .array(z.enum(EXPORT_COLUMNS.map(({ name }) => name)))
    .min(1)
    .nullable(),
  /** The snapshot whose rows are written; it stays readable while the job is open. */
  snapshot: z.number().int().min(0),
  /** What selects the rows: see `jobs/export/statement.ts`. */
  statement: z.string(),
});
export type ExportParameters = z.infer<typeof exportParameters>;

const KEEP = /^(\d{1,5})(h|d)$/;
const HOUR_MS = 3_600_000;

/** `36h` or `7d` in milliseconds. */
export function keepMs(keep: string): number {
  const [, count, unit] = KEEP.exec(keep) ?? [];
  return Number(count) * (unit === "d" ? 24 : 1) * HOUR_MS;
}

/** Parameters of `clean-up`. */
export const cleanUpParameters = z.strictObject({
  /** How long a snapshot stays readable once a newer one has come, and what a job left once it has ended. */
  keep: z
    .string()
    .refine((text) => keepMs(text) >= PAGE_LIFE_MS, "hours or days, as in 36h or 7d, of at least 24h")
    .default("24h"),
  dryRun: z.boolean().default(false),
});

/** Parameters of `backtest-rule`: rules stand in them whole, so that a repeat is of the same ones. */
export const backtestParameters = z.strictObject({
  /** As the caller gave it: for people to read, and to tell a repeat. */
  asked: z.record(z.string(), z.unknown()),
  candidate: alertRuleSchema,
  current: alertRuleSchema.nullable(),
  /** Of effective times; half open, in milliseconds since the epoch. */
  from: z.number().int(),
  to: z.number().int(),
  /** Null: everybody. */
  patientIds: z.array(z.string().min(1)).min(1).nullable(),
  toleranceMs: z.number().int().min(0),
});
export type BacktestParameters = z.infer<typeof backtestParameters>;

/** What anybody may ask of `compact-log`: nothing but that it runs. */
export const compactLogParameters = z.strictObject({});

const offsets = z.record(z.string(), z.array(z.string().regex(/^\d{1,18}$/)));

/** The part of the log that a `compact-log` reads, as whoever hands it over has fixed it: by topic, per partition. */
export const compactLogRange = z.strictObject({
  /** The first offset of each. */
  from: offsets,
  /** The one behind the last. */
  to: offsets,
});
export type CompactLogRange = z.infer<typeof compactLogRange>;

/** BAD_USER_INPUT names the first field that is wrong and what was expected. */
export function parseParameters<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new VitalomeError("BAD_USER_INPUT", `${field}: ${issue?.message ?? "is not valid"}`, {
    details: { field, expected: issue?.message },
  });
}

/** `raw:<sha256>/<name>` → where the bytes lie, and the name they came with. */
export function parseRawId(id: string): { readonly sha256: string; readonly name: string; readonly path: string } {
  const match = RAW_ID.exec(id);
  if (match === null)
    throw new VitalomeError("BAD_USER_INPUT", "not the id of an uploaded file", { details: { field: "uri" } });
  const [, sha256 = "", name = ""] = match;
  return { sha256, name, path: `raw/${sha256}/${rawFileName(name)}` };
}

/** Spark picks its codec by the extension, so the stored name keeps it. */
export function rawFileName(name: string): string {
  const extension = /(?:\.[A-Za-z0-9]{1,8}){1,2}$/.exec(name)?.[0] ?? "";
  return `data${extension.toLowerCase()}`;
}
