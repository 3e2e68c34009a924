import type { Leftover } from "../domain/clean-up.js";

/** What a profile keeps beside the store, of snapshots and of jobs. */
export interface Sweeper {
  /** Drops what was made of snapshots before `oldest`, and no file of the store; their numbers. */
  dropBefore(oldest: number): Promise<readonly number[]>;
  leftovers(): Promise<readonly Leftover[]>;
}

/** For a profile that keeps nothing beside the store. */
export const nothingBeside: Sweeper = {
  dropBefore: () => Promise.resolve([]),
  leftovers: () => Promise.resolve([]),
};
