import { Arg, Ctx, ID, Int, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../context.js";
import { parseDuration } from "../domain/duration.js";
import { Alert } from "../schema/alert.js";
import { AlertAssessment } from "../schema/alert-enums.js";
import { Cost } from "../schema/cost.js";
import { DateTimeScalar } from "../schema/scalars.js";
import type { AlertRequest } from "../views/alert.js";
import { keyOf } from "./job.js";
import { invalid } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;
const ALERT = { description: "Id of the alert." };
const VERSION = {
  ...NULLABLE,
  description: "Version the caller saw: CONFLICT, with the version it has, when it has another by then.",
};
const KEY = {
  ...NULLABLE,
  description: "A repeat with the same key is answered as the first was. Without one every call is a new command.",
};
const REASON = { description: "Why; kept with the alert." };

/** What people do about alerts. The worker decides; an answer is the alert right behind the command. */
@Resolver()
export class AlertCommandResolver {
  @Mutation(() => Alert, {
    description: "Takes an alert on: it stops calling while its condition is present. Acknowledged is not resolved.",
  })
  @Cost(10)
  async acknowledgeAlert(
    @Arg("id", () => ID, ALERT) id: string,
    @Arg("expectedVersion", () => Int, { ...VERSION, nullable: false }) expectedVersion: number,
    @Arg("idempotencyKey", () => String, { ...KEY, nullable: false }) idempotencyKey: string,
    @Arg("note", () => String, { ...NULLABLE, description: "What to note with it." }) note: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return command(context, id, expectedVersion, idempotencyKey, { command: "acknowledge", note: note ?? null });
  }

  @Mutation(() => Alert, {
    description:
      "Silences an alert until a time, which its priority bounds. Worsening ends the silence. Give until or duration.",
  })
  @Cost(10)
  async snoozeAlert(
    @Arg("id", () => ID, ALERT) id: string,
    @Arg("until", () => DateTimeScalar, { ...NULLABLE, description: "When the silence ends." }) until: number | null,
    @Arg("duration", () => String, { ...NULLABLE, description: "How long from now, as ISO 8601, such as PT10M." })
    duration: string | null,
    @Arg("reason", () => String, REASON) reason: string,
    @Arg("expectedVersion", () => Int, VERSION) expectedVersion: number | null,
    @Arg("idempotencyKey", () => String, KEY) idempotencyKey: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    if ((until == null) === (duration == null)) throw invalid("until", "either until or duration");
    const lasting = duration == null ? null : parseDuration(duration);
    if (duration != null && (lasting === null || lasting === 0))
      throw invalid("duration", "an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as PT10M");
    const end = until == null ? { in: lasting ?? 0 } : { at: until };
    return command(context, id, expectedVersion, idempotencyKey, { command: "snooze", until: end, reason });
  }

  @Mutation(() => Alert, { description: "Ends the silence of an alert." })
  @Cost(10)
  async unsnoozeAlert(
    @Arg("id", () => ID, ALERT) id: string,
    @Arg("expectedVersion", () => Int, VERSION) expectedVersion: number | null,
    @Arg("idempotencyKey", () => String, KEY) idempotencyKey: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return command(context, id, expectedVersion, idempotencyKey, { command: "unsnooze" });
  }

  @Mutation(() => Alert, { description: "Ends an alert by hand. Silence never ends one." })
  @Cost(10)
  async resolveAlert(
    @Arg("id", () => ID, ALERT) id: string,
    @Arg("reason", () => String, REASON) reason: string,
    @Arg("expectedVersion", () => Int, VERSION) expectedVersion: number | null,
    @Arg("idempotencyKey", () => String, KEY) idempotencyKey: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return command(context, id, expectedVersion, idempotencyKey, { command: "resolve", reason });
  }

  @Mutation(() => Alert, { description: "Says what somebody who looked thinks of an alert." })
  @Cost(10)
  async assessAlert(
    @Arg("id", () => ID, ALERT) id: string,
    @Arg("assessment", () => AlertAssessment, { description: "What they think." }) assessment: AlertAssessment,
    @Arg("expectedVersion", () => Int, VERSION) expectedVersion: number | null,
    @Arg("idempotencyKey", () => String, KEY) idempotencyKey: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return command(context, id, expectedVersion, idempotencyKey, { command: "assess", assessment });
  }
}

async function command(
  context: RequestContext,
  alertId: string,
  expectedVersion: number | null | undefined,
  key: string | null | undefined,
  request: AlertRequest,
): Promise<object> {
  const idempotencyKey = key == null ? `request ${context.requestId}` : `key ${keyOf(key)}`;
  return context.alerts.command({ alertId, expectedVersion: expectedVersion ?? null, idempotencyKey }, request);
}
