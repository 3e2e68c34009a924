import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf } from "../errors.js";
import type { Client } from "./client.js";
import { createProgress, EXIT, failure, print } from "./output.js";
import { awaitJob } from "./submit.js";

export interface BacktestOptions {
  readonly from?: string;
  readonly to?: string;
  readonly ruleVersion?: string;
  readonly input?: string;
  readonly against?: string;
  readonly tolerance?: string;
  readonly patient?: readonly string[];
  readonly key?: string;
}

interface Side {
  readonly ruleId: string;
  readonly version: number;
  readonly alerts: number;
  readonly perPatientDay: number | null;
}

interface Case {
  readonly patientId: string;
  readonly raisedAt: string;
  readonly message: string;
}

interface Report {
  readonly patients: number;
  readonly patientDays: number;
  readonly candidate: Side;
  readonly current: Side | null;
  readonly both: number;
  readonly extra: number;
  readonly missed: number;
  readonly lead: { readonly leastSeconds: number; readonly medianSeconds: number; readonly mostSeconds: number } | null;
  readonly extraCases: readonly Case[];
  readonly missedCases: readonly Case[];
}

const SUBMIT = `mutation Backtest($id: ID!, $version: Int, $input: AlertRuleInput, $against: ID, $period: PeriodInput!,
  $patientIds: [ID!], $tolerance: Duration! = "PT10M", $key: String!) {
  submitted: backtestRule(id: $id, version: $version, input: $input, against: $against, period: $period,
    patientIds: $patientIds, tolerance: $tolerance, idempotencyKey: $key) { id } }`;
const CASE = "patientId onset raisedAt endedAt message";
const SIDE = `ruleId version alerts perPatientDay cases { ${CASE} }`;
const RESULT = `query Result($id: ID!) { job(id: $id) { backtest { patients patientDays candidate { ${SIDE} } current { ${SIDE} }
  both extra missed lead { leastSeconds medianSeconds mostSeconds } extraCases { ${CASE} } missedCases { ${CASE} } } } }`;

/** Submits the job, waits for it and prints what it found. */
export async function backtest(
  client: Client,
  id: string,
  options: BacktestOptions,
  isJson: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { from, to, ruleVersion, input, against, tolerance, patient, key = randomUUID() } = options;
  if (from === undefined || to === undefined)
    throw failure(EXIT.usage, "alerts backtest: give the period with --from and --to");
  if (ruleVersion !== undefined && !/^[1-9]\d{0,8}$/.test(ruleVersion))
    throw failure(EXIT.usage, `--rule-version: expected a version, found ${ruleVersion}`);
  const { submitted } = await client.ask<{ submitted: { id: string } }>(SUBMIT, {
    ...{ id, key, against, tolerance, patientIds: patient, period: { from, to } },
    version: ruleVersion === undefined ? null : Number(ruleVersion),
    input: input === undefined ? null : await ruleIn(input),
  });
  const progress = createProgress();
  const ended = await awaitJob(client, submitted.id, progress.show, signal).finally(() => {
    progress.end();
  });
  if (ended.state !== "COMPLETE") {
    const { code, message } = ended.error ?? { code: ended.state, message: "the backtest did not end" };
    throw failure(EXIT.failed, `${code}: ${message}`);
  }
  const { job } = await client.ask<{ job: { backtest: Report } }>(RESULT, { id: submitted.id });
  for (const line of isJson ? [JSON.stringify({ jobId: submitted.id, ...job.backtest })] : linesOf(job.backtest))
    print(line);
}

async function ruleIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (thrown) {
    throw failure(EXIT.usage, `--input: expected a file with an AlertRuleInput as JSON: ${messageOf(thrown)}`);
  }
}

function linesOf(report: Report): readonly string[] {
  const { patients, patientDays, candidate, current, both, extra, missed, lead, extraCases, missedCases } = report;
  const days = `${String(patients)} patients, ${patientDays.toFixed(2)} patient-days`;
  if (current === null) return [days, sideText(candidate)];
  const shown = (what: string, cases: readonly Case[]): readonly string[] =>
    cases.map(({ patientId, raisedAt, message }) => `${what}  ${raisedAt}  ${patientId}  ${message}`);
  return [
    days,
    sideText(candidate),
    sideText(current),
    `of both ${String(both)}, extra ${String(extra)}, missed ${String(missed)}`,
    ...(lead === null
      ? []
      : [
          `earlier by ${String(lead.medianSeconds)} s (median; ${String(lead.leastSeconds)} to ${String(lead.mostSeconds)})`,
        ]),
    ...shown("extra ", extraCases),
    ...shown("missed", missedCases),
  ];
}

function sideText({ ruleId, version, alerts, perPatientDay }: Side): string {
  const rate = perPatientDay === null ? "" : `, ${perPatientDay.toFixed(2)} per patient-day`;
  return `${ruleId} version ${String(version)}: ${String(alerts)} alerts${rate}`;
}
