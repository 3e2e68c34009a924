import { z } from "zod";
import { patientConsentSchema } from "../consent.js";
import type { RegistryChanged } from "../events/state.js";
import { createPersonLinks, personLinkSchema, type PersonMove } from "../person-link.js";
import { patientStaySchema, type PatientStay } from "../stay.js";
import type { Knowledge, PersonFacts, SourceFacts } from "./inputs.js";
import { monitoringPlanSchema, type MonitoringPlan } from "./plan.js";
import { alertRuleSchema, type AlertRule } from "./rule.js";
import { sourceFactsSchema, unknownSource } from "./source.js";

/** What is known before anything was said in the registry. */
export interface KnowledgeBase {
  /** The rules of `reference/`. */
  readonly rules: readonly AlertRule[];
  /** Who is on record elsewhere; null for nobody. */
  person(patientId: string): PersonFacts | null;
}

/** Whose evaluation a change may alter: everybody's, or one patient's, or of all with readings of a source. */
export type KnowledgeChange =
  | { readonly kind: "rules" }
  | { readonly kind: "patient"; readonly patientId: string }
  | { readonly kind: "source"; readonly source: string }
  /** Records were merged or parted. */
  | { readonly kind: "people"; readonly moves: readonly PersonMove[] }
  /** Somebody came, went or was moved; null: nothing is known of a stay. */
  | {
      readonly kind: "stay";
      readonly patientId: string;
      readonly before: PatientStay | null;
      readonly after: PatientStay | null;
    }
  | { readonly kind: "consent"; readonly patientId: string };

/** An entry that is not what its kind carries: what was known before it still holds. */
export interface KnowledgeFault {
  readonly key: string;
  readonly version: number;
  readonly field: string;
}

/** Knowledge that grows with the registry; every answer is that of the changes taken so far. */
export interface KnowledgeFold extends Knowledge {
  /** Every rule in its newest version, whatever its status, by id. */
  readonly everyRule: readonly AlertRule[];
  /** Every source somebody has described, by id. */
  readonly sources: readonly SourceFacts[];
  /** The newest version of a patient's plan, in force or not; null where there is none, or it was withdrawn. */
  newestPlan(patientId: string): MonitoringPlan | null;
  /** Who a record is on record as now. */
  resolve(patientId: string): string;
  /** All records of the person a record is of: the one that is read, then those that were merged into it, by id. */
  recordsOf(patientId: string): readonly string[];
  /** Whether the person withdrew their consent, under whichever of their records. */
  isWithdrawn(patientId: string): boolean;
  readonly faults: readonly KnowledgeFault[];
  /**
   * Takes the next change of the log. What it may alter; null where it alters nothing: a version that is not above the one
   * known (of two that claim a version the first holds), an entry that cannot be read, or a kind alerts do not rest on.
   */
  apply(change: RegistryChanged): KnowledgeChange | null;
}

/** A version of a plan; without one the patient has none from `from` on. */
interface PlanVersion {
  readonly version: number;
  readonly from: number;
  readonly plan: MonitoringPlan | null;
}

const personSchema = z.object({ birthDate: z.string().nullable(), simulated: z.boolean() });

/** Defaults overlaid by every change of the registry, in the order of the log. */
export function knowledgeFrom(changes: Iterable<RegistryChanged>, base: KnowledgeBase): KnowledgeFold {
  const versions = new Map<string, number>();
  const rules = new Map(base.rules.map((rule) => [rule.id, rule]));
  const plans = new Map<string, PlanVersion[]>();
  const people = new Map<string, PersonFacts>();
  const described = new Map<string, SourceFacts>();
  const links = createPersonLinks();
  const withdrawn = new Set<string>();
  const stays = new Map<string, PatientStay>();
  const faults: KnowledgeFault[] = [];
  let everyRule = inOrder(rules.values());
  let inForce = everyRule.filter(isTried);
  let sources: readonly SourceFacts[] = [];

  function read<T>(change: RegistryChanged, schema: z.ZodType<T>): T | null | undefined {
    if (change.value === null) return null;
    const parsed = schema.safeParse(change.value);
    if (parsed.success) return parsed.data;
    const field = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
    faults.push({ key: `${change.kind}/${change.id}`, version: change.version, field });
    return undefined;
  }

  function put<T>(known: Map<string, T>, id: string, value: T | null): void {
    if (value === null) known.delete(id);
    else known.set(id, value);
  }

  function take(change: RegistryChanged): KnowledgeChange | null {
    const { id, version } = change;
    switch (change.kind) {
      case "alert-rule": {
        const rule = read(change, alertRuleSchema);
        if (rule === undefined) return null;
        put(rules, id, rule === null ? null : { ...rule, id, version });
        everyRule = inOrder(rules.values());
        inForce = everyRule.filter(isTried);
        return { kind: "rules" };
      }
      case "monitoring-plan": {
        const plan = read(change, monitoringPlanSchema);
        if (plan === undefined) return null;
        const from = plan?.validFrom ?? change.at;
        const own = { version, from, plan: plan === null ? null : { ...plan, patientId: id, version } };
        plans.set(id, [...(plans.get(id) ?? []), own]);
        return { kind: "patient", patientId: id };
      }
      case "patient": {
        const person = read(change, personSchema);
        if (person === undefined) return null;
        put(people, id, person === null ? null : { ...person, id });
        return { kind: "patient", patientId: id };
      }
      case "source": {
        const source = read(change, sourceFactsSchema);
        if (source === undefined) return null;
        put(described, id, source === null ? null : { ...source, id });
        sources = inOrder(described.values());
        return { kind: "source", source: id };
      }
      case "link": {
        const link = read(change, personLinkSchema);
        return link === undefined ? null : { kind: "people", moves: links.set(id, link) };
      }
      case "stay": {
        const stay = read(change, patientStaySchema);
        if (stay === undefined) return null;
        const before = stays.get(id) ?? null;
        put(stays, id, stay);
        return { kind: "stay", patientId: id, before, after: stay };
      }
      case "consent": {
        const consent = read(change, patientConsentSchema);
        if (consent === undefined) return null;
        if (consent?.state === "WITHDRAWN") withdrawn.add(id);
        else withdrawn.delete(id);
        return { kind: "consent", patientId: id };
      }
      default:
        return null;
    }
  }

  const fold: KnowledgeFold = {
    get rules() {
      return inForce;
    },
    get everyRule() {
      return everyRule;
    },
    get sources() {
      return sources;
    },
    get faults() {
      return faults;
    },
    resolve: links.resolve,
    recordsOf: links.recordsOf,
    isWithdrawn: (id) => withdrawn.size > 0 && links.recordsOf(id).some((one) => withdrawn.has(one)),
    person: (id) => people.get(id) ?? base.person(id),
    source: (id) => described.get(id) ?? unknownSource(id),
    newestPlan: (patientId) => plans.get(patientId)?.at(-1)?.plan ?? null,
    plan(patientId, at) {
      // From its start on a version replaces every one before it, also where it ends before they do.
      const plan = plans.get(patientId)?.findLast(({ from }) => from <= at)?.plan ?? null;
      return plan === null || (plan.validTo !== null && plan.validTo <= at) ? null : plan;
    },
    apply(change) {
      const key = `${change.kind}/${change.id}`;
      if (change.version <= (versions.get(key) ?? 0)) return null;
      versions.set(key, change.version);
      return take(change);
    },
  };
  for (const change of changes) fold.apply(change);
  return fold;
}

function isTried({ status }: AlertRule): boolean {
  return status === "ACTIVE" || status === "SHADOW";
}

function inOrder<T extends { readonly id: string }>(values: Iterable<T>): readonly T[] {
  return [...values].sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
}
