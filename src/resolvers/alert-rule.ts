import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { RuleDraft } from "../domain/alert/registered.js";
import { COMPARATORS, type AlertRule as Rule, type ThresholdSpec as Threshold } from "../domain/alert/rule.js";
import { VitalomeError } from "../errors.js";
import {
  AlertRule,
  AlertRuleInput,
  RULE_CODE,
  RULE_DURATIONS,
  RULE_TERMS,
  RuleStatus,
  RuleTerm,
  type ThresholdInput,
} from "../schema/alert-rule.js";
import { Coding } from "../schema/coding.js";
import { DurationScalar } from "../schema/scalars.js";
import { loincCodeOf } from "./loinc-codes.js";
import { loincOf } from "./observation-record.js";
import { knownPatient } from "./registered.js";
import { invalid } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;

@Resolver(() => AlertRule)
export class AlertRuleResolver {
  @Query(() => [AlertRule], { description: "Every rule in its newest version, by id." })
  async alertRules(
    @Arg("status", () => [RuleStatus], { ...NULLABLE, description: "Only these." }) status: RuleStatus[] | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.registered.rules(status ?? null);
  }

  @Mutation(() => AlertRule, {
    description:
      "Writes a rule. A new one is tried first (SHADOW): it calls nobody until its status is set. The next version of one in force is in force at once; to try other limits, write a rule of another id.",
  })
  async upsertAlertRule(
    @Arg("id", () => ID, { description: "Its id: 1 to 64 small letters, digits and hyphens." }) id: string,
    @Arg("input", () => AlertRuleInput, { description: "The rule." }) input: AlertRuleInput,
    @Arg("expectedVersion", () => Int, {
      ...NULLABLE,
      description:
        "The version it follows; left out for a rule there is not yet. Where there is another, it is a CONFLICT.",
    })
    expectedVersion: number | null,
    @Arg("draft", () => Boolean, { defaultValue: false, description: "A new rule is not even tried yet." })
    isDraft: boolean,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const draft = draftOf(input);
    const terms = { expectedVersion: expectedVersion ?? null, isDraft };
    if (draft.appliesTo.patientId !== null) await knownPatient(context, draft.appliesTo.patientId);
    return context.registered.upsertRule(id, draft, terms);
  }

  @Mutation(() => AlertRule, {
    description:
      "Moves a rule on: DRAFT to SHADOW to ACTIVE, back to SHADOW, and from each to RETIRED, which may be tried again.",
  })
  async setAlertRuleStatus(
    @Arg("id", () => ID, { description: "Id of the rule." }) id: string,
    @Arg("status", () => RuleStatus, { description: "Its next status." }) status: RuleStatus,
    @Arg("reason", () => String, { description: "Why; kept with the change." }) reason: string,
    @Arg("expectedVersion", () => Int, { ...NULLABLE, description: "The version it is meant of; any, when left out." })
    expectedVersion: number | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.registered.setRuleStatus(id, status, { reason, expectedVersion: expectedVersion ?? null });
  }

  @FieldResolver(() => Coding, { ...NULLABLE, description: RULE_CODE })
  code(@Root() rule: Rule): Coding | null {
    return rule.code === null ? null : loincOf(rule.code);
  }

  @FieldResolver(() => [RuleTerm], { ...NULLABLE, description: RULE_TERMS })
  terms(@Root() rule: Rule): readonly RuleTerm[] | null {
    return rule.terms?.map(({ code, limit }) => ({ code: loincOf(code), limit })) ?? null;
  }

  @FieldResolver(() => DurationScalar, { description: RULE_DURATIONS.delay })
  delay(@Root() rule: Rule): number {
    return rule.delayMs;
  }

  @FieldResolver(() => DurationScalar, { description: RULE_DURATIONS.clearDelay })
  clearDelay(@Root() rule: Rule): number {
    return rule.clearDelayMs;
  }

  @FieldResolver(() => DurationScalar, { ...NULLABLE, description: RULE_DURATIONS.window })
  window(@Root() rule: Rule): number | null {
    return rule.windowMs;
  }

  @FieldResolver(() => DurationScalar, { ...NULLABLE, description: RULE_DURATIONS.reAlarm })
  reAlarm(@Root() rule: Rule): number | null {
    return rule.reAlarmMs;
  }

  @FieldResolver(() => DurationScalar, { ...NULLABLE, description: RULE_DURATIONS.staleAfter })
  staleAfter(@Root() rule: Rule): number | null {
    return rule.staleAfterMs;
  }
}

/** The rule as it is kept. BAD_USER_INPUT names what cannot be read. */
export function draftOf(input: AlertRuleInput): RuleDraft {
  const { kind, name, priority, code, score, terms, technical, singleRed, latching, appliesTo, rationale } = input;
  if (score != null && score !== "NEWS2") throw invalid("input.score", "NEWS2");
  return {
    ...{ kind, name, priority, singleRed, latching, rationale },
    code: code == null ? null : loincCodeOf(code, "input.code"),
    limit: thresholdOf(input.limit, "input.limit"),
    clear: thresholdOf(input.clear, "input.clear"),
    delayMs: input.delay ?? 0,
    clearDelayMs: input.clearDelay ?? 0,
    windowMs: input.window ?? null,
    score: score ?? null,
    terms: terms?.map((term, at) => termOf(term, `input.terms.${String(at)}`)) ?? null,
    technical: technical ?? null,
    reAlarmMs: input.reAlarm ?? null,
    staleAfterMs: input.staleAfter ?? null,
    appliesTo: {
      patientId: appliesTo?.patientId ?? null,
      ageMin: appliesTo?.ageMin ?? null,
      ageMax: appliesTo?.ageMax ?? null,
    },
  };
}

function termOf(
  { code, limit }: NonNullable<AlertRuleInput["terms"]>[number],
  field: string,
): NonNullable<RuleDraft["terms"]>[number] {
  const spec = thresholdOf(limit, `${field}.limit`);
  if (spec === null) throw new VitalomeError("BAD_USER_INPUT", `${field}.limit: expected a limit`);
  return { code: loincCodeOf(code, `${field}.code`), limit: spec };
}

function thresholdOf(given: ThresholdInput | null | undefined, field: string): Threshold | null {
  if (given == null) return null;
  const comparator = COMPARATORS.find((one) => one === given.comparator);
  if (comparator === undefined) throw invalid(`${field}.comparator`, COMPARATORS.join(", "));
  return { comparator, value: given.value, unit: given.unit ?? null };
}
