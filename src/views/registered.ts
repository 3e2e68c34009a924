import type { Clock } from "../clock.js";
import type { RuleFault } from "../domain/alert/check-rule.js";
import type { SourceFacts } from "../domain/alert/inputs.js";
import type { MonitoringPlan } from "../domain/alert/plan.js";
import {
  nextRule,
  nameFaults,
  nextStatuses,
  planFaults,
  ruleFaults,
  sourceFaults,
  type PlanDraft,
  type RuleDraft,
} from "../domain/alert/registered.js";
import { DEFAULT_RULES } from "../domain/alert/default-rules.js";
import { alertRuleSchema, type AlertRule, type RuleStatus } from "../domain/alert/rule.js";
import { staleAfterOf } from "../domain/alert/source.js";
import type { Caller } from "../domain/caller.js";
import { cohortSchema, type Cohort } from "../domain/cohort.js";
import { patientConsentSchema, type PatientConsent } from "../domain/consent.js";
import type { RegistryChanged, RegistryKind } from "../domain/events/state.js";
import { VitalomeError } from "../errors.js";
import { policy } from "../policy.js";
import { changedMeanwhile, type Registry } from "./registry.js";

/** How a change is to be taken. `expectedVersion` null: whatever there is. */
export interface ChangeTerms {
  readonly expectedVersion: number | null;
  readonly reason: string;
}

export type RegisteredConsent = PatientConsent & { readonly version: number };
export type RegisteredSource = SourceFacts & { readonly version: number };
export type SourceDraft = Omit<SourceFacts, "staleAfterMs"> & { readonly staleAfterMs: number | null };

/** What people lay down for watching patients. Each change says by whom and why; nothing that was said is lost. */
export interface RegisteredView {
  /** Every rule in its newest version, by id; only of these statuses where given. */
  rules(statuses: readonly RuleStatus[] | null): Promise<readonly AlertRule[]>;
  /**
   * A new rule, or the next version of one: `expectedVersion` is the one it follows, null of a new one. BAD_USER_INPUT names
   * every fault; CONFLICT where there is another version.
   */
  upsertRule(
    id: string,
    draft: RuleDraft,
    terms: { readonly expectedVersion: number | null; readonly isDraft: boolean },
  ): Promise<AlertRule>;
  setRuleStatus(id: string, status: RuleStatus, terms: ChangeTerms): Promise<AlertRule>;
  /** A version of a rule, null: the newest. NOT_FOUND where there is none. */
  ruleVersion(id: string, version: number | null): Promise<AlertRule>;
  /** The version that `upsertRule` would write; nothing is written. BAD_USER_INPUT names every fault. */
  draftRule(id: string, draft: RuleDraft): Promise<AlertRule>;
  /** The plan in force at a time, in milliseconds since the epoch; null: now. Of a merged record it is the surviving one's. */
  plan(patientId: string, at: number | null): Promise<MonitoringPlan | null>;
  setPlan(patientId: string, draft: PlanDraft, expectedVersion: number | null): Promise<MonitoringPlan>;
  /** Of a person, under whichever of their records they said it; null: they said nothing. */
  consent(patientId: string): Promise<RegisteredConsent | null>;
  /** Of the surviving record; what is given anew is given under every record it was withdrawn under. */
  setConsent(patientId: string, state: PatientConsent["state"], terms: ChangeTerms): Promise<RegisteredConsent>;
  /** By id. */
  cohorts(): Promise<readonly Cohort[]>;
  /** NOT_FOUND where there is none. */
  cohort(id: string): Promise<Cohort>;
  /** As this process knows it now, once `cohort` has answered. */
  cohortNow(id: string): Cohort;
  setCohort(draft: Omit<Cohort, "version">, terms: ChangeTerms): Promise<Cohort>;
  /** Those somebody has described, by id. */
  sources(): Promise<readonly RegisteredSource[]>;
  /** `staleAfterMs` null: as is usual for its kind. */
  setSource(source: SourceDraft, terms: ChangeTerms): Promise<RegisteredSource>;
  /** Every version of an entry, the newest first. */
  history(kind: RegistryKind, id: string): Promise<readonly RegistryChanged[]>;
}

export interface RegisteredViewOptions {
  readonly caller: Caller;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** Kinds that tell nothing of a person. */
const IMPERSONAL: ReadonlySet<RegistryKind> = new Set(["alert-rule", "source", "named-query", "model-stage", "cohort"]);
const LONGEST_REASON = 2_000;

export function createRegisteredView({ caller, registry, clock }: RegisteredViewOptions): RegisteredView {
  const { knowledge } = registry;

  async function allow(isPersonal = false): Promise<void> {
    policy(caller, "rules");
    if (isPersonal) policy(caller, "patients");
    await registry.fold.ready();
  }

  /** The next version; of what only a table says the version there counts as said. */
  async function write(kind: RegistryKind, id: string, known: number, value: object, reason: string): Promise<number> {
    const version = Math.max(known, registry.find(kind, id)?.version ?? 0) + 1;
    await registry.write({
      ...{ kind, id, version, by: caller.subject, reason },
      value: { ...value, ...("version" in value ? { version } : {}) },
    });
    return version;
  }

  const findRule = (id: string): AlertRule | null => knowledge.everyRule.find((rule) => rule.id === id) ?? null;

  function drafted(id: string, draft: RuleDraft, isDraft: boolean): AlertRule {
    const rule = nextRule(id, findRule(id), draft, { isDraft, author: caller.subject });
    refuse(ruleFaults(rule), "input");
    return rule;
  }

  /** As the registry held it, or as it came with the service. */
  async function findVersion(id: string, version: number): Promise<AlertRule | null> {
    const shipped = DEFAULT_RULES.find((rule) => rule.id === id && rule.version === version);
    const change = (await registry.history("alert-rule", id)).find((one) => one.version === version);
    const said = alertRuleSchema.safeParse(change?.value);
    if (!said.success) return shipped ?? null;
    return { ...said.data, id, version };
  }

  function readCohort({ id, version, value }: RegistryChanged): readonly Cohort[] {
    const said = cohortSchema.safeParse(value);
    return said.success ? [{ ...said.data, id, version }] : [];
  }

  function findCohort(id: string): Cohort {
    const change = registry.find("cohort", id);
    const [found] = change === null ? [] : readCohort(change);
    if (found === undefined) throw notFound("cohort", "cohortId");
    return found;
  }

  function findConsent(id: string): PatientConsent | null {
    const said = patientConsentSchema.safeParse(registry.find("consent", id)?.value);
    return said.success ? said.data : null;
  }

  return {
    async rules(statuses) {
      await allow();
      return knowledge.everyRule.filter(({ status }) => statuses === null || statuses.includes(status));
    },
    async upsertRule(id, draft, { expectedVersion, isDraft }) {
      await allow();
      const known = findRule(id);
      if ((known?.version ?? null) !== expectedVersion) throw changedMeanwhile();
      const rule = drafted(id, draft, isDraft);
      const version = await write("alert-rule", id, known?.version ?? 0, rule, draft.rationale ?? "");
      return { ...rule, version };
    },
    async setRuleStatus(id, status, { expectedVersion, reason }) {
      await allow();
      const known = findRule(id);
      if (known === null) throw notFound("rule", "id");
      if (expectedVersion !== null && known.version !== expectedVersion) throw changedMeanwhile();
      checkReason(reason);
      const next = nextStatuses(known.status);
      if (!next.includes(status)) refuse([{ field: "status", found: status, expected: next.join(" or ") }], null);
      const rule = { ...known, status, author: caller.subject };
      return { ...rule, version: await write("alert-rule", id, known.version, rule, reason) };
    },
    async ruleVersion(id, version) {
      await allow();
      const newest = findRule(id);
      if (version === null || newest?.version === version) {
        if (newest === null) throw notFound("rule", "id");
        return newest;
      }
      const found = await findVersion(id, version);
      if (found === null) throw newest === null ? notFound("rule", "id") : notFound("version of the rule", "version");
      return found;
    },
    async draftRule(id, draft) {
      await allow();
      return drafted(id, draft, false);
    },
    async plan(patientId, at) {
      await allow(true);
      return knowledge.plan(knowledge.resolve(patientId), at ?? clock.now());
    },
    async setPlan(asked, draft, expectedVersion) {
      await allow(true);
      const patientId = knowledge.resolve(asked);
      const known = registry.find("monitoring-plan", patientId)?.version ?? 0;
      if (expectedVersion !== null && expectedVersion !== known) throw changedMeanwhile();
      refuse(planFaults(draft), "plan");
      const plan: MonitoringPlan = { ...draft, patientId, version: known + 1 };
      return { ...plan, version: await write("monitoring-plan", patientId, known, plan, draft.reason) };
    },
    async consent(patientId) {
      await allow(true);
      const [own, ...merged] = knowledge.recordsOf(patientId);
      if (own === undefined) return null;
      const said = [own, ...merged].map(findConsent).filter((one) => one !== null);
      const consent = said.find(({ state }) => state === "WITHDRAWN") ?? said[0];
      return consent === undefined ? null : { ...consent, version: registry.find("consent", own)?.version ?? 0 };
    },
    async setConsent(asked, state, { expectedVersion, reason }) {
      await allow(true);
      const patientId = knowledge.resolve(asked);
      const known = registry.find("consent", patientId)?.version ?? 0;
      if (expectedVersion !== null && expectedVersion !== known) throw changedMeanwhile();
      checkReason(reason);
      const consent: PatientConsent = { state, since: clock.now() };
      const merged = knowledge.recordsOf(patientId).filter((id) => id !== patientId);
      for (const id of state === "GIVEN" ? merged : [])
        if (findConsent(id)?.state === "WITHDRAWN") await write("consent", id, 0, consent, reason);
      return { ...consent, version: await write("consent", patientId, known, consent, reason) };
    },
    async cohorts() {
      await allow(true);
      return registry
        .all("cohort")
        .flatMap(readCohort)
        .sort((one, other) => (one.id < other.id ? -1 : 1));
    },
    async cohort(id) {
      await allow(true);
      return findCohort(id);
    },
    cohortNow: findCohort,
    async setCohort({ id, name, definition }, { expectedVersion, reason }) {
      await allow(true);
      const known = registry.find("cohort", id)?.version ?? 0;
      if (expectedVersion !== null && expectedVersion !== known) throw changedMeanwhile();
      refuse(nameFaults(id, name), "input");
      checkReason(reason, "input.reason");
      return { id, name, definition, version: await write("cohort", id, known, { name, definition }, reason) };
    },
    async sources() {
      await allow();
      return knowledge.sources.map((source) => ({
        ...source,
        version: registry.find("source", source.id)?.version ?? 0,
      }));
    },
    async setSource(draft, { expectedVersion, reason }) {
      await allow();
      const known = registry.find("source", draft.id)?.version ?? 0;
      if (expectedVersion !== null && expectedVersion !== known) throw changedMeanwhile();
      checkReason(reason);
      const taken = knowledge.sources.find(({ id: other, topic }) => topic === draft.topic && other !== draft.id);
      if (draft.topic != null && taken !== undefined)
        refuse([{ field: "topic", found: draft.topic, expected: `a topic that is not that of ${taken.id}` }], null);
      const source: SourceFacts = { ...draft, staleAfterMs: draft.staleAfterMs ?? staleAfterOf(draft.kind) };
      refuse(sourceFaults(source), null);
      const { id, ...facts } = source;
      return { ...source, version: await write("source", id, known, facts, reason) };
    },
    async history(kind, id) {
      await allow(!IMPERSONAL.has(kind));
      return registry.history(kind, id);
    },
  };
}

function notFound(what: string, field: string): VitalomeError {
  return new VitalomeError("NOT_FOUND", `there is no such ${what}`, { details: { field } });
}

function checkReason(reason: string, field = "reason"): void {
  if (reason.trim() !== "" && reason.length <= LONGEST_REASON) return;
  refuse([{ field, found: reason.slice(0, 100), expected: `1 to ${String(LONGEST_REASON)} characters` }], null);
}

function refuse(faults: readonly RuleFault[], argument: string | null): void {
  const [first] = faults;
  if (first === undefined) return;
  const nameOf = ({ field }: RuleFault): string =>
    argument === null || field === "id" ? field : `${argument}.${field}`;
  const said = faults.map((fault) => `${nameOf(fault)}: expected ${fault.expected}, found ${fault.found}`).join("; ");
  throw new VitalomeError("BAD_USER_INPUT", said, { details: { field: nameOf(first), expected: first.expected } });
}
