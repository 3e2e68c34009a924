import type { LoggedEvent } from "../../backend/index.js";
import type { TopicName } from "../../domain/events/index.js";
import { registryChangedSchema, type RegistryChanged, type RegistryKind } from "../../domain/events/state.js";
import { readEvent } from "./read.js";

export const REGISTRY_CHANGED = "registry.changed.v1" satisfies TopicName;

export function parseRegistryChange(event: LoggedEvent): RegistryChanged {
  return readEvent(event, registryChangedSchema);
}

export function registryKey(kind: RegistryKind, id: string): string {
  return `${kind}/${id}`;
}

/**
 * The registry by key. Of two changes that claim the same version the first in the log holds: whoever wrote the other reads
 * that it was too late. True when the change holds.
 */
export function foldRegistry(entries: Map<string, RegistryChanged>, change: RegistryChanged): boolean {
  const key = registryKey(change.kind, change.id);
  const known = entries.get(key);
  if (known !== undefined && known.version >= change.version) return false;
  entries.set(key, change);
  return true;
}
