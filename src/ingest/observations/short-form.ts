import { z } from "zod";
import { findObservationCode } from "../../domain/observation/code.js";
import type { Json } from "../../domain/observation/json.js";
import { isId } from "../../domain/observation/key.js";
import type { ObservationEventStatus } from "../../domain/events/observation.js";
import {
  PRELIMINARY,
  isMadeUp,
  preliminaryId,
  refusal,
  type Reading,
  type ReadingValue,
  type RecordReading,
  type Refusal,
} from "./types.js";
import { NO_VALUE, expectedOf, measuredValue, statedValue } from "./value.js";

const TEXT = "a text of 1 to 128 characters";
const id = z.string().refine(isId, TEXT).nullish();
const STATUS_OF: Readonly<Record<string, ObservationEventStatus>> = {
  final: "final",
  preliminary: "final",
  corrected: "corrected",
  amended: "corrected",
  "entered-in-error": "entered-in-error",
};

/** One reading in our own words; FHIR says the same with more of them. */
const shortForm = z.strictObject({
  schema: z.literal(1).nullish(),
  eventId: id,
  source: id,
  deviceId: id,
  session: z.union([z.string().refine(isId, TEXT), z.number().int()]).nullish(),
  sequence: z.number().int().min(0).nullish(),
  patientId: z.string().refine(isId, TEXT),
  code: z.string().max(32),
  value: z.union([z.number(), z.string().max(128)]).nullish(),
  valueCode: id,
  absentReason: id,
  unit: z.string().max(64).nullish(),
  eventTime: z.string().max(64),
  receivedAt: z.string().max(64).nullish(),
  quality: z.union([id, z.array(z.string().refine(isId, TEXT)).max(16)]),
  status: z.enum(["final", "preliminary", "corrected", "amended", "entered-in-error"]).nullish(),
  replaces: id,
  simulated: z.boolean().nullish(),
  /** What it was made from, kept for whoever has to look into it. */
  original: z.string().max(16_384).nullish(),
});

type ShortForm = z.infer<typeof shortForm>;

const EXPECTED: Readonly<Record<string, string>> = {
  schema: "1",
  sequence: "a whole number from 0",
  session: `${TEXT}, or a whole number`,
  value: "a number or a text",
  code: "a LOINC code",
  eventTime: "ISO 8601 as text",
  receivedAt: "ISO 8601 as text",
  quality: `${TEXT}, or up to 16 of them`,
  status: Object.keys(STATUS_OF).join(", "),
  simulated: "true or false",
  original: "a text of up to 16,384 characters",
};

/** Throws a refusal. */
export function readShortForm(record: Json): RecordReading {
  const parsed = shortForm.safeParse(record);
  if (!parsed.success) throw refusalOf(record, parsed.error);
  const form = parsed.data;
  const code = findObservationCode(form.code);
  if (code === null) throw refusal("UNKNOWN_CODE", "code", form.code);
  const status = STATUS_OF[form.status ?? (form.replaces == null ? "final" : "corrected")] ?? "final";
  const replaces = form.replaces ?? null;
  if ((replaces === null) !== (status === "final")) {
    const expected = status === "final" ? "status corrected or entered-in-error, or no replaces" : undefined;
    throw refusal("REPLACES", status === "final" ? "status" : "replaces", form.status ?? undefined, expected);
  }
  const isPreliminary = form.status === "preliminary";
  const said = typeof form.quality === "string" ? [form.quality] : (form.quality ?? []);
  const quality = isPreliminary ? [PRELIMINARY, ...said] : said;
  const ownId = form.eventId ?? null;
  const reading: Reading = {
    kind: "reading",
    part: "",
    ownId: ownId !== null && isPreliminary ? preliminaryId(ownId) : ownId,
    follows: ownId === null || isPreliminary || status !== "final" ? null : preliminaryId(ownId),
    deviceId: form.deviceId ?? null,
    session: form.session == null ? null : String(form.session),
    sequence: form.sequence ?? null,
    patientId: form.patientId,
    code,
    codeAsReceived: form.code,
    ...valueOf(form, code, status === "entered-in-error"),
    eventTime: form.eventTime,
    timeField: "eventTime",
    quality: form.absentReason == null ? quality : [...quality, form.absentReason],
    status,
    replaces,
    simulated: form.simulated === true || isMadeUp(quality),
  };
  return { readings: [reading], receivedAt: form.receivedAt ?? null };
}

function valueOf(
  form: ShortForm,
  code: Exclude<ReturnType<typeof findObservationCode>, null>,
  isWithdrawn: boolean,
): ReadingValue {
  const { value, valueCode, unit } = form;
  if (value != null && valueCode != null) throw refusal("FIELD_TYPE", "valueCode", valueCode, "no value beside it");
  if (code.kind === "coded") {
    const stated = valueCode ?? value;
    if (stated != null) return statedValue(code, [String(stated)], valueCode == null ? "value" : "valueCode");
  } else if (valueCode != null) {
    throw refusal("FIELD_TYPE", "valueCode", valueCode, `value: ${expectedOf(code)}`);
  } else if (value != null) {
    return measuredValue(code, { value, unit: unit ?? null }, "value", "unit");
  }
  if (form.absentReason != null || isWithdrawn) return NO_VALUE;
  throw refusal("VALUE_MISSING", "value", value, `${expectedOf(code)}, or absentReason`);
}

function refusalOf(record: Json, error: z.ZodError): Refusal {
  const issue = error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    const field = issue.keys[0] ?? "";
    return refusal("UNKNOWN_FIELD", field, Object.hasOwn(record, field) ? record[field] : undefined);
  }
  const field = String(issue.path[0] ?? "");
  const found = Object.hasOwn(record, field) ? record[field] : undefined;
  return refusal(found == null ? "FIELD_MISSING" : "FIELD_TYPE", field, found, EXPECTED[field] ?? TEXT);
}
