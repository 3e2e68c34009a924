/** What a job left outside the store. */
export interface Leftover {
  readonly jobId: string;
  readonly files: number;
  readonly bytes: number;
  /** Milliseconds since the epoch: the last time anything of it changed. */
  readonly modifiedAt: number;
  remove(): Promise<void>;
}

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
