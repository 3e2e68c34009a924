import type { Caller } from "../domain/caller.js";
import type { CallSetFacts } from "../lake/call-sets.js";
import type { SnapshotReaders } from "../lake/snapshot-reader.js";
import type { Snapshots } from "../lake/snapshots.js";
import { policy } from "../policy.js";

export interface CallSetView {
  /** By build, name and id. */
  list(): Promise<readonly CallSetFacts[]>;
  find(id: string): Promise<CallSetFacts | null>;
}

export function createCallSetView(options: {
  readonly caller: Caller;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
}): CallSetView {
  const load = async (): Promise<readonly CallSetFacts[]> => {
    policy(options.caller, "call_sets");
    const reader = await options.readers.open(await options.snapshots.refresh());
    const name = ({ build, name: label, id }: CallSetFacts): string => `${build}\t${label ?? ""}\t${id}`;
    return [...reader.callSets.all].sort((left, right) => (name(left) < name(right) ? -1 : 1));
  };
  return { list: load, find: async (id) => (await load()).find((callSet) => callSet.id === id) ?? null };
}
