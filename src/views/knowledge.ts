import type { EventLog } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { DEFAULT_RULES } from "../domain/alert/default-rules.js";
import { knowledgeFrom, type KnowledgeFold } from "../domain/alert/knowledge.js";
import { parseRegistryChange, REGISTRY_CHANGED } from "../ingest/streams/registry.js";
import { startFold, type TopicFold } from "./fold.js";

/**
 * Rules, plans, sources and people of the registry over the default rules, as the worker knows them; one per process. People of
 * snapshots are not in it.
 */
export interface ServedKnowledge {
  readonly knowledge: Omit<KnowledgeFold, "apply">;
  readonly fold: TopicFold;
}

export interface KnowledgeOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (thrown: unknown) => void;
}

export function startKnowledge(options: KnowledgeOptions): ServedKnowledge {
  const knowledge = knowledgeFrom([], { rules: DEFAULT_RULES, person: () => null });
  const fold = startFold({
    ...options,
    topic: REGISTRY_CHANGED,
    apply: (event) => void knowledge.apply(parseRegistryChange(event)),
  });
  return { knowledge, fold };
}
