import type { EventLog, LoggedEvent, Position } from "../backend/index.js";
import type { Clock } from "../clock.js";
import { DEFAULT_RULES } from "../domain/alert/default-rules.js";
import { knowledgeFrom, type KnowledgeFold } from "../domain/alert/knowledge.js";
import type { RegistryChanged, RegistryKind } from "../domain/events/state.js";
import { VitalomeError } from "../errors.js";
import { foldRegistry, parseRegistryChange, REGISTRY_CHANGED, registryKey } from "../ingest/streams/registry.js";
import { startFold, type TopicFold } from "./fold.js";
import { readRange } from "./log-range.js";

/** What is known of every entry, folded from its topic; one per process. */
export interface Registry {
  /** Rules, plans, sources and people over the default rules, as the worker knows them. People of snapshots are not in it. */
  readonly knowledge: Omit<KnowledgeFold, "apply">;
  readonly fold: TopicFold;
  /** The newest version of an entry; null where nobody ever said anything of it. */
  find(kind: RegistryKind, id: string): RegistryChanged | null;
  /** The newest versions of all entries of a kind that were not withdrawn. */
  all(kind: RegistryKind): readonly RegistryChanged[];
  /** Every version of an entry that held, the newest first, read from the log. */
  history(kind: RegistryKind, id: string): Promise<readonly RegistryChanged[]>;
  /**
   * Resolves once this process knows the change. CONFLICT where somebody else has taken its version: of two that claim one the
   * first in the log holds.
   */
  write(change: Omit<RegistryChanged, "schema" | "at">): Promise<RegistryChanged>;
}

export interface RegistryOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (thrown: unknown) => void;
}

/** Changes that came too late, of which somebody may still have to be told. */
const REMEMBERED = 1_000;

export function startRegistry(options: RegistryOptions): Registry {
  const { eventLog, clock } = options;
  const entries = new Map<string, RegistryChanged>();
  const knowledge = knowledgeFrom([], { rules: DEFAULT_RULES, person: () => null });
  const tooLate = new Set<bigint>();
  const fold = startFold({ ...options, topic: REGISTRY_CHANGED, apply });

  function apply(event: LoggedEvent): void {
    const change = parseRegistryChange(event);
    if (foldRegistry(entries, change)) {
      knowledge.apply(change);
      return;
    }
    tooLate.add(event.offset);
    for (const oldest of tooLate) if (tooLate.size > REMEMBERED) tooLate.delete(oldest);
  }

  return {
    knowledge,
    fold,
    find: (kind, id) => entries.get(registryKey(kind, id)) ?? null,
    all: (kind) => [...entries.values()].filter((one) => one.kind === kind && one.value !== null),
    async history(kind, id) {
      const [range] = await eventLog.positions(REGISTRY_CHANGED);
      const held = new Map<string, RegistryChanged>();
      const found: RegistryChanged[] = [];
      if (range === undefined) return found;
      const whole = { topic: REGISTRY_CHANGED, partition: 0, from: range.start, to: range.end };
      for await (const event of readRange(eventLog, clock, whole)) {
        if (event.key !== registryKey(kind, id)) continue;
        const change = parseRegistryChange(event);
        if (foldRegistry(held, change)) found.push(change);
      }
      return found.reverse();
    },
    async write(change) {
      const value: RegistryChanged = { schema: 1, ...change, at: clock.now() };
      const key = registryKey(change.kind, change.id);
      const [position] = (await eventLog.append(REGISTRY_CHANGED, [{ key, value }])) as [Position];
      await fold.until(position);
      if (tooLate.has(position.offset)) throw changedMeanwhile();
      return value;
    },
  };
}

/** What is answered to whoever knew an older version than there is. */
export function changedMeanwhile(field = "expectedVersion"): VitalomeError {
  return new VitalomeError("CONFLICT", "somebody else has changed it meanwhile: read it again", { details: { field } });
}
