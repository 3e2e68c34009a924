import { EXIT, failure } from "./output.js";
import type { Envelope, StreamEvent } from "../../clients/js/src/index.js";

/** What a stream is asked for, as options of the verb. */
export interface StreamOptions {
  readonly id?: string;
  readonly kind?: string;
  readonly patient?: readonly string[];
  readonly cohort?: string;
  readonly code?: readonly string[];
  readonly minPriority?: string;
  readonly shadow?: boolean;
  readonly window?: string;
  readonly maxRate?: string;
}

export interface WatchedStream {
  /** Options it has, beside those of every stream. */
  readonly takes: readonly (keyof StreamOptions)[];
  readonly query: string;
  readonly variables: (options: StreamOptions) => Readonly<Record<string, unknown>>;
  readonly lineOf: (event: StreamEvent, envelope: Envelope) => string;
}

const WORDS = "... on StreamHeartbeat { cursor watermark lagMs periodMs } ... on StreamGap { from to lost reason }";
const codesOf = (codes: readonly string[] | undefined): object | null => codes?.map((code) => ({ code })) ?? null;

export const STREAMS: Readonly<Record<string, WatchedStream>> = {
  jobs: {
    takes: ["id", "kind"],
    query: `subscription WatchJobs($id: ID, $kind: String, $after: Cursor) {
      jobUpdates(id: $id, kind: $kind, after: $after) { cursor event { __typename ${WORDS} ... on Job {
        id kind state version progress stage submittedBy queuedAt startedAt endedAt error { code message retryable }
      } } } }`,
    variables: ({ id, kind }) => ({ id: id ?? null, kind: kind ?? null }),
    lineOf: jobLine,
  },
  datasets: {
    takes: ["kind"],
    query: `subscription WatchDatasets($kind: String, $after: Cursor) {
      datasetPublished(kind: $kind, after: $after) { cursor event { __typename ${WORDS} ... on DatasetPublication {
        snapshotId jobId kind publishedAt tables { table rows }
      } } } }`,
    variables: ({ kind }) => ({ kind: kind ?? null }),
    lineOf: datasetLine,
  },
  alerts: {
    takes: ["kind", "patient", "cohort", "code", "minPriority", "shadow"],
    query: `subscription WatchAlerts($patientIds: [ID!], $cohortId: ID, $minPriority: AlertPriority! = LOW, $code: [CodingInput!],
      $kinds: [AlertKind!], $includeShadow: Boolean! = false, $after: Cursor) {
      alerts(patientIds: $patientIds, cohortId: $cohortId, minPriority: $minPriority, code: $code, kinds: $kinds,
        includeShadow: $includeShadow, after: $after) { cursor sequence event { __typename ${WORDS} ... on AlertChange {
        leaves alert { id version patientId priority presence conditionPresent stale kind code { code display } message
          value unit threshold onset raisedAt abatement occurrenceCount escalationLevel acknowledgedBy snoozedUntil shadow
          simulated }
        transition { version at from to reason text by } } } } }`,
    variables: ({ kind, patient, cohort, code, minPriority, shadow }) => ({
      patientIds: patient ?? null,
      cohortId: cohort ?? null,
      minPriority: minPriority?.toUpperCase(),
      code: codesOf(code),
      kinds: kind === undefined ? null : [kind.toUpperCase()],
      includeShadow: shadow === true,
    }),
    lineOf: alertLine,
  },
  vitals: {
    takes: ["patient", "cohort", "code", "window", "maxRate"],
    query: `subscription WatchVitals($patientIds: [ID!], $cohortId: ID, $code: [CodingInput!], $window: String, $maxRateHz: Float,
      $after: Cursor) {
      vitals(patientIds: $patientIds, cohortId: $cohortId, code: $code, window: $window, maxRateHz: $maxRateHz, after: $after) {
        cursor patientId code { code display } event { __typename ${WORDS}
        ... on Observation { id status effectiveDateTime receivedAt valueQuantity { value comparator unit }
          valueCodeableConcept { code } source device late flags quality replaces revision simulated }
        ... on WindowAggregate { windowStart windowEnd n mean min max stddev unit isFinal revision simulated } } } }`,
    variables: ({ patient, cohort, code, window, maxRate }) => ({
      patientIds: patient ?? null,
      cohortId: cohort ?? null,
      code: codesOf(code),
      window: window ?? null,
      maxRateHz: maxRate === undefined ? null : rateOf(maxRate),
    }),
    lineOf: vitalLine,
  },
};

/** The stream, with options it knows. */
export function streamOf(name: string, options: StreamOptions): WatchedStream {
  const stream = STREAMS[name];
  if (stream === undefined) {
    throw failure(EXIT.usage, `watch: expected ${Object.keys(STREAMS).join(", ")}, found ${name}`);
  }
  for (const option of OPTIONS) {
    if (options[option] === undefined || stream.takes.includes(option)) continue;
    const flag = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw failure(EXIT.usage, `--${flag}: ${name} have none`);
  }
  return stream;
}

const OPTIONS: readonly (keyof StreamOptions)[] = [
  "id",
  "kind",
  "patient",
  "cohort",
  "code",
  "minPriority",
  "shadow",
  "window",
  "maxRate",
];

function rateOf(text: string): number {
  const rate = Number(text);
  if (text.trim() === "" || !Number.isFinite(rate))
    throw failure(EXIT.usage, `--max-rate: expected a number, found ${text}`);
  return rate;
}

export function gapLine(event: StreamEvent): string {
  return event["reason"] === "SLOW_CONSUMER"
    ? "gap: this reader was too slow; going on where it was cut off"
    : `gap: at most ${String(event["lost"])} events are no longer in the log`;
}

function jobLine(event: StreamEvent): string {
  const { id, state, kind, progress, stage, error } = event;
  const parts = [String(id), String(state).padEnd(14), String(kind).padEnd(16)];
  if (typeof progress === "number") parts.push(`${String(Math.round(progress * 100))} %`.padStart(5));
  if (typeof stage === "string") parts.push(stage);
  const fault = error as { readonly code: string; readonly message: string } | null | undefined;
  if (fault !== null && fault !== undefined) parts.push(`${fault.code}: ${fault.message}`);
  return parts.join("  ").trimEnd();
}

function datasetLine(event: StreamEvent): string {
  const tables = event["tables"] as readonly { readonly table: string; readonly rows: number }[];
  const rows = tables.map(({ table, rows }) => `${table} ${String(rows)}`).join(", ");
  const { snapshotId, publishedAt, kind } = event;
  return `snapshot ${String(snapshotId)}  ${String(publishedAt)}  ${typeof kind === "string" ? kind : "-"}  ${rows}`;
}

interface AlertText {
  readonly id: string;
  readonly patientId: string;
  readonly priority: string;
  readonly presence: string;
  readonly message: string;
  readonly simulated: boolean;
  readonly shadow: boolean;
}

/** One alert on a line. */
export function alertText({ id, patientId, priority, presence, message, simulated, shadow }: AlertText): string {
  const labels = `${simulated ? "  SIMULATED" : ""}${shadow ? "  SHADOW" : ""}`;
  return `${priority.padEnd(6)}  ${presence.padEnd(7)}  ${patientId}  ${message}${labels}  ${id}`;
}

function alertLine(event: StreamEvent): string {
  const alert = event["alert"] as AlertText;
  const { at, reason, by } = event["transition"] as {
    readonly at: string;
    readonly reason: string;
    readonly by: string | null;
  };
  const who = by === null ? "" : ` by ${by}`;
  return `${at}  ${alertText(alert)}  ${reason}${who}${event["leaves"] === true ? "  leaves the filter" : ""}`;
}

interface VitalText {
  readonly code: { readonly code: string; readonly display: string | null };
  readonly patientId: string;
}

function vitalLine(event: StreamEvent, envelope: Envelope): string {
  const { patientId, code } = envelope as Envelope & VitalText;
  const head = `${patientId}  ${code.display ?? code.code}`;
  if (event.__typename === "WindowAggregate") {
    const { windowStart, windowEnd, n, mean, min, max, unit, isFinal } = event;
    const final = isFinal === true ? "  final" : "";
    const range = `${String(min)} to ${String(max)}`;
    return `${String(windowStart)} to ${String(windowEnd)}  ${head}  n ${String(n)}  mean ${String(mean)} (${range}) ${textOf(unit)}${final}`;
  }
  const quantity = event["valueQuantity"] as Readonly<Record<string, unknown>> | null;
  const coded = event["valueCodeableConcept"] as { readonly code: string } | null;
  const value =
    quantity === null
      ? (coded?.code ?? "no value")
      : `${textOf(quantity["comparator"])}${String(quantity["value"])} ${textOf(quantity["unit"])}`;
  const labels = [
    ...(event["flags"] as readonly string[]),
    ...(event["late"] === true ? ["LATE"] : []),
    ...(event["simulated"] === true ? ["SIMULATED"] : []),
    ...(event["status"] === "final" ? [] : [String(event["status"])]),
  ];
  return [String(event["effectiveDateTime"]), head, value.trimEnd(), ...labels].join("  ");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
