import { isDeepStrictEqual } from "node:util";
import { BACKTEST_KIND, type BacktestReport } from "../domain/alert/backtest.js";
import type { RuleDraft } from "../domain/alert/registered.js";
import type { AlertRule } from "../domain/alert/rule.js";
import type { Caller } from "../domain/caller.js";
import type { JobRecord } from "../domain/job.js";
import { VitalomeError } from "../errors.js";
import type { BacktestParameters } from "../jobs/parameters.js";
import { policy } from "../policy.js";
import { keyWasUsed, type JobView } from "./job.js";
import type { RegisteredView } from "./registered.js";

export interface BacktestRequest {
  /** The rule: a stored one, or the id a draft would get. */
  readonly id: string;
  /** Of a stored rule; null: the newest. */
  readonly version: number | null;
  /** The rule as it would be written; null: the stored one. */
  readonly draft: RuleDraft | null;
  /** The rule it is compared with; null: the one of its own id. */
  readonly against: string | null;
  /** Of effective times; half open, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Null: everybody. */
  readonly patientIds: readonly string[] | null;
  readonly toleranceMs: number;
  readonly idempotencyKey: string;
}

export interface BacktestView {
  /**
   * Submits the job that replays the period. Which versions are compared is settled here; the same key again answers the same job,
   * whatever was written since. BAD_USER_INPUT names what is wrong with the rule or the period, NOT_FOUND a rule or a version
   * there is not.
   */
  submit(request: BacktestRequest): Promise<JobRecord>;
  /** What it found; null for other jobs, and until it has ended. */
  report(job: JobRecord): Promise<BacktestReport | null>;
}

export interface BacktestViewOptions {
  readonly caller: Caller;
  readonly registered: RegisteredView;
  readonly jobs: JobView;
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 366;
const MOST_PATIENTS = 1_000;
const LONGEST_TOLERANCE_MS = DAY_MS;

export function createBacktestView({ caller, registered, jobs }: BacktestViewOptions): BacktestView {
  function allow(): void {
    for (const table of ["rules", "alerts", "observations", "patients"] as const) policy(caller, table);
  }

  return {
    async submit({ idempotencyKey, ...request }) {
      allow();
      checkBounds(request);
      // Plain JSON, as it is kept with the job.
      const asked = JSON.parse(JSON.stringify(request)) as Record<string, unknown>;
      const isSame = (known: JobRecord["parameters"]): boolean => isDeepStrictEqual(known["asked"], asked);
      const known = jobs.findByKey(BACKTEST_KIND, idempotencyKey);
      if (known !== null) {
        if (!isSame(known.parameters)) throw keyWasUsed();
        return known;
      }
      const { from, to, patientIds, toleranceMs } = request;
      const parameters: BacktestParameters = {
        ...(await rulesOf(registered, request)),
        ...{ asked, from, to, toleranceMs },
        patientIds: patientIds === null ? null : [...patientIds],
      };
      return jobs.submit({ kind: BACKTEST_KIND, parameters, inputs: [], idempotencyKey, retryOf: null }, isSame);
    },
    async report(job) {
      if (job.kind !== BACKTEST_KIND) return null;
      allow();
      return (await jobs.result(job))?.backtest ?? null;
    },
  };
}

async function rulesOf(
  registered: RegisteredView,
  { id, version, draft, against }: Pick<BacktestRequest, "id" | "version" | "draft" | "against">,
): Promise<Pick<BacktestParameters, "candidate" | "current">> {
  if (draft !== null && version !== null) throw invalid("version", "nothing where the rule is given");
  const candidate = draft === null ? await registered.ruleVersion(id, version) : await registered.draftRule(id, draft);
  const rules = await registered.rules(["ACTIVE", "SHADOW"]);
  const current = rules.find((rule) => rule.id === (against ?? id)) ?? null;
  if (against !== null && current === null) throw noRule("against", "there is no such rule in force or being tried");
  return { candidate, current: current !== null && isSameRule(current, candidate) ? null : current };
}

/** A rule is not compared with itself. */
function isSameRule(one: AlertRule, other: AlertRule): boolean {
  return one.id === other.id && one.version === other.version;
}

function noRule(field: string, text: string): VitalomeError {
  return new VitalomeError("NOT_FOUND", text, { details: { field } });
}

function checkBounds({ from, to, patientIds, toleranceMs }: Omit<BacktestRequest, "idempotencyKey">): void {
  if (to <= from) throw invalid("period.to", "a time after period.from");
  if (to - from > LONGEST_DAYS * DAY_MS) throw invalid("period", `at most ${String(LONGEST_DAYS)} days`);
  if (toleranceMs > LONGEST_TOLERANCE_MS) throw invalid("tolerance", "at most P1D");
  if (patientIds === null) return;
  if (patientIds.length < 1 || patientIds.length > MOST_PATIENTS || patientIds.includes(""))
    throw invalid("patientIds", `1 to ${String(MOST_PATIENTS)} patients, or nothing for everybody`);
}

function invalid(field: string, expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `${field}: expected ${expected}`, { details: { field, expected } });
}
