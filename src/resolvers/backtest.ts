import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { JobRecord } from "../domain/job.js";
import { AlertRuleInput } from "../schema/alert-rule.js";
import { BacktestReport, PeriodInput } from "../schema/backtest.js";
import { Cost } from "../schema/cost.js";
import { Job } from "../schema/job.js";
import { DurationScalar } from "../schema/scalars.js";
import { draftOf } from "./alert-rule.js";
import { keyOf } from "./job.js";

const NULLABLE = { nullable: true } as const;
const TEN_MINUTES = 600_000;

@Resolver(() => Job)
export class BacktestResolver {
  @Mutation(() => Job, {
    description:
      "Replays the accepted readings of a period through a rule, stored or only given, and through the one in force. The job's `backtest` says what both would have raised; nothing is written, nobody is called.",
  })
  @Cost(10)
  async backtestRule(
    @Arg("id", () => ID, { description: "Id of the rule; with `input` the one it would get." }) id: string,
    @Arg("period", () => PeriodInput, { description: "Of the times that readings are of; at most 366 days." })
    period: PeriodInput,
    @Arg("idempotencyKey", () => String, {
      description:
        "Any text, 1 to 200 characters. The same key answers the same job; with other arguments it is refused.",
    })
    idempotencyKey: string,
    @Arg("version", () => Int, { ...NULLABLE, description: "Version of a stored rule; the newest when left out." })
    version: number | null,
    @Arg("input", () => AlertRuleInput, {
      ...NULLABLE,
      description: "The rule as it would be; the stored one when left out.",
    })
    input: AlertRuleInput | null,
    @Arg("against", () => ID, {
      ...NULLABLE,
      description:
        "The rule it is compared with, as it is in force or being tried; the one of the same id when left out, where that is another version.",
    })
    against: string | null,
    @Arg("patientIds", () => [ID], { ...NULLABLE, description: "Only these people, 1 to 1000." })
    patientIds: string[] | null,
    @Arg("tolerance", () => DurationScalar, {
      defaultValue: TEN_MINUTES,
      description: "Two alerts are about the same when they are no further apart than this; at most P1D. A convention.",
    })
    toleranceMs: number,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.backtests.submit({
      ...{ id, version: version ?? null, draft: input == null ? null : draftOf(input), against: against ?? null },
      ...{ from: period.from, to: period.to, patientIds: patientIds ?? null, toleranceMs },
      idempotencyKey: keyOf(idempotencyKey),
    });
  }

  @FieldResolver(() => BacktestReport, {
    ...NULLABLE,
    description: "What a backtest found; null for other jobs, and until it has ended.",
  })
  async backtest(@Root() job: JobRecord, @Ctx() context: RequestContext): Promise<BacktestReport | null> {
    const report = await context.backtests.report(job);
    if (report === null) return null;
    const { lead } = report;
    const seconds = lead && {
      leastSeconds: lead.least / 1_000,
      medianSeconds: lead.median / 1_000,
      mostSeconds: lead.most / 1_000,
    };
    return { ...report, lead: seconds };
  }
}
