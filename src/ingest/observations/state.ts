/**
 * JSON values by key that outlive the process with the position of what was read. Null: there is none; setting null removes. A
 * value that was set or got is never changed in place.
 */
export interface JudgeState {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Whether something came before, by what names it and what it says. */
export type Seen = "new" | "duplicate" | "conflict";
